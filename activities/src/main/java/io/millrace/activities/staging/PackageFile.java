package io.millrace.activities.staging;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Column;
import io.millrace.schema.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A load package in a file. Version 1: eight magic bytes; one zstd frame per batch; a zstd frame
 * with schema, root tables, rejected count and for each table its frames; the compressed and the
 * plain length of that; the sha256 of everything before it, which is the package's digest. Numbers
 * are little-endian.
 *
 * <p>The digest is checked when the file is opened, and every length again when it is used, so that
 * damage is always {@code STAGING_LOST}.
 */
public final class PackageFile implements LoadPackage {
  static final byte[] MAGIC = {'M', 'R', 'L', 'P', 'K', 'G', 0, 1};
  private static final int SHA = 32;
  private static final int TAIL = 8 + SHA;

  private final Path path;
  private final RandomAccessFile file;
  private final String sha256;
  private final Map<String, List<Frame>> tables = new LinkedHashMap<>();
  private final List<String> roots = new ArrayList<>();
  private Schema schema;
  private long rejected;

  private record Frame(int rows, long offset, int length, int rawLength) {}

  private PackageFile(Path path) throws IOException {
    this.path = path;
    this.file = new RandomAccessFile(path.toFile(), "r");
    boolean ok = false;
    try {
      long size = file.length();
      if (size < MAGIC.length + TAIL) {
        throw lost("it is too short");
      }
      byte[] head = at(0, MAGIC.length);
      if (!java.util.Arrays.equals(head, MAGIC)) {
        throw lost("it is no load package of this version");
      }
      byte[] tail = at(size - TAIL, TAIL);
      byte[] said = java.util.Arrays.copyOfRange(tail, 8, TAIL);
      byte[] real = digest(size - SHA);
      if (!MessageDigest.isEqual(said, real)) {
        throw lost("its checksum differs");
      }
      sha256 = hex(real);
      int length = (int) Bytes.INT.get(tail, 0);
      int rawLength = (int) Bytes.INT.get(tail, 4);
      index(frame(size - TAIL - length, length, rawLength, size));
      ok = true;
    } finally {
      if (!ok) {
        file.close();
      }
    }
  }

  /** Opens and checks a package. */
  public static LoadPackage open(Path path) {
    try {
      return new PackageFile(path);
    } catch (IOException e) {
      throw new MillraceException(
          Failure.STAGING_LOST, "Cannot read load package: " + e.getMessage() + ": " + path, e);
    }
  }

  private byte[] digest(long bytes) throws IOException {
    MessageDigest sha;
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    byte[] part = new byte[1 << 16];
    try (InputStream in = new DigestInputStream(Files.newInputStream(path), sha)) {
      long left = bytes;
      while (left > 0) {
        int n = in.read(part, 0, (int) Math.min(part.length, left));
        if (n < 0) {
          throw lost("it ends too early");
        }
        left -= n;
      }
    }
    return sha.digest();
  }

  private byte[] at(long offset, int length) throws IOException {
    byte[] b = new byte[length];
    file.seek(offset);
    file.readFully(b);
    return b;
  }

  private byte[] frame(long offset, int length, int rawLength, long size) throws IOException {
    if (length <= 0 || offset < MAGIC.length || offset > size - length || rawLength < 0) {
      throw lost("its index points outside");
    }
    byte[] packed = at(offset, length);
    if (Zstd.getFrameContentSize(packed) != rawLength) {
      throw lost("a part has another length");
    }
    try {
      byte[] raw = Zstd.decompress(packed, rawLength);
      if (raw.length != rawLength) {
        throw lost("a part has another length");
      }
      return raw;
    } catch (ZstdException e) {
      throw lost("a part does not decompress");
    }
  }

  private MillraceException lost(String why) {
    return new MillraceException(
        Failure.STAGING_LOST, "Cannot read load package: " + why + ": " + path);
  }

  private void index(byte[] raw) {
    Reader r = new Reader(raw);
    try {
      schema = SchemaText.read(r.text());
    } catch (JsonProcessingException e) {
      throw lost("its schema does not parse");
    }
    for (int n = r.count(4); n > 0; n--) {
      roots.add(r.text());
    }
    rejected = r.eight();
    for (int n = r.count(8); n > 0; n--) {
      String table = r.text();
      int count = r.count(20);
      List<Frame> frames = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        frames.add(new Frame(r.four(), r.eight(), r.four(), r.four()));
      }
      tables.put(table, frames);
    }
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public List<String> tables() {
    return List.copyOf(tables.keySet());
  }

  @Override
  public List<String> rootTables() {
    return List.copyOf(roots);
  }

  @Override
  public long rows(String table) {
    return tables.getOrDefault(table, List.of()).stream().mapToLong(Frame::rows).sum();
  }

  @Override
  public long rejected() {
    return rejected;
  }

  @Override
  public String sha256() {
    return sha256;
  }

  @Override
  public Batches batches(String table) {
    List<Frame> frames = tables.getOrDefault(table, List.of());
    return new Batches() {
      private int next;

      @Override
      public TableBatch next() throws IOException {
        if (next == frames.size()) {
          return null;
        }
        Frame f = frames.get(next++);
        return new Reader(frame(f.offset, f.length, f.rawLength, file.length()))
            .batch(table, f.rows);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  static String hex(byte[] b) {
    StringBuilder s = new StringBuilder();
    for (byte x : b) {
      s.append(Character.forDigit(x >> 4 & 15, 16)).append(Character.forDigit(x & 15, 16));
    }
    return s.toString();
  }

  /** Reads a part, trusting no length. */
  private final class Reader {
    private final byte[] b;
    private int p;

    private Reader(byte[] b) {
      this.b = b;
    }

    private int take(long n) {
      if (n < 0 || n > b.length - p) {
        throw lost("a part ends too early");
      }
      int at = p;
      p += (int) n;
      return at;
    }

    private int four() {
      return (int) Bytes.INT.get(b, take(4));
    }

    private long eight() {
      return (long) Bytes.LONG.get(b, take(8));
    }

    /** A number of things that take at least that many bytes each. */
    private int count(int each) {
      int n = four();
      if (n < 0 || (long) n * each > b.length - p) {
        throw lost("a part names too many things");
      }
      return n;
    }

    private int varint() {
      int v = 0;
      for (int shift = 0; shift < 35; shift += 7) {
        int c = b[take(1)];
        v |= (c & 0x7F) << shift;
        if (c >= 0) {
          return v;
        }
      }
      throw lost("a number does not end");
    }

    private String text() {
      int n = four();
      return new String(b, take(n), n, StandardCharsets.UTF_8);
    }

    private TableBatch batch(String table, int rows) {
      if (four() != rows) {
        throw lost("a batch has another number of rows");
      }
      int columns = count(6);
      List<Column> names = new ArrayList<>(columns);
      List<TableBatch.Cells> cells = new ArrayList<>(columns);
      for (int i = 0; i < columns; i++) {
        Column c;
        try {
          c = ColumnText.read(text());
        } catch (JsonProcessingException e) {
          throw lost("a column does not parse");
        }
        if (c.type() == null) {
          throw lost("a column has no type");
        }
        names.add(c);
        cells.add(cells(c, rows));
      }
      if (p != b.length) {
        throw lost("a batch has another length");
      }
      return new Read(table, rows, names, cells, b);
    }

    private TableBatch.Cells cells(Column c, int rows) {
      int count = varint();
      if (count < 0 || count > rows || count > b.length - p && count < rows) {
        throw lost("a column has too many cells");
      }
      int[] at = new int[count];
      int row = -1;
      for (int i = 0; i < count; i++) {
        row += count < rows ? varint() + 1 : 1;
        if (row < 0 || row >= rows || i > 0 && row <= at[i - 1]) {
          throw lost("a cell is in no row");
        }
        at[i] = row;
      }
      long[] values = new long[count];
      switch (c.type()) {
        case BOOL -> {
          int from = take(count);
          for (int i = 0; i < count; i++) {
            values[i] = b[from + i];
          }
        }
        case BIGINT, TIMESTAMP, DATE, TIME -> packed(values);
        case DOUBLE -> {
          int from = take(8L * count);
          for (int i = 0; i < count; i++) {
            values[i] = (long) Bytes.LONG.get(b, from + 8 * i);
          }
        }
        case TEXT, JSON, BINARY, DECIMAL, WEI -> slices(values);
      }
      return new TableBatch.Cells(count, at, values);
    }

    private void packed(long[] values) {
      long min = eight();
      int width = b[take(1)];
      if (width < 0 || width > 8) {
        throw lost("a column has an impossible width");
      }
      int from = take((long) width * values.length);
      for (int i = 0; i < values.length; i++) {
        long v = 0;
        for (int k = width - 1; k >= 0; k--) {
          v = v << 8 | b[from + k] & 0xFF;
        }
        values[i] = min + v;
        from += width;
      }
    }

    private void slices(long[] values) {
      boolean same = b[take(1)] == 1;
      int n = same ? Math.min(1, values.length) : values.length;
      for (int i = 0; i < n; i++) {
        values[i] = varint();
      }
      for (int i = 0; i < n; i++) {
        values[i] |= (long) take(values[i]) << 32;
      }
      for (int i = n; i < values.length; i++) {
        values[i] = values[0];
      }
    }
  }

  /** A batch whose arena is the part as it was read. */
  private record Read(String table, int rows, List<Column> columns, List<Cells> all, byte[] arena)
      implements TableBatch {
    @Override
    public Cells cells(int column) {
      return all.get(column);
    }
  }
}
