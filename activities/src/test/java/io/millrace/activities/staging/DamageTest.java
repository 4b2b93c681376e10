package io.millrace.activities.staging;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Packages and raw segments with bytes changed, lost, doubled and swapped: an error by name or the
 * same content, never other content, and never memory without bound. {@code
 * -Dmillrace.damage.cases=…} makes a long run.
 */
class DamageTest {
  private static final int CASES = Integer.getInteger("millrace.damage.cases", 1500);

  /** What a reader may allocate for a file of some hundred KiB, whatever it says of itself. */
  private static final long MEMORY = 64L << 20;

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path dir;

  /** Reads a file to its end; the content in a form that can be compared. */
  @FunctionalInterface
  private interface Reader {
    List<Object> read(byte[] file) throws IOException;
  }

  @Test
  void noticesAnyDamageToAPackage() throws IOException {
    byte[] good = largePackage(1);
    damage(good, 11, this::readPackage, b -> b, false);
  }

  @Test
  void readsDamagedPackagesWithAForgedDigestInBoundedMemory() throws IOException {
    byte[] good = largePackage(2);
    damage(good, 12, this::readPackage, DamageTest::resigned, true);
  }

  @Test
  void noticesAnyDamageToARawSegment() throws IOException {
    damage(largeSegment(), 13, DamageTest::readSegment, b -> b, false);
  }

  /** Two whole packages cut at the same places and put together again make no package. */
  @Test
  void noticesHalvesOfTwoPackages() throws IOException {
    byte[] one = largePackage(1);
    byte[] other = largePackage(3);
    Random r = new Random(14);
    for (int i = 0; i < 200; i++) {
      int cut = 1 + r.nextInt(Math.min(one.length, other.length) - 1);
      byte[] mixed = Arrays.copyOf(one, cut + other.length - cut);
      System.arraycopy(other, cut, mixed, cut, other.length - cut);
      assertThat(refusal(mixed, this::readPackage)).as("cut at %d", cut).isNotNull();
    }
  }

  private void damage(
      byte[] good, long seed, Reader reader, UnaryOperator<byte[]> after, boolean forged)
      throws IOException {
    List<Object> content = reader.read(good);
    Random r = new Random(seed);
    for (int i = 0; i < CASES; i++) {
      byte[] bad = after.apply(damaged(good, r));
      if (Arrays.equals(bad, good)) {
        continue;
      }
      long before = THREADS.getCurrentThreadAllocatedBytes();
      List<Object> got = null;
      String why = null;
      try {
        got = reader.read(bad);
      } catch (MillraceException e) {
        assertThat(e.failure())
            .as("case %d: %s", i, e.getMessage())
            .isEqualTo(Failure.STAGING_LOST);
        why = e.getMessage();
      }
      long used = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertThat(used).as("case %d allocates, %s", i, why).isLessThan(MEMORY);
      if (!forged && got != null) {
        assertThat(got).as("case %d", i).isEqualTo(content);
      }
    }
  }

  private String refusal(byte[] bad, Reader reader) throws IOException {
    try {
      reader.read(bad);
      return null;
    } catch (MillraceException e) {
      assertThat(e.failure()).isEqualTo(Failure.STAGING_LOST);
      return e.getMessage();
    }
  }

  private static byte[] damaged(byte[] good, Random r) {
    byte[] b = good.clone();
    // as often in the last bytes, where the lengths are, as anywhere
    int from = r.nextBoolean() ? 0 : Math.max(0, b.length - 400);
    int at = from + r.nextInt(b.length - from);
    int n = 1 + r.nextInt(Math.min(64, b.length - at));
    switch (r.nextInt(8)) {
      case 0 -> b[at] ^= (byte) (1 << r.nextInt(8));
      case 1 -> b[at] = (byte) r.nextInt(256);
      case 2 -> b = Arrays.copyOf(b, at);
      case 3 -> b = Arrays.copyOf(b, b.length + n);
      case 4 -> Arrays.fill(b, at, at + n, (byte) (r.nextBoolean() ? 0 : 0xFF));
      case 5 -> {
        int other = r.nextInt(b.length - n);
        byte[] block = Arrays.copyOfRange(b, at, at + n);
        System.arraycopy(b, other, b, at, n);
        System.arraycopy(block, 0, b, other, n);
      }
      case 6 -> {
        byte[] less = Arrays.copyOf(b, b.length - n);
        System.arraycopy(b, at + n, less, at, b.length - at - n);
        b = less;
      }
      default -> {
        byte[] more = Arrays.copyOf(b, b.length + n);
        System.arraycopy(b, at, more, at + n, b.length - at);
        b = more;
      }
    }
    return b;
  }

  /** With the digest that fits what is there now. */
  private static byte[] resigned(byte[] b) {
    int tail = b.length - 36;
    int length = tail < 0 ? -1 : ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN).getInt(tail);
    if (length < 0 || length > tail) {
      return b;
    }
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(b, tail - length, length + 4);
      System.arraycopy(sha.digest(), 0, b, b.length - 32, 32);
      return b;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Object> readPackage(byte[] file) throws IOException {
    Path path = dir.resolve("read");
    Files.write(path, file);
    List<Object> all = new ArrayList<>();
    try (LoadPackage p = PackageFile.open(path)) {
      all.add(p.schema());
      all.add(p.rejected());
      all.add(p.rootTables());
      for (String t : p.tables()) {
        all.add(t);
        try (LoadPackage.Batches batches = p.batches(t)) {
          for (TableBatch b; (b = batches.next()) != null; ) {
            batch(b, all);
          }
        }
      }
    }
    return all;
  }

  private static void batch(TableBatch b, List<Object> all) {
    all.add(b.rows());
    for (int c = 0; c < b.columns().size(); c++) {
      Column column = b.columns().get(c);
      TableBatch.Cells cells = b.cells(c);
      all.add(column);
      all.add(Arrays.hashCode(Arrays.copyOf(cells.rows(), cells.count())));
      boolean slices = column.type() == DataType.TEXT;
      for (int i = 0; i < cells.count(); i++) {
        long v = cells.values()[i];
        int off = (int) (v >>> 32);
        all.add(slices ? Arrays.hashCode(Arrays.copyOfRange(b.arena(), off, off + (int) v)) : v);
      }
    }
  }

  private static List<Object> readSegment(byte[] file) throws IOException {
    List<Object> all = new ArrayList<>();
    try (RawFileReader reader =
        new RawFileReader(Path.of("segment"), new ByteArrayInputStream(file))) {
      while (reader.hasNext()) {
        RawPage page = reader.next();
        all.add(page.format());
        all.add(page.selector());
        all.add(page.origin());
        all.add(page.startOffset());
        try (InputStream in = page.body().open()) {
          all.add(Arrays.hashCode(in.readAllBytes()));
        }
      }
    }
    return all;
  }

  private byte[] largePackage(long seed) throws IOException {
    Random r = new Random(seed);
    Path file = dir.resolve("good");
    PackageWriter w = new PackageWriter(file);
    DataType[] types = {DataType.TEXT, DataType.BIGINT, DataType.DOUBLE, DataType.BOOL};
    for (String table : List.of("t", "t__l", "t")) {
      int rows = 1000 + r.nextInt(1000);
      byte[] arena = new byte[rows * 20];
      for (int i = 0; i < arena.length; i++) {
        arena[i] = (byte) ('a' + r.nextInt(26));
      }
      PackageWriter.Batch b = w.batch(table, rows, arena, arena.length);
      for (int c = 0; c < 8; c++) {
        column(b, Column.of("c" + c, types[c % 4]), rows, c < 4 ? 1 : 1 + r.nextInt(5), r);
      }
      b.end();
    }
    w.finish(Schema.empty("s"), List.of("t", "t__l"), List.of("t"), 3);
    return Files.readAllBytes(file);
  }

  private static void column(PackageWriter.Batch b, Column c, int rows, int each, Random r) {
    int[] at = new int[rows];
    long[] values = new long[rows];
    int n = 0;
    for (int row = 0; row < rows; row += each) {
      at[n] = row;
      values[n++] =
          switch (c.type()) {
            case TEXT -> (long) (row * 20) << 32 | r.nextInt(20);
            case BOOL -> r.nextInt(2);
            default -> r.nextLong() >> r.nextInt(60);
          };
    }
    b.column(c, n, at, values);
  }

  private static byte[] largeSegment() throws IOException {
    Random r = new Random(5);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (RawFileWriter writer = new RawFileWriter(out)) {
      for (int i = 0; i < 12; i++) {
        byte[] page = new byte[r.nextInt(20_000)];
        r.nextBytes(page);
        writer.page(RawPage.Format.JSON, List.of("d" + i), "p" + i, page, 0, page.length);
      }
      writer.finish();
    }
    return out.toByteArray();
  }
}
