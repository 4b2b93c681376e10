package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShapeTest {
  private static final Map<Shape, String> DIGESTS =
      Map.of(
          Shape.GITHUB, "14d029bc710798d865830a0fde253d0cdec5a1f9b1172f74b9c660d2745eefc5",
          Shape.NARROW, "4df097d95bddfe3b05f8c19ace6abccfd95697bd7cb9c27df81ef49a76349e54",
          Shape.DEEP, "4b65a874e7780fa3df3217f48ed0b56a404d3ab67dd89ca3f555d97d1bffc9ab",
          Shape.UNICODE, "98686b127554c641f2144464888bb786dd6e7dcfb148f0e1b5f9cc6fe6321123");

  @Test
  void makesTheSameBytesEachTime() throws NoSuchAlgorithmException {
    for (Shape shape : Shape.values()) {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(shape.bytes(1_000));
      assertThat(HexFormat.of().formatHex(digest))
          .as("a changed generator makes old figures incomparable: " + shape)
          .isEqualTo(DIGESTS.get(shape));
    }
  }

  @Test
  void makesEventsOfAboutFifteenHundredBytes() {
    assertThat(Shape.GITHUB.bytes(20_000).length / 20_000).isBetween(1_450, 1_650);
  }

  @Test
  void makesOtherShapesOfAboutAsManyBytes() {
    int events = Shape.GITHUB.bytes(5_000).length;
    for (Shape shape : Shape.values()) {
      assertThat((double) shape.bytes(shape.recordsLike(5_000)).length / events)
          .as(shape.title())
          .isBetween(0.9, 1.1);
    }
  }

  @Test
  void writesUnicodeThatIsHardlyAscii() {
    String text = new String(Shape.UNICODE.bytes(100), StandardCharsets.UTF_8);
    assertThat(text.getBytes(StandardCharsets.UTF_8).length).isGreaterThan(text.length() * 4 / 3);
  }
}
