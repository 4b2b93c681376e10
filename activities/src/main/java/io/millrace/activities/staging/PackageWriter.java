package io.millrace.activities.staging;

import io.millrace.MillraceException;
import io.millrace.schema.Column;
import io.millrace.schema.Schema;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a load package batch by batch. The same calls give the same bytes: no clock, no random.
 * {@link PackageFile} describes the format. Not thread-safe.
 */
public final class PackageWriter implements Closeable {
  /** At most that much at once, since the platform copies it to memory of its own. */
  private static final int WRITE = 1 << 20;

  private final Path file;
  private final FileChannel out;
  private final Bytes raw = new Bytes(1 << 16);
  private final Batch batch = new Batch();
  private final Checksum sum = new Checksum();
  private final Map<String, List<PackageFile.Frame>> frames = new HashMap<>();

  /** Columns as they are written, since every batch repeats them. */
  private final Map<Column, byte[]> texts = new IdentityHashMap<>();

  private long at;

  /** Creates the file, or empties it. */
  public PackageWriter(Path file) {
    this.file = file;
    try {
      out =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw failed(0, e);
    }
    write(PackageFile.MAGIC, PackageFile.MAGIC.length);
  }

  /**
   * Begins a batch; the one before must have ended.
   *
   * @param arena its first {@code used} bytes are what slices point into; read until {@link
   *     Batch#end}
   */
  public Batch batch(String table, int rows, byte[] arena, int used) {
    batch.begin(table, rows, arena, used);
    return batch;
  }

  private static byte[] text(Column column) {
    return ColumnText.write(column).getBytes(StandardCharsets.UTF_8);
  }

  /** A batch on its way into the file. */
  public final class Batch {
    private String table;
    private int rows;
    private byte[] arena;
    private int used;
    private int columns;

    private void begin(String name, int n, byte[] bytes, int size) {
      table = name;
      rows = n;
      arena = bytes;
      used = size;
      columns = 0;
      raw.clear();
      raw.fixed(n);
      raw.fixed(size);
      raw.fixed(0);
    }

    /**
     * A column with its cells in ascending rows, as {@link TableBatch} describes them.
     *
     * @param rowsOf may be {@code null} when every row has a cell
     */
    public void column(Column column, int count, int[] rowsOf, long[] values) {
      head(column, count, rowsOf);
      switch (column.type()) {
        case BOOL -> {
          for (int i = 0; i < count; i++) {
            raw.one((int) values[i]);
          }
        }
        case DOUBLE -> raw.longs(values, count);
        case BIGINT, TIMESTAMP, DATE, TIME -> raw.packed(values, count);
        case TEXT, JSON, BINARY, DECIMAL, WEI -> {
          raw.one(PackageFile.SLICES);
          raw.packed(values, count, 32, -1L);
          raw.packed(values, count, 0, 0xFFFFFFFFL);
        }
      }
    }

    /**
     * A column of texts that are ids of rows, which {@code ids} makes of their numbers. Written are
     * the distances of the numbers: of a table's own ids all are one, of its parents' ids small.
     */
    public void ids(Column column, int count, int[] rowsOf, long[] numbers, NumberedIds ids) {
      head(column, count, rowsOf);
      raw.one(PackageFile.IDS);
      raw.longs(new long[] {ids.first(), ids.second()}, 2);
      raw.distances(numbers, count);
    }

    private void head(Column column, int count, int[] rowsOf) {
      columns++;
      byte[] said = texts.computeIfAbsent(column, PackageWriter::text);
      raw.fixed(said.length);
      raw.bytes(said, 0, said.length);
      raw.fixed(count);
      if (count < rows) {
        raw.small(rowsOf, count, rows);
      }
    }

    public void end() {
      raw.patch(PackageFile.COLUMNS_AT, columns);
      long offset = at;
      sum.reset();
      sum.update(raw.array(), raw.size());
      sum.update(arena, used);
      write(raw.array(), raw.size());
      write(arena, used);
      frames
          .computeIfAbsent(table, t -> new ArrayList<>())
          .add(new PackageFile.Frame(rows, offset, Math.toIntExact(at - offset), sum.value()));
      arena = null;
    }
  }

  /**
   * Writes index, schema and checksum and closes the file.
   *
   * @param tables those with rows, parents before children
   * @param roots the root tables of the resource, also those without rows
   * @return the package's digest, lower-case hex
   */
  public String finish(Schema schema, List<String> tables, List<String> roots, long rejected) {
    raw.clear();
    raw.text(SchemaText.write(schema));
    raw.fixed(roots.size());
    roots.forEach(raw::text);
    raw.longs(new long[] {rejected}, 1);
    raw.fixed(tables.size());
    for (String t : tables) {
      raw.text(t);
      List<PackageFile.Frame> own = frames.getOrDefault(t, List.of());
      raw.fixed(own.size());
      for (PackageFile.Frame f : own) {
        raw.fixed(f.rows());
        raw.longs(new long[] {f.offset(), f.sum()}, 2);
        raw.fixed(f.length());
      }
    }
    raw.fixed(raw.size());
    byte[] digest = Digests.sha256(raw.array(), raw.size());
    write(raw.array(), raw.size());
    write(digest, digest.length);
    try {
      out.close();
    } catch (IOException e) {
      throw failed(0, e);
    }
    return Digests.hex(digest);
  }

  private void write(byte[] b, int n) {
    try {
      for (int from = 0; from < n; ) {
        from += out.write(ByteBuffer.wrap(b, from, Math.min(WRITE, n - from)));
      }
    } catch (IOException e) {
      throw failed(n, e);
    }
    at += n;
  }

  private MillraceException failed(int bytes, IOException e) {
    return Disk.failed("write load package", file, bytes, e);
  }

  /** Closes and removes the file; for a package that was not finished. */
  @Override
  public void close() {
    try {
      out.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failed(0, e);
    }
  }
}
