package io.millrace.activities.normalize.value;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.schema.DataType;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PyNumbersTest {
  @ParameterizedTest
  @CsvSource({
    "1.0, 1.0, 1.0",
    "0.0, 0.0, 0.0",
    "-0.0, -0.0, -0.0",
    "1.5, 1.5, 1.5",
    "1e22, 1e+22, 1e+22",
    "1e16, 1e+16, 1e+16",
    "1e15, 1000000000000000.0, 1000000000000000.0",
    "1e-7, 1e-07, 1e-7",
    "1e-4, 0.0001, 0.0001",
    "1e-5, 1e-05, 0.00001",
    "1.5e-5, 1.5e-05, 0.000015",
    "1.5e-6, 1.5e-06, 1.5e-6",
    "5e-324, 5e-324, 5e-324",
    "1.7976931348623157e308, 1.7976931348623157e+308, 1.7976931348623157e+308",
    "0.30000000000000004, 0.30000000000000004, 0.30000000000000004",
    "123456789.123, 123456789.123, 123456789.123",
    "9007199254740993, 9007199254740992.0, 9007199254740992.0",
    "2.2250738585072014e-308, 2.2250738585072014e-308, 2.2250738585072014e-308",
    "100, 100.0, 100.0",
    "-123456789012345680, -1.2345678901234568e+17, -1.2345678901234568e+17",
    "NaN, nan, null",
    "Infinity, inf, null",
    "-Infinity, -inf, null",
    "2e-323, 2e-323, 2e-323",
    "9.5367431640625e-07, 9.5367431640625e-07, 9.5367431640625e-7",
  })
  void printsDoublesAsPythonAndAsOrjson(double d, String repr, String orjson) {
    assertThat(PyNumbers.repr(d)).isEqualTo(repr);
    assertThat(PyNumbers.orjson(d)).isEqualTo(orjson);
  }

  @Test
  void printedDoublesReadBackTheSameAndAreNotLongerThanTheJdks() {
    Random random = new Random(3);
    for (int i = 0; i < 300_000; i++) {
      double d = Double.longBitsToDouble(random.nextLong() & ~0L >>> random.nextInt(60));
      if (Double.isNaN(d) || Double.isInfinite(d)) {
        continue;
      }
      String printed = PyNumbers.repr(d);
      assertThat(Double.doubleToRawLongBits(Double.parseDouble(printed)))
          .as(printed)
          .isEqualTo(Double.doubleToRawLongBits(d));
      int digits = new BigDecimal(printed).stripTrailingZeros().precision();
      int jdk = new BigDecimal(Double.toString(d)).stripTrailingZeros().precision();
      assertThat(digits).as(printed).isLessThanOrEqualTo(jdk).isLessThanOrEqualTo(17);
    }
  }

  @Test
  void readsAMillionDoublesBitForBitAsTheJdk() {
    Random random = new Random(5);
    for (int i = 0; i < 1_000_000; i++) {
      String text =
          switch (i % 5) {
            case 0 -> Double.toString(Double.longBitsToDouble(random.nextLong()));
            case 1 -> (random.nextInt(2_000_000) - 1_000_000) + "." + random.nextInt(1_000_000);
            case 2 -> random.nextLong() + "e" + (random.nextInt(680) - 350);
            case 3 ->
                random.nextInt() + "." + (random.nextLong() >>> 1) + "E+" + random.nextInt(40);
            // halfway between two doubles, and next to it
            default ->
                new BigDecimal(Double.longBitsToDouble((random.nextLong() >>> 12) + (1077L << 52)))
                        .add(new BigDecimal(BigDecimal.ONE.unscaledValue().shiftLeft(1)))
                        .toBigInteger()
                        .add(java.math.BigInteger.valueOf(random.nextInt(3) - 1))
                    + "";
          };
      if (!text.contains("N") && !text.contains("I")) {
        byte[] b = (">" + text + "0").getBytes(StandardCharsets.US_ASCII);
        long bits = Double.doubleToRawLongBits(PyNumbers.parseDouble(b, 1, b.length - 2));
        if (bits != Double.doubleToRawLongBits(Double.parseDouble(text))) {
          assertThat(Double.longBitsToDouble(bits)).as(text).isEqualTo(Double.parseDouble(text));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "-2, -2",
    "+3, 3",
    "1_000, 1000",
    "0x10, 16",
    "' 8 ', 8",
    "٣, 3",
    "007, 7",
    "0, 0",
    "-0, 0",
    "0xFF_FF, 65535",
    "0x-5, -5",
    "'\u00a012\u3000', 12",
    "１２, 12",
    "9223372036854775807, 9223372036854775807",
    "-9223372036854775808, -9223372036854775808",
  })
  void readsWholeNumbersAsPython(String text, long number) {
    Value v = new Value();
    byte[] b = text.getBytes(StandardCharsets.UTF_8);
    assertThat(PyNumbers.parseInt(b, 0, b.length, v)).isTrue();
    assertThat(v.kind()).isEqualTo(DataType.BIGINT);
    assertThat(v.bits()).isEqualTo(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "x", "1.0", "1e3", "1__0", "_1", "1_", "0b11", "1,5", "true", "--1", "+", "0x",
        "0xg", "0x0x-F", "1 0", "Ⅷ"
      })
  void refusesOtherWholeNumbers(String text) {
    Value v = new Value();
    byte[] b = text.getBytes(StandardCharsets.UTF_8);
    assertThat(PyNumbers.parseInt(b, 0, b.length, v)).isFalse();
    assertThat(v.kind()).isNull();
  }

  @Test
  void wholeNumbersBeyondALongKeepEveryDigit() {
    Value v = new Value();
    byte[] b = "0x8000000000000000".getBytes(StandardCharsets.UTF_8);
    assertThat(PyNumbers.parseInt(b, 0, b.length, v)).isTrue();
    assertThat(v.kind()).isEqualTo(DataType.WEI);
    assertThat(new String(v.buf(), v.off(), v.len(), StandardCharsets.UTF_8))
        .isEqualTo("9223372036854775808");
    byte[] long39 = "9".repeat(39).getBytes(StandardCharsets.UTF_8);
    assertThat(PyNumbers.parseInt(long39, 0, 39, v)).isTrue();
    assertThat(v.kind()).as("no column holds it").isEqualTo(DataType.TEXT);
    byte[] huge = "9".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    assertThat(PyNumbers.parseInt(huge, 0, huge.length, v)).as("Python's limit").isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1.0",
    "1e3, 1000.0",
    "' 8 ', 8.0",
    "1_0.5_0, 10.5",
    "٣, 3.0",
    ".5, 0.5",
    "5., 5.0",
    "inf, Infinity",
    "-Infinity, -Infinity",
    "+INF, Infinity",
    "1e400, Infinity",
    "-0, -0.0",
    "nan, NaN",
    "' -NaN', NaN",
  })
  void readsFloatsAsPython(String text, double d) {
    Value v = new Value();
    byte[] b = text.getBytes(StandardCharsets.UTF_8);
    assertThat(PyNumbers.parseFloat(b, 0, b.length, v)).isTrue();
    assertThat(Double.longBitsToDouble(v.bits())).isEqualTo(Double.valueOf(d));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ".", "e5", "1e", "1._5", "_1", "1_", "0x10", "inf2", "infin", "1,5", "--1", "1d", "1f",
        "NaN1", "0x1p3"
      })
  void refusesOtherFloats(String text) {
    Value v = new Value();
    byte[] b = text.getBytes(StandardCharsets.UTF_8);
    assertThat(PyNumbers.parseFloat(b, 0, b.length, v)).isFalse();
  }
}
