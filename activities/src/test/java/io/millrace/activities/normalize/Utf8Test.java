package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The check of UTF-8, against the JDK's decoder. */
class Utf8Test {
  /** First and last of each form, and what lies just outside. */
  private static final int[] EDGES = {
    'a', ' ', 0x7F, 0x80, 0x7FF, 0x800, 0xFFF, 0x1000, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF
  };

  private static final byte[][] BROKEN = {
    {(byte) 0x80},
    {(byte) 0xC0, (byte) 0x80},
    {(byte) 0xC1, (byte) 0xBF},
    {(byte) 0xC3},
    {(byte) 0xE0, (byte) 0x9F, (byte) 0xBF},
    {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
    {(byte) 0xED, (byte) 0xBF, (byte) 0xBF},
    {(byte) 0xE2, (byte) 0x82},
    {(byte) 0xF0, (byte) 0x8F, (byte) 0xBF, (byte) 0xBF},
    {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
    {(byte) 0xF5, (byte) 0x80, (byte) 0x80, (byte) 0x80},
    {(byte) 0xFF},
  };

  private final SplittableRandom random = new SplittableRandom(20261121);

  @Test
  void acceptsAndRefusesWhatTheDecoderDoes() {
    int refused = 0;
    for (int n = 0; n < 200_000; n++) {
      byte[] text = text();
      boolean valid = valid(text);
      refused += valid ? 0 : 1;
      String shown = HexFormat.of().formatHex(text);
      assertThat(string(text)).as(shown).isEqualTo(valid);
      assertThat(range(text)).as(shown).isEqualTo(valid);
    }
    assertThat(refused).isBetween(20_000, 180_000);
  }

  private byte[] text() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int kind = random.nextInt(4);
    for (int n = random.nextInt(24); n > 0; n--) {
      int c =
          switch (kind) {
            case 0 -> 0x400 + random.nextInt(64);
            case 1 -> 0x4E00 + random.nextInt(64);
            default -> EDGES[random.nextInt(EDGES.length)];
          };
      out.writeBytes(
          random.nextInt(40) == 0
              ? BROKEN[random.nextInt(BROKEN.length)]
              : Character.toString(c).getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private static boolean valid(byte[] text) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static byte[] quoted(byte[] text) {
    byte[] b = Arrays.copyOf(new byte[] {'"'}, text.length + 2 + Window.SLACK);
    System.arraycopy(text, 0, b, 1, text.length);
    b[text.length + 1] = '"';
    return b;
  }

  /** As a string of the long way. */
  private static boolean string(byte[] text) {
    Scanner scanner = new Scanner();
    try {
      scanner.text(quoted(text), 1, text.length + 2);
      return scanner.len == text.length;
    } catch (Refused e) {
      return false;
    }
  }

  /** As a text of the short way, whose end is known. */
  private static boolean range(byte[] text) {
    Scanner scanner = new Scanner();
    scanner.window = Window.whole();
    scanner.buf = quoted(text);
    scanner.limit = text.length + 2;
    try {
      scanner.utf8(1, text.length + 1);
      return true;
    } catch (Refused e) {
      return false;
    }
  }
}
