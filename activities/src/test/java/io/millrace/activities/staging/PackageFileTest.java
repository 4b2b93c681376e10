package io.millrace.activities.staging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageFileTest {
  @TempDir Path dir;

  @Test
  void givesBackWhatWasWritten() throws IOException {
    Path file = write("a");
    try (LoadPackage p = PackageFile.open(file)) {
      assertThat(p.tables()).containsExactly("t", "t__l");
      assertThat(p.rootTables()).containsExactly("t");
      assertThat(p.rows("t")).isEqualTo(2500);
      assertThat(p.rejected()).isEqualTo(3);
      assertThat(p.schema().name()).isEqualTo("s");
    }
    List<String> rows = read(file);
    assertThat(rows.get(7))
        .isEqualTo(
            "t.7 {number=7000, text=text 7, same=same, id="
                + id(new NumberedIds(1, 2), 3000)
                + "}");
    assertThat(rows.get(8))
        .as("a cell that is not there")
        .isEqualTo("t.8 {number=8000, same=same}");
    assertThat(rows).hasSize(2501);
  }

  @Test
  void packsNumbersOfAnySizeExactly() throws IOException {
    long[][] columns = {
      {0, 0, 0},
      {Long.MIN_VALUE, Long.MAX_VALUE, 0},
      {-1, 0, 254},
      {-1, 0, 255},
      {1L << 40, 5, -5},
      {Long.MAX_VALUE, Long.MAX_VALUE - 65535, Long.MAX_VALUE - 1}
    };
    Path file = dir.resolve("numbers");
    PackageWriter w = new PackageWriter(file);
    PackageWriter.Batch b = w.batch("t", 3, new byte[0], 0);
    for (int i = 0; i < columns.length; i++) {
      b.column(Column.of("c" + i, DataType.BIGINT), 3, new int[] {0, 1, 2}, columns[i]);
    }
    b.end();
    w.finish(Schema.empty("s"), List.of("t"), List.of("t"), 0);
    try (LoadPackage p = PackageFile.open(file);
        LoadPackage.Batches batches = p.batches("t")) {
      TableBatch read = batches.next();
      for (int i = 0; i < columns.length; i++) {
        assertThat(read.cells(i).values()).as("column " + i).isEqualTo(columns[i]);
      }
    }
  }

  @Test
  void makesIdsOfTheNumbersOfRows() throws IOException {
    NumberedIds of = new NumberedIds(7, 11);
    long[][] columns = {{5, 6, 7, 8}, {0, 0, 3, 3}, {9, 2, Long.MAX_VALUE, 0}};
    int[] rows = {0, 2, 3, 4};
    Path file = dir.resolve("ids");
    PackageWriter w = new PackageWriter(file);
    PackageWriter.Batch b = w.batch("t", 5, new byte[] {'x'}, 1);
    b.column(Column.of("x", DataType.TEXT), 1, new int[] {1}, new long[] {1});
    for (int i = 0; i < columns.length; i++) {
      b.ids(Column.of("c" + i, DataType.TEXT), 4, rows, columns[i], of);
    }
    b.end();
    w.finish(Schema.empty("s"), List.of("t"), List.of("t"), 0);
    List<String> read = read(file);
    for (int i = 0; i < rows.length; i++) {
      String cells = "c0=%s, c1=%s, c2=%s";
      assertThat(read.get(rows[i]))
          .endsWith(
              "{"
                  + cells.formatted(
                      id(of, columns[0][i]), id(of, columns[1][i]), id(of, columns[2][i]))
                  + "}");
    }
    assertThat(read.get(1)).isEqualTo("t.1 {x=x}");
  }

  private static String id(NumberedIds of, long number) {
    byte[] id = new byte[NumberedIds.LENGTH];
    of.write(id, 0, number);
    return new String(id, StandardCharsets.US_ASCII);
  }

  @Test
  void writesTheSameBytesTwice() throws IOException {
    assertThat(Files.readAllBytes(write("a"))).isEqualTo(Files.readAllBytes(write("b")));
  }

  @Test
  void refusesPackagesOfOtherVersionsAndSaysWhatToDo() throws IOException {
    Path file = write("a");
    byte[] good = Files.readAllBytes(file);
    assertThat(good[7]).as("version").isEqualTo((byte) 4);
    for (int version : new int[] {1, 2, 3, 5}) {
      byte[] other = good.clone();
      other[7] = (byte) version;
      Files.write(file, other);
      assertThatThrownBy(() -> read(file))
          .isInstanceOfSatisfying(
              MillraceException.class, e -> assertThat(e.failure()).isEqualTo(Failure.STAGING_LOST))
          .hasMessage(
              "Cannot read load package: it has version "
                  + version
                  + " and this Millrace reads version 4: "
                  + file
                  + " (a run makes it anew; to look into it take the Millrace that wrote it)");
    }
    byte[] none = good.clone();
    none[0] = 'm';
    Files.write(file, none);
    assertThatThrownBy(() -> read(file))
        .hasMessage("Cannot read load package: it is no load package: " + file);
  }

  @Test
  void noticesEveryFlippedByteAndEveryCut() throws IOException {
    Path file = write("a");
    byte[] good = Files.readAllBytes(file);
    Path bad = dir.resolve("bad");
    Random r = new Random(1);
    for (int i = 0; i < 400; i++) {
      byte[] b = good.clone();
      if (i % 4 == 0) {
        b = Arrays.copyOf(b, r.nextInt(b.length));
      } else {
        b[i < good.length ? r.nextInt(good.length) : 0] ^= (byte) (1 + r.nextInt(255));
      }
      Files.write(bad, b);
      assertThatThrownBy(() -> read(bad))
          .isInstanceOfSatisfying(
              MillraceException.class, e -> assertThat(e.failure()).isEqualTo(Failure.STAGING_LOST))
          .hasMessageStartingWith("Cannot read load package: ");
    }
  }

  @Test
  void neverBreaksOnDamageThatHasMatchingChecksums() throws IOException {
    Path file = write("a");
    byte[] good = Files.readAllBytes(file);
    Path bad = dir.resolve("bad");
    Random r = new Random(2);
    for (int i = 0; i < 4000; i++) {
      byte[] b = good.clone();
      // mostly where the lengths are: in the index, and in the heads of batches
      int at =
          i % 2 == 0
              ? b.length - 33 - r.nextInt(300)
              : 8 + r.nextInt(i % 4 == 1 ? 200 : b.length - 80);
      b[at] ^= (byte) (1 + r.nextInt(255));
      sign(good, b);
      Files.write(bad, b);
      try {
        read(bad);
      } catch (MillraceException e) {
        assertThat(e.failure()).as(e.getMessage()).isEqualTo(Failure.STAGING_LOST);
      }
    }
  }

  /** Writes checksums that fit what the batches and the index hold now. */
  private static void sign(byte[] good, byte[] b) {
    int end = b.length - 36;
    int index = end - (int) Bytes.INT.get(good, end);
    for (int at = index; at < end - 20; at++) {
      long from = (long) Bytes.LONG.get(good, at);
      int length = (int) Bytes.INT.get(good, at + 16);
      boolean batch = from >= 8 && from < index && length > 0 && length <= index - from;
      if (batch && (long) Bytes.LONG.get(good, at + 8) == sum(good, (int) from, length)) {
        Bytes.LONG.set(b, at + 8, sum(b, (int) from, length));
      }
    }
    byte[] digest = Digests.sha256(Arrays.copyOfRange(b, index, b.length - 32));
    System.arraycopy(digest, 0, b, b.length - 32, 32);
  }

  private static long sum(byte[] b, int from, int length) {
    Checksum sum = new Checksum();
    sum.update(Arrays.copyOfRange(b, from, from + length), length);
    return sum.value();
  }

  private static List<String> read(Path file) throws IOException {
    List<String> rows = new ArrayList<>();
    try (LoadPackage p = PackageFile.open(file)) {
      for (String t : p.tables()) {
        try (LoadPackage.Batches batches = p.batches(t)) {
          int first = 0;
          for (TableBatch b; (b = batches.next()) != null; ) {
            for (int i = 0; i < b.rows(); i++) {
              rows.add(t + "." + (first + i) + " " + row(b, i));
            }
            first += b.rows();
          }
        }
      }
    }
    return rows;
  }

  private static String row(TableBatch b, int row) {
    List<String> cells = new ArrayList<>();
    for (int c = 0; c < b.columns().size(); c++) {
      TableBatch.Cells k = b.cells(c);
      int at = Arrays.binarySearch(k.rows(), 0, k.count(), row);
      if (at >= 0) {
        long v = k.values()[at];
        boolean text = b.columns().get(c).type() == DataType.TEXT;
        String s =
            text
                ? new String(b.arena(), (int) (v >>> 32), (int) v, StandardCharsets.UTF_8)
                : "" + v;
        cells.add(b.columns().get(c).name() + "=" + s);
      }
    }
    return "{" + String.join(", ", cells) + "}";
  }

  private Path write(String name) {
    Path file = dir.resolve(name);
    PackageWriter w = new PackageWriter(file);
    for (int from = 0; from < 2500; from += 1000) {
      int n = Math.min(1000, 2500 - from);
      int[] all = new int[n];
      long[] numbers = new long[n];
      int[] odd = new int[n];
      long[] texts = new long[n];
      long[] same = new long[n];
      StringBuilder arena = new StringBuilder("same");
      int odds = 0;
      for (int i = 0; i < n; i++) {
        all[i] = i;
        numbers[i] = (from + i) * 1000L;
        same[i] = 4;
        if (i % 2 == 1) {
          String s = "text " + (from + i);
          odd[odds] = i;
          texts[odds++] = (long) arena.length() << 32 | s.length();
          arena.append(s);
        }
      }
      byte[] bytes = arena.toString().getBytes(StandardCharsets.UTF_8);
      PackageWriter.Batch b = w.batch("t", n, bytes, bytes.length);
      b.column(Column.of("number", DataType.BIGINT), n, all, numbers);
      b.column(Column.of("text", DataType.TEXT), odds, odd, texts);
      b.column(Column.of("same", DataType.TEXT), n, all, same);
      b.ids(Column.of("id", DataType.TEXT), odds, odd, numbers, new NumberedIds(1, 2));
      b.end();
    }
    PackageWriter.Batch b = w.batch("t__l", 1, new byte[0], 0);
    b.column(Column.of("yes", DataType.BOOL), 1, new int[] {0}, new long[] {1});
    b.end();
    w.finish(Schema.empty("s"), List.of("t", "t__l"), List.of("t"), 3);
    return file;
  }
}
