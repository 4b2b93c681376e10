package io.millrace.activities.normalize.value;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.activities.staging.NumberedIds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowIdsTest {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final RowIds ids = new RowIds();

  @ParameterizedTest
  @CsvSource({
    "PARENT, t__l, 0, y975BYAV+oPQBQ",
    "nVTpJxC+B4lTIg, t__l, 0, MsoR+ohYR05MPA",
    "p, ü, -3, y9/bukYkVzCtvw",
  })
  void childIdsAreThoseOfDlt(String parent, String table, long index, String id) {
    byte[] p = ("xx" + parent).getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[16];
    ids.child(out, 1, p, 2, p.length - 2, table.getBytes(StandardCharsets.UTF_8), index);
    assertThat(new String(out, 1, RowIds.LENGTH, StandardCharsets.US_ASCII)).isEqualTo(id);
    assertThat(out[0]).isZero();
    assertThat(out[15]).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 12345})
  void numberedIdsAreTheNumbersOfAGeneratorThatAHashSeeds(int number) {
    byte[] message = "load_events".getBytes(StandardCharsets.UTF_8);
    ByteBuffer key = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    Shake128.digest(message, 0, message.length, key.array(), 0, 16);
    SplittableRandom first = new SplittableRandom(key.getLong(0) - GOLDEN);
    long eight = 0;
    for (int i = 0; i <= number; i++) {
      eight = first.nextLong();
    }
    long two = new SplittableRandom(eight + key.getLong(8) - GOLDEN).nextLong();
    byte[] bytes =
        ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(eight).putLong(two).array();
    String want = Base64.getEncoder().withoutPadding().encodeToString(Arrays.copyOf(bytes, 10));
    assertThat(numbered("load", "events", number)).isEqualTo(want);
    assertThat(numbered("load", "events", number)).as("second attempt").isEqualTo(want);
  }

  @Test
  void numberedIdsDifferByNumberTableAndLoad() {
    Set<String> all = new HashSet<>();
    for (String load : List.of("a", "b")) {
      for (String table : List.of("t", "t".repeat(200))) {
        NumberedIds ids = RowIds.numbered(load, table);
        for (int number = 0; number < 1000; number++) {
          byte[] out = new byte[RowIds.LENGTH];
          ids.write(out, 0, number);
          all.add(new String(out, StandardCharsets.US_ASCII));
        }
      }
    }
    assertThat(all).hasSize(4000);
  }

  private static String numbered(String load, String table, long number) {
    byte[] out = new byte[RowIds.LENGTH];
    RowIds.numbered(load, table).write(out, 0, number);
    return new String(out, StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @MethodSource("hashes")
  void keyAndRowHashesAreThoseOfDlt(String json, String id) {
    byte[] in = json.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[RowIds.LENGTH];
    ids.hash(out, 0, in, 0, in.length);
    assertThat(new String(out, StandardCharsets.US_ASCII)).isEqualTo(id);
  }

  static Object[][] hashes() {
    return new Object[][] {
      {"{\"id\":1}", "z5jIxXIbUnmbKw"},
      {"{\"id\":2}", "M6/KlLzJ2FeV/w"},
      {"{\"id\":1.0}", "cvXT4XHjvZjFxg"},
      {"{\"id\":1e+16}", "6N0mXdwMw8jGdA"},
      {"{\"id\":null}", "ljdFSlj0Tv4BqQ"},
      {"{\"d\":\"ü\"}", "8X0sGf4NCRWX3w"},
      {"{\"b\":2,\"id\":\"a\"}", "v6PvCahLyofDKg"},
      {"{\"a\":1,\"b\":\"x\"}", "khlsLbyhkJKGeQ"},
      {"{\"a\":1,\"b\":\"y\"}", "SWZEai+4BEtqag"},
      {"{\"a\":[1,{\"c\":2}],\"b\":1}", "ugJ+b9oAKmrbrw"},
      {"{\"d\":\"\uF0272024-01-02T03:04:05+00:00\",\"x\":\"\uF0261.5\"}", "Q795v9R6B3Sl6Q"},
    };
  }

  @Test
  void everyIdIsTheBase64OfTheDigest() {
    Random random = new Random(7);
    byte[] digest = new byte[10];
    byte[] out = new byte[RowIds.LENGTH];
    for (int i = 0; i < 20_000; i++) {
      byte[] in = new byte[random.nextInt(400)];
      random.nextBytes(in);
      Shake128.digest(in, 0, in.length, digest, 0, 10);
      ids.hash(out, 0, in, 0, in.length);
      assertThat(new String(out, StandardCharsets.US_ASCII))
          .isEqualTo(Base64.getEncoder().withoutPadding().encodeToString(digest));
    }
  }
}
