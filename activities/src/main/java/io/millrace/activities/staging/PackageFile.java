package io.millrace.activities.staging;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A load package in a file. Version 4: eight magic bytes, the last of them the version; the
 * batches; an index (schema, root tables, rejected count and for each table where its batches are,
 * with a {@link Checksum} each); the index's length; the sha256 of index and length, which is the
 * package's digest. A batch is a head, columns and the arena that their slices point into. Ids of
 * rows that follow from the rows' numbers are not there: a column of them holds a seed and the
 * numbers, and the texts are made behind the arena when it is read. Numbers are little-endian.
 *
 * <p>Not compressed: a package is read once, soon and from the same machine, and packing it took as
 * long as everything else that normalizing does ({@code docs/performance.md}).
 *
 * <p>The digest is checked when the file is opened, a batch's checksum before its first row is
 * used, and every length again, so that damage is always {@code STAGING_LOST}.
 */
public final class PackageFile implements LoadPackage {
  static final byte[] MAGIC = {'M', 'R', 'L', 'P', 'K', 'G', 0, 4};

  /**
   * Where in {@link #MAGIC} the version is. It changes with every byte that means another thing.
   */
  private static final int VERSION_AT = MAGIC.length - 1;

  /** Where a batch has its number of columns, behind the number of rows and the arena's size. */
  static final int COLUMNS_AT = 8;

  /** How a column of texts is written: as slices, or as what {@link NumberedIds} need. */
  static final int SLICES = 0;

  static final int IDS = 1;

  /** More than any batch is made of; bounds what a damaged file makes us allocate. */
  private static final int MAX_ROWS = 1 << 20;

  private static final int SHA = 32;
  private static final int TAIL = 4 + SHA;

  private final Path path;
  private final RandomAccessFile file;
  private final String sha256;
  private final Map<String, List<Frame>> tables = new LinkedHashMap<>();
  private final List<String> roots = new ArrayList<>();
  private Schema schema;
  private long rejected;

  /** Where a batch is. */
  record Frame(int rows, long offset, int length, long sum) {}

  private PackageFile(Path path) throws IOException {
    this.path = path;
    this.file = new RandomAccessFile(path.toFile(), "r");
    boolean ok = false;
    try {
      long size = file.length();
      if (size < MAGIC.length + TAIL) {
        throw lost("it is too short");
      }
      version(at(0, MAGIC.length));
      byte[] tail = at(size - TAIL, TAIL);
      int length = (int) Bytes.INT.get(tail, 0);
      if (length < 0 || length > size - TAIL - MAGIC.length) {
        throw lost("its index is longer than the file");
      }
      byte[] index = at(size - TAIL - length, length + 4);
      byte[] digest = Digests.sha256(index);
      if (!Arrays.equals(digest, 0, SHA, tail, 4, TAIL)) {
        throw lost("its checksum differs");
      }
      sha256 = Digests.hex(digest);
      index(Arrays.copyOf(index, length));
      ok = true;
    } finally {
      if (!ok) {
        file.close();
      }
    }
  }

  /** Opens a package and checks its index. */
  public static LoadPackage open(Path path) {
    try {
      return new PackageFile(path);
    } catch (IOException e) {
      throw new MillraceException(
          Failure.STAGING_LOST, "Cannot read load package: " + e.getMessage() + ": " + path, e);
    }
  }

  private void version(byte[] magic) {
    if (!Arrays.equals(magic, 0, VERSION_AT, MAGIC, 0, VERSION_AT)) {
      throw lost("it is no load package");
    }
    if (magic[VERSION_AT] != MAGIC[VERSION_AT]) {
      throw new MillraceException(
          Failure.STAGING_LOST,
          String.format(
              "Cannot read load package: it has version %d and this Millrace reads version %d: %s"
                  + " (a run makes it anew; to look into it take the Millrace that wrote it)",
              magic[VERSION_AT], MAGIC[VERSION_AT], path));
    }
  }

  private byte[] at(long offset, int length) throws IOException {
    byte[] b = new byte[length];
    file.seek(offset);
    file.readFully(b);
    return b;
  }

  private byte[] batch(Frame f) throws IOException {
    if (f.length < 0 || f.offset < MAGIC.length || f.length > file.length() - f.offset) {
      throw lost("its index points outside");
    }
    byte[] b = at(f.offset, f.length);
    Checksum sum = new Checksum();
    sum.update(b, b.length);
    if (sum.value() != f.sum) {
      throw lost("the checksum of a batch differs");
    }
    return b;
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
      int count = r.count(24);
      List<Frame> frames = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        int rows = r.four();
        long offset = r.eight();
        long sum = r.eight();
        frames.add(new Frame(rows, offset, r.four(), sum));
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
        return new Reader(batch(f)).batch(table, f.rows);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** Reads a part, trusting no length. */
  private final class Reader {
    private final byte[] b;
    private int p;

    /** The ids that are made of numbers. */
    private final Bytes ids = new Bytes(0);

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

    private String text() {
      int n = four();
      return new String(b, take(n), n, StandardCharsets.UTF_8);
    }

    private TableBatch batch(String table, int rows) {
      if (four() != rows || rows < 0 || rows > MAX_ROWS) {
        throw lost("a batch has another number of rows");
      }
      int used = four();
      int arena = b.length - used;
      if (used < 0 || arena < p) {
        throw lost("a batch has another length");
      }
      int columns = count(8);
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
        cells.add(cells(c, rows, arena));
      }
      if (p != arena) {
        throw lost("a batch has another length");
      }
      return new Read(table, rows, names, cells, all());
    }

    private TableBatch.Cells cells(Column c, int rows, int arena) {
      int count = four();
      if (count < 0 || count > rows) {
        throw lost("a column has too many cells");
      }
      int[] at = new int[count];
      if (count < rows) {
        rows(at, rows);
      } else {
        Arrays.setAll(at, i -> i);
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
        case TEXT, JSON, BINARY, DECIMAL, WEI -> texts(c.type(), values, arena);
      }
      return new TableBatch.Cells(count, at, values);
    }

    private void texts(DataType type, long[] values, int arena) {
      int way = b[take(1)];
      if (way == SLICES) {
        slices(values, arena);
      } else if (way == IDS && type == DataType.TEXT && values.length > 0) {
        ids(values);
      } else {
        throw lost("a column is written in no known way");
      }
    }

    private void ids(long[] values) {
      NumberedIds of = new NumberedIds(eight(), eight());
      long number = eight();
      long[] distances = new long[values.length - 1];
      packed(distances);
      for (int i = 0; i < values.length; i++) {
        long distance = i == 0 ? 0 : distances[i - 1];
        number += distance;
        values[i] =
            i > 0 && distance == 0
                ? values[i - 1]
                : (long) b.length + ids.id(of, number) << 32 | NumberedIds.LENGTH;
      }
    }

    /** The part as it was read, and behind it the ids that were made. */
    private byte[] all() {
      if (ids.size() == 0) {
        return b;
      }
      byte[] all = Arrays.copyOf(b, Math.addExact(b.length, ids.size()));
      System.arraycopy(ids.array(), 0, all, b.length, ids.size());
      return all;
    }

    private void rows(int[] at, int rows) {
      int width = Bytes.width(rows);
      int from = take((long) width * at.length);
      int before = -1;
      for (int i = 0; i < at.length; i++) {
        int row = (int) number(from, width);
        if (row <= before || row >= rows) {
          throw lost("a cell is in no row");
        }
        at[i] = row;
        before = row;
        from += width;
      }
    }

    /** A number of so many bytes, 1 to 8. */
    private long number(int from, int width) {
      if (from <= b.length - 8) {
        return (long) Bytes.LONG.get(b, from) & -1L >>> 64 - 8 * width;
      }
      long v = 0;
      for (int k = width - 1; k >= 0; k--) {
        v = v << 8 | b[from + k] & 0xFF;
      }
      return v;
    }

    private void packed(long[] values) {
      long min = eight();
      int width = b[take(1)];
      if (width < 0 || width > 8) {
        throw lost("a column has an impossible width");
      }
      int from = take((long) width * values.length);
      if (width == 0) {
        Arrays.fill(values, min);
        return;
      }
      for (int i = 0; i < values.length; i++) {
        values[i] = min + number(from, width);
        from += width;
      }
    }

    private void slices(long[] values, int arena) {
      long[] lengths = new long[values.length];
      packed(values);
      packed(lengths);
      long used = b.length - arena;
      for (int i = 0; i < values.length; i++) {
        long off = values[i];
        long len = lengths[i];
        if (off < 0 || len < 0 || off > used || len > used - off) {
          throw lost("a text is in no batch");
        }
        values[i] = arena + off << 32 | len;
      }
    }
  }

  /** A batch whose arena is the part as it was read, and the ids behind it. */
  private record Read(String table, int rows, List<Column> columns, List<Cells> all, byte[] arena)
      implements TableBatch {
    @Override
    public Cells cells(int column) {
      return all.get(column);
    }
  }
}
