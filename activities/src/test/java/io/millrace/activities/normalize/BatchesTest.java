package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.PackageFile;
import io.millrace.activities.staging.PackageWriter;
import io.millrace.activities.staging.RawPage;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchesTest {
  @TempDir Path dir;

  @AfterEach
  void asItWas() {
    System.clearProperty(Beside.THREADS);
  }

  @Test
  void writesTheSameBytesWithOneThreadAndWithTwo() throws IOException {
    byte[] records = records(60_000);
    Normalized one = normalize(records, 1, "one");
    Normalized two = normalize(records, 2, "two");
    assertThat(two.sha256()).isEqualTo(one.sha256());
    assertThat(Files.mismatch(dir.resolve("one"), dir.resolve("two"))).isEqualTo(-1);
    try (LoadPackage p = PackageFile.open(dir.resolve("two"))) {
      assertThat(p.rows("t")).isEqualTo(60_000);
      assertThat(p.rows("t__l")).as("more than a batch, too").isGreaterThan(3 * Table.ROWS);
    }
  }

  /** Columns that come, go and change from dense to sparse, and texts that fill an arena. */
  private static byte[] records(int n) {
    Random r = new Random(4);
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < n; i++) {
      s.append("{\"id\":").append(i);
      if (i / 10_000 % 2 == 0 || r.nextInt(9) == 0) {
        s.append(",\"x\":").append(r.nextInt());
      }
      if (i % 20_000 == 7) {
        s.append(",\"big\":\"").append("0123456789abcdef".repeat(1 << 16)).append('"');
      }
      s.append(",\"c").append(i / 9_000).append("\":").append(r.nextBoolean());
      s.append(",\"l\":[");
      for (int k = r.nextInt(3); k > 0; k--) {
        s.append("{\"v\":\"").append(r.nextInt()).append("\"}").append(k > 1 ? "," : "");
      }
      s.append("]}\n");
    }
    return s.toString().getBytes(StandardCharsets.UTF_8);
  }

  private Normalized normalize(byte[] records, int threads, String file) {
    System.setProperty(Beside.THREADS, Integer.toString(threads));
    RawPage page =
        new RawPage(
            RawPage.Format.JSONL, List.of(), "f", 0, () -> new ByteArrayInputStream(records));
    Order order = Orders.plain("t", "_mr");
    return Normalizer.run(order, List.of(page), dir.resolve(file), Progress.NONE);
  }

  @Test
  void saysWhatWentWrongInTheOtherThread() {
    PackageWriter out = new PackageWriter(dir.resolve("p"));
    System.setProperty(Beside.THREADS, "2");
    try (Batches batches = new Batches(out)) {
      out.close();
      List<Batches.Cells> cells =
          List.of(
              new Batches.Cells(Column.of("a", DataType.BIGINT), 1, null, new long[] {1}, null));
      batches.put(new Batches.Full("t", 1, new byte[0], 0, cells));
      assertThatThrownBy(batches::finish)
          .isInstanceOfSatisfying(
              MillraceException.class,
              e -> assertThat(e.failure()).isEqualTo(Failure.STAGING_FAILED))
          .hasMessageStartingWith("Cannot write load package");
    }
  }

  @Test
  void leavesNoThreadAndNoFileBehindWhenReadingFails() {
    byte[] records =
        (new String(records(20_000), StandardCharsets.UTF_8) + "{\"id\":")
            .getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> normalize(records, 2, "cut"))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("ends in the middle of a record");
    assertThat(dir.resolve("cut")).doesNotExist();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("millrace-batches");
  }
}
