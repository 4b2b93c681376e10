package io.millrace.activities.staging;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Column;
import io.millrace.schema.Schema;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a load package batch by batch. The same calls give the same bytes: no clock, no random.
 * {@link PackageFile} describes the format. Not thread-safe.
 */
public final class PackageWriter implements Closeable {
  private final Path file;
  private final OutputStream out;
  private final MessageDigest sha;
  private final ZstdCompressCtx zstd = new ZstdCompressCtx();
  private final Bytes raw = new Bytes(1 << 20);
  private final Batch batch = new Batch();
  private final Map<String, List<Frame>> frames = new HashMap<>();
  private byte[] compressed = new byte[1 << 20];
  private long at;

  /** A batch in the file. */
  private record Frame(int rows, long offset, int length, int rawLength) {}

  /** Creates the file, or empties it. */
  public PackageWriter(Path file) {
    this.file = file;
    zstd.setLevel(1);
    zstd.setChecksum(true);
    try {
      sha = MessageDigest.getInstance("SHA-256");
      out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
      write(PackageFile.MAGIC, PackageFile.MAGIC.length);
    } catch (IOException e) {
      throw failed(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Begins a batch; the one before must have ended. */
  public Batch batch(String table, int rows, byte[] arena) {
    batch.begin(table, rows, arena);
    return batch;
  }

  /** A batch on its way into the file. */
  public final class Batch {
    private String table;
    private int rows;
    private byte[] arena;
    private int columns;
    private int countAt;

    private void begin(String name, int n, byte[] bytes) {
      table = name;
      rows = n;
      arena = bytes;
      columns = 0;
      raw.clear();
      raw.fixed(n);
      countAt = raw.size();
      raw.fixed(0);
    }

    /** A column with its cells in ascending rows, as {@link TableBatch} describes them. */
    public void column(Column column, int count, int[] rowsOf, long[] values) {
      columns++;
      raw.text(ColumnText.write(column));
      raw.varint(count);
      if (count < rows) {
        int before = -1;
        for (int i = 0; i < count; i++) {
          raw.varint(rowsOf[i] - before - 1);
          before = rowsOf[i];
        }
      }
      switch (column.type()) {
        case BOOL -> {
          for (int i = 0; i < count; i++) {
            raw.one((int) values[i]);
          }
        }
        case DOUBLE -> raw.longs(values, count);
        case BIGINT, TIMESTAMP, DATE, TIME -> raw.packed(values, count);
        case TEXT, JSON, BINARY, DECIMAL, WEI -> slices(count, values);
      }
    }

    private void slices(int count, long[] values) {
      boolean same = true;
      for (int i = 1; i < count && same; i++) {
        same = values[i] == values[0];
      }
      raw.one(same ? 1 : 0);
      int n = same ? 1 : count;
      for (int i = 0; i < n; i++) {
        raw.varint((int) values[i]);
      }
      for (int i = 0; i < n; i++) {
        raw.bytes(arena, (int) (values[i] >>> 32), (int) values[i]);
      }
    }

    public void end() {
      raw.patch(countAt, columns);
      frame(table, rows);
      arena = null;
    }
  }

  private void frame(String table, int rows) {
    int length = compress();
    frames
        .computeIfAbsent(table, t -> new ArrayList<>())
        .add(new Frame(rows, at, length, raw.size()));
    write(compressed, length);
  }

  private int compress() {
    int bound = (int) Zstd.compressBound(raw.size());
    if (compressed.length < bound) {
      compressed = new byte[bound];
    }
    return zstd.compressByteArray(compressed, 0, compressed.length, raw.array(), 0, raw.size());
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
      List<Frame> own = frames.getOrDefault(t, List.of());
      raw.fixed(own.size());
      for (Frame f : own) {
        raw.fixed(f.rows);
        raw.longs(new long[] {f.offset}, 1);
        raw.fixed(f.length);
        raw.fixed(f.rawLength);
      }
    }
    int length = compress();
    int rawLength = raw.size();
    write(compressed, length);
    raw.clear();
    raw.fixed(length);
    raw.fixed(rawLength);
    write(raw.array(), raw.size());
    byte[] digest = sha.digest();
    try {
      out.write(digest);
      out.close();
    } catch (IOException e) {
      throw failed(e);
    } finally {
      zstd.close();
    }
    return PackageFile.hex(digest);
  }

  private void write(byte[] b, int n) {
    try {
      out.write(b, 0, n);
    } catch (IOException e) {
      throw failed(e);
    }
    sha.update(b, 0, n);
    at += n;
  }

  private MillraceException failed(IOException e) {
    return new MillraceException(
        Failure.STAGING_FAILED,
        "Cannot write load package: "
            + e.getMessage()
            + ": "
            + file
            + " (free some space there or set `staging.dir`, then run again)",
        e);
  }

  /** Closes and removes the file; for a package that was not finished. */
  @Override
  public void close() {
    zstd.close();
    try {
      out.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
