package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompactJsonTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{ \"a\" : 1e400 } | {\"a\":1e400} | {\"a\":null}",
        "[0.12345678901234567890123, 1.50] | [0.12345678901234567890123,1.50] | [0.12345678901234568,1.5]",
        "[1E5, -0, 18446744073709551616] | [1E5,0,18446744073709551616] | [100000.0,0,18446744073709551616]",
        "{\"a\":1,\"b\":2,\"a\":3} | {\"a\":3,\"b\":2} | {\"a\":3,\"b\":2}",
      })
  void keepsNumbersAsWrittenForCellsAndPrintsThemForHashes(String json, String cell, String hash) {
    assertThat(compact(json, true)).isEqualTo(cell);
    assertThat(compact(json, false)).isEqualTo(hash);
  }

  private static String compact(String json, boolean asWritten) {
    byte[] b = json.getBytes(StandardCharsets.UTF_8);
    Out out = new Out();
    new CompactJson(asWritten).compact(Arrays.copyOf(b, b.length + Window.SLACK), 0, b.length, out);
    return new String(out.array(), 0, out.size(), StandardCharsets.UTF_8);
  }
}
