package io.millrace.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.extract.Probe;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.destination.Destination;
import io.millrace.project.Project;
import io.millrace.run.Refresh;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A project of two assets with a destination made of lists: {@code shop.orders} waits for {@code
 * shop.customers}.
 */
public class FakeRooms implements Rooms {
  /** Two files that are read one after the other. */
  public static final String PROJECT =
      """
      project: shop
      destination: {type: duckdb, path: shop.duckdb, dataset: shop_data}
      sources:
        shop:
          type: filesystem
          bucket_url: data
          resources:
            - {name: customers, file_glob: "customers.jsonl", format: jsonl}
            - {name: orders, file_glob: "orders.jsonl", format: jsonl, depends_on: [shop.customers]}
      """;

  public final List<Object> activities = new ArrayList<>();
  public MillraceException problem;
  public volatile boolean drained;
  public volatile boolean closed;

  /** Whether the destination has no table yet. */
  public boolean empty;

  @Override
  public Engine engine(Opened project, Map<String, String> variables) {
    if (problem != null) {
      throw problem;
    }
    return new Engine() {
      @Override
      public List<Object> activities() {
        return activities;
      }

      @Override
      public void drain() {
        drained = true;
      }

      @Override
      public Loader loader(Destination destination) {
        return new FakeLoader();
      }

      @Override
      public Probe probe(Project.Located resource, JsonNode position) {
        throw new AssertionError("nobody looks here");
      }

      @Override
      public Optional<Probe> probeChild(Project.Located resource, List<JsonNode> parents) {
        throw new AssertionError("nobody looks here");
      }

      @Override
      public String mask(String text) {
        return text == null ? null : text.replace("s3cr3t-value", "***");
      }

      @Override
      public void close() {
        closed = true;
      }
    };
  }

  /** Has one table of two rows. */
  private final class FakeLoader implements Loader {
    @Override
    public Stored read(
        String project, String asset, String partition, String source, Refresh refresh) {
      if (!asset.equals("shop.customers")) {
        return new Stored(0, 0, null, Schema.empty(source));
      }
      TableSchema table =
          new TableSchema(
              "customers",
              null,
              "customers",
              Map.of(),
              List.of(Column.of("id", DataType.BIGINT), Column.of("name", DataType.TEXT)));
      return new Stored(
          1,
          2,
          io.millrace.run.Wire.mapper().createObjectNode().put("done", true),
          Schema.empty(source).with(table));
    }

    @Override
    public Committed load(Order order, LoadPackage load, Progress progress) {
      throw new AssertionError("nothing is loaded here");
    }

    @Override
    public Span newest(String project, String asset, String table) {
      return null;
    }

    @Override
    public List<Loaded> loads(String project, String asset, Span span, int limit) {
      return List.of();
    }

    @Override
    public Rows rowsOf(String loadId, String table, List<String> columns, String after, int limit) {
      return new Rows(List.of(), List.of());
    }

    @Override
    public void probe() {
      throw new AssertionError("nothing is written here");
    }

    @Override
    public Rows query(String sql, int limit) {
      if (sql.startsWith("drop")) {
        throw new MillraceException(
            Failure.DESTINATION_REFUSED,
            "Cannot run the query: it would change the destination: " + sql + " (only SELECT)");
      }
      List<List<Object>> rows = new ArrayList<>();
      rows.add(List.of(1, "Ada"));
      rows.add(java.util.Arrays.asList(2, null));
      rows.add(List.of(3, "s3cr3t-value\u001b[31m\nx"));
      return new Rows(
          List.of("id", "name"), limit == 0 ? rows : rows.subList(0, Math.min(limit, rows.size())));
    }

    @Override
    public List<TableInfo> tables(boolean system) {
      if (empty) {
        return List.of();
      }
      TableInfo customers =
          new TableInfo(
              "customers",
              1234,
              List.of(
                  new ColumnInfo("id", "BIGINT", false), new ColumnInfo("name", "VARCHAR", true)));
      TableInfo loads =
          new TableInfo("_mr_loads", 1, List.of(new ColumnInfo("load_id", "VARCHAR", false)));
      return system ? List.of(customers, loads) : List.of(customers);
    }
  }
}
