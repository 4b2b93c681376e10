package io.millrace.worker;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.asset.AssetKey;
import io.millrace.destination.Destination;
import io.millrace.destination.SystemNames;
import io.millrace.project.Project;
import io.millrace.project.Schedule;
import io.millrace.project.Text;
import io.millrace.run.Refresh;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaSettings;
import io.millrace.schema.TableSchema;
import io.millrace.source.Files;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A project of two assets with a destination made of lists: {@code shop.orders} waits for {@code shop.customers}. */
public class FakeRooms implements Rooms {
  public final List<Class<?>> workflows = new ArrayList<>();
  public final List<Object> activities = new ArrayList<>();
  public final Map<String, Schedule> schedules = new LinkedHashMap<>();
  public MillraceException problem;
  public volatile boolean drained;
  public volatile boolean closed;

  @Override
  public Project read(Path file, Map<String, String> variables) {
    if (problem != null) {
      throw problem;
    }
    return new Project(
        "shop",
        List.of(new Destination("default", "duckdb", "shop_data", Map.of())),
        new SystemNames("_mr"),
        new SchemaSettings(null, null, null, null, false),
        Resource.SegmentBounds.DEFAULT,
        new Project.Staging(new Text(".millrace/staging"), Duration.ofHours(24)),
        List.of(new Source.Filesystem("shop", new Text("data"), null, null, List.of(resource("customers"), resource("orders")))),
        schedules);
  }

  private static Resource resource(String name) {
    return new Resource(
        name, null, new Files(name + ".jsonl", "jsonl"), null, null, null, true, null, null, null, null, null);
  }

  @Override
  public List<AssetKey> select(Project project, String select, String exclude) {
    return project.sources().stream()
        .flatMap(s -> s.resources().stream().map(r -> new AssetKey(s.name(), r.name())))
        .filter(key -> select == null || select.equals("shop.*") || key.toString().equals(select))
        .filter(key -> !key.toString().equals(exclude))
        .toList();
  }

  @Override
  public Set<AssetKey> upstream(Project project, AssetKey asset) {
    return asset.name().equals("orders") ? Set.of(new AssetKey("shop", "customers")) : Set.of();
  }

  @Override
  public List<Class<?>> workflows() {
    return workflows;
  }

  @Override
  public Engine engine(Path file, Project project, Map<String, String> variables) {
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
  private static final class FakeLoader implements Loader {
    @Override
    public Stored read(String project, String asset, String partition, String source, Refresh refresh) {
      if (!asset.equals("shop.customers")) {
        return new Stored(0, 0, null, Schema.empty(source));
      }
      TableSchema table =
          new TableSchema(
              "customers", null, "customers", Map.of(), List.of(Column.of("id", DataType.BIGINT), Column.of("name", DataType.TEXT)));
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
    public Rows query(String sql, int limit) {
      if (sql.startsWith("drop")) {
        throw new MillraceException(
            Failure.DESTINATION_REFUSED, "Cannot run the query: it would change the destination: " + sql + " (only SELECT)");
      }
      List<List<Object>> rows = new ArrayList<>();
      rows.add(List.of(1, "Ada"));
      rows.add(java.util.Arrays.asList(2, null));
      rows.add(List.of(3, "s3cr3t-value\u001b[31m\nx"));
      return new Rows(List.of("id", "name"), limit == 0 ? rows : rows.subList(0, Math.min(limit, rows.size())));
    }

    @Override
    public List<TableInfo> tables(boolean system) {
      TableInfo customers =
          new TableInfo("customers", 1234, List.of(new ColumnInfo("id", "BIGINT", false), new ColumnInfo("name", "VARCHAR", true)));
      TableInfo loads = new TableInfo("_mr_loads", 1, List.of(new ColumnInfo("load_id", "VARCHAR", false)));
      return system ? List.of(customers, loads) : List.of(customers);
    }
  }
}
