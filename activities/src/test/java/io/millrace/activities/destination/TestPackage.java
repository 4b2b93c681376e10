package io.millrace.activities.destination;

import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.TableBatch;
import io.millrace.destination.SystemNames;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A load package written down by hand: {@code TestPackage.of("shop", "orders").table("orders",
 * columns).row(cells("id", 1L))}. Values are Java's: {@code Long}, {@code Double}, {@code Boolean},
 * {@code String}, {@code byte[]}, {@code BigDecimal}, {@code Instant}, {@code LocalDate}, {@code
 * LocalTime}; {@code null} or absent is NULL.
 */
public final class TestPackage implements LoadPackage {
  private final String resource;
  private final Map<String, List<Map<String, Object>>> rows = new LinkedHashMap<>();
  private final List<String> roots = new ArrayList<>();
  private Schema schema;
  private String table;
  private int batchRows = 3;

  private TestPackage(String source, String resource) {
    this.resource = resource;
    this.schema = Schema.empty(source);
  }

  public static TestPackage of(String source, String resource) {
    return new TestPackage(source, resource);
  }

  /** Begins from a schema that is there already, as the normalizer does. */
  public TestPackage after(Schema before) {
    schema = before;
    return this;
  }

  /** A root table; the rows that follow are its. */
  public TestPackage table(String name, Column... columns) {
    schema = schema.with(new TableSchema(name, null, resource, Map.of(), List.of(columns)));
    roots.add(name);
    return in(name);
  }

  /** A table below another; the rows that follow are its. */
  public TestPackage child(String name, String parent, Column... columns) {
    schema = schema.with(new TableSchema(name, parent, null, Map.of(), List.of(columns)));
    return in(name);
  }

  /** The table of a list that has a key of its own; the rows that follow are its. */
  public TestPackage own(String name, String disposition, Column... columns) {
    Map<String, Object> hints = Map.of("write_disposition", disposition);
    schema = schema.with(new TableSchema(name, null, resource, hints, List.of(columns)));
    return in(name);
  }

  /** The pseudo table of rejected records. */
  public TestPackage rejects() {
    return in(SystemNames.REJECTS);
  }

  /** The rows that follow are of this table, which was declared before. */
  public TestPackage in(String name) {
    table = name;
    rows.putIfAbsent(name, new ArrayList<>());
    return this;
  }

  public TestPackage row(Map<String, Object> cells) {
    rows.get(table).add(cells);
    return this;
  }

  /** How many rows a batch has at the most. */
  public TestPackage batches(int rowsEach) {
    batchRows = rowsEach;
    return this;
  }

  /** Name, value, name, value, … */
  public static Map<String, Object> cells(Object... namesAndValues) {
    Map<String, Object> cells = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      cells.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return cells;
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public List<String> tables() {
    return rows.keySet().stream().filter(t -> !rows.get(t).isEmpty()).toList();
  }

  @Override
  public List<String> rootTables() {
    return List.copyOf(roots);
  }

  @Override
  public long rows(String name) {
    return rows.get(name).size();
  }

  @Override
  public long rejected() {
    return rows.getOrDefault(SystemNames.REJECTS, List.of()).size();
  }

  @Override
  public String sha256() {
    try {
      byte[] content = (schema + "\n" + rows).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Batches batches(String name) {
    List<Map<String, Object>> all = rows.get(name);
    List<Column> columns =
        name.equals(SystemNames.REJECTS)
            ? rejectColumns()
            : schema.table(name).orElseThrow().completeColumns();
    return new Batches() {
      private int next;

      @Override
      public TableBatch next() {
        if (next >= all.size()) {
          return null;
        }
        int from = next;
        next = Math.min(all.size(), from + batchRows);
        return new Batch(name, columns, all.subList(from, next));
      }

      @Override
      public void close() {}
    };
  }

  private static List<Column> rejectColumns() {
    List<Column> columns = new ArrayList<>();
    for (String text : List.of("asset", "table_name", "path", "reason")) {
      columns.add(Column.of(text, DataType.TEXT));
    }
    columns.add(Column.of("record", DataType.TEXT));
    return columns;
  }

  @Override
  public void close() {}

  /** Sparse cells over an arena, made of maps. */
  private static final class Batch implements TableBatch {
    private final String table;
    private final int rows;
    private final List<Column> columns = new ArrayList<>();
    private final List<Cells> cells = new ArrayList<>();
    private final ByteArrayOutputStream arena = new ByteArrayOutputStream();

    Batch(String table, List<Column> all, List<Map<String, Object>> rows) {
      this.table = table;
      this.rows = rows.size();
      arena.writeBytes(new byte[] {1, 2, 3});
      for (Column column : all) {
        int[] at = new int[rows.size()];
        long[] values = new long[rows.size()];
        int count = 0;
        for (int i = 0; i < rows.size(); i++) {
          Object value = rows.get(i).get(column.name());
          if (value != null) {
            at[count] = i;
            values[count++] = encoded(value);
          }
        }
        if (count > 0) {
          columns.add(column);
          cells.add(
              new Cells(count, Arrays.copyOf(at, count + 2), Arrays.copyOf(values, count + 2)));
        }
      }
    }

    private long encoded(Object value) {
      if (value instanceof Number && !(value instanceof BigDecimal) && !(value instanceof Double)) {
        return ((Number) value).longValue();
      }
      if (value instanceof Double number) {
        return Double.doubleToRawLongBits(number);
      }
      if (value instanceof Boolean bool) {
        return bool ? 1 : 0;
      }
      if (value instanceof Instant instant) {
        return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
      }
      if (value instanceof LocalDate date) {
        return date.toEpochDay();
      }
      if (value instanceof LocalTime time) {
        return time.toNanoOfDay() / 1000;
      }
      if (value instanceof byte[] bytes) {
        return slice(bytes);
      }
      String text = value instanceof BigDecimal number ? number.toPlainString() : (String) value;
      return slice(text.getBytes(StandardCharsets.UTF_8));
    }

    private long slice(byte[] bytes) {
      long offset = arena.size();
      arena.writeBytes(bytes);
      return offset << 32 | bytes.length;
    }

    @Override
    public String table() {
      return table;
    }

    @Override
    public int rows() {
      return rows;
    }

    @Override
    public List<Column> columns() {
      return columns;
    }

    @Override
    public Cells cells(int column) {
      return cells.get(column);
    }

    @Override
    public byte[] arena() {
      return arena.toByteArray();
    }
  }
}
