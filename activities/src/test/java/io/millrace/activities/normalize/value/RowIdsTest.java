package io.millrace.activities.normalize.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RowIdsTest {
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
  @CsvSource({
    "1795226906.0101786, events, 0, ihDh075+Yn2zKw",
    "1795226906.0101786, events, 1234567890123, +kaLCo5lyItGDg",
  })
  void rootIdsFollowFromLoadTableAndOrdinal(String load, String table, long ordinal, String id) {
    assertThat(random(load, table, ordinal)).isEqualTo(id);
    assertThat(random("other", table, ordinal)).isNotEqualTo(id);
    assertThat(random(load, "other", ordinal)).isNotEqualTo(id);
    assertThat(random(load, table, ordinal)).as("second attempt").isEqualTo(id);
  }

  @Test
  void namesLongerThanABlockWork() {
    assertThat(random("L", "t".repeat(200), 7)).isEqualTo("skScSi48Um6pww");
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

  private String random(String load, String table, long ordinal) {
    byte[] out = new byte[RowIds.LENGTH];
    ids.random(out, 0, load, table, ordinal);
    return new String(out, StandardCharsets.US_ASCII);
  }
}
