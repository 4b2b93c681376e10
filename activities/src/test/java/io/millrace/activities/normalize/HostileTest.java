package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.activities.Progress;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.PackageFile;
import io.millrace.activities.staging.RawPage;
import io.millrace.source.Limits;
import io.millrace.source.TableHints;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Input that wants too much. */
class HostileTest {
  @TempDir Path dir;

  private Normalized run(Limits limits, RawPage.Format format, String text) {
    byte[] b = text.getBytes(StandardCharsets.UTF_8);
    RawPage page = new RawPage(format, List.of(), "f", 0, () -> new ByteArrayInputStream(b));
    Order order = Orders.of("t", "_mr", TableHints.NONE, null, limits);
    return Normalizer.run(order, List.of(page), dir.resolve("p"), Progress.NONE);
  }

  @Test
  void survivesTheDeepestNestingThatCanBeAllowed() {
    Limits deepest = new Limits(null, null, null, 1_000_000);
    for (String[] pair : new String[][] {{"[", "]"}, {"{\"a\":", "}"}, {"{\"a\":[", "]}"}}) {
      int n = 1499 / pair[0].replaceAll("[^\\[{]", "").length();
      String record = pair[0].repeat(n) + "1" + pair[1].repeat(n);
      Normalized ok = run(deepest, RawPage.Format.JSON, "[" + record + "]");
      assertThat(ok.rejected()).as(pair[0]).isZero();
      String deeper = pair[0].repeat(200_000) + "1" + pair[1].repeat(200_000);
      Normalized no = run(deepest, RawPage.Format.JSONL, deeper + "\n1\n");
      assertThat(no.rejected()).as(pair[0]).isEqualTo(1);
      Normalized inPage = run(deepest, RawPage.Format.JSON, "[" + deeper + ",1]");
      assertThat(inPage.rejected()).as(pair[0]).isEqualTo(1);
    }
  }

  @Test
  void sealsBatchesInTheMiddleOfAHugeRecord() throws IOException {
    StringBuilder s = new StringBuilder("{\"l\":[0");
    for (int i = 1; i < 400_000; i++) {
      s.append(',').append(i);
    }
    run(Limits.DEFAULT, RawPage.Format.JSONL, s.append("]}").toString());
    try (LoadPackage p = PackageFile.open(dir.resolve("p"));
        LoadPackage.Batches batches = p.batches("t__l")) {
      assertThat(p.rows("t__l")).isEqualTo(400_000);
      assertThat(batches.next().rows()).isEqualTo(Table.ROWS);
    }
  }

  @Test
  void rejectsRecordsWhoseKeysAreTooLong() {
    String key = "k".repeat(60_000);
    String line = "{\"" + key + "\":{\"" + key + "\":1}}\n{\"a\":1}\n";
    Normalized n = run(Limits.DEFAULT, RawPage.Format.JSONL, line);
    assertThat(n.records()).isEqualTo(2);
    assertThat(n.rejected()).isEqualTo(1);
  }

  @Test
  void rejectsRecordsWhoseListsHaveDataForNames() {
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < 11_000; i++) {
      s.append("{\"list").append(i).append("\":[1]}\n");
    }
    Normalized n = run(Limits.DEFAULT, RawPage.Format.JSONL, s.toString());
    assertThat(n.schema().tables()).hasSize(1_000);
    assertThat(n.rejected()).isEqualTo(10_001);
  }

  @Test
  void forgetsKeysThatAreDataAndGoesOn() {
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < 6_000; i++) {
      s.append("{\"id\":").append(i);
      for (int k = 0; k < 100; k++) {
        s.append(",\"k").append(i).append('_').append(k).append("\":1");
      }
      s.append("}\n");
    }
    Normalized n = run(Limits.DEFAULT, RawPage.Format.JSONL, s.toString());
    assertThat(n.records()).isEqualTo(6_000);
    assertThat(n.rejected()).isZero();
    assertThat(n.notes().get("overflow")).isEqualTo(600_000 - 1_499);
    StringBuilder one = new StringBuilder("{\"k\":1");
    for (int i = 0; i < 500_001; i++) {
      one.append(",\"k").append(i).append("\":1");
    }
    n = run(Limits.DEFAULT, RawPage.Format.JSONL, one.append("}\n{\"a\":1}").toString());
    assertThat(n.rejected()).isEqualTo(1);
  }

  @Test
  void ignoresNothingInANoisyLine() {
    String lines = "{\"a\":1} {\"a\":2}\n{\"a\":\n1}\n\u0000\n{\"a\":1,}\nnull x\n[{\"a\":1},\n";
    Normalized n = run(Limits.DEFAULT, RawPage.Format.JSONL, lines);
    assertThat(n.rejected()).isEqualTo(7);
    assertThat(n.records()).isEqualTo(7);
  }
}
