package io.millrace.activities.destination.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.Loader.Committed;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaJson;
import io.millrace.schema.SystemSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The tables that are ours ({@code config-and-cli.md} 4, {@code normalization.md} 15), read and
 * written in the transaction of the data.
 */
final class SystemTables {
  private static final ObjectMapper JSON = new ObjectMapper();

  static final String ASSET =
      "project = ? AND asset = ? AND \"partition\" IS NOT DISTINCT FROM ?::VARCHAR";

  private static final String SIBLINGS = "project = ? AND asset <> ? AND starts_with(asset, ?)";

  /** Made with their first row: few projects ever have any. */
  private static final Set<String> LATE =
      Set.of(SystemNames.BOUNDARY_KEYS, SystemNames.CORRECTIONS);

  private final Sql sql;
  private final SystemNames names;
  private final Map<String, List<Catalog.Field>> layouts = new LinkedHashMap<>();

  /**
   * A row of {@code _mr_state}.
   *
   * @param checkpoint {@code null} for the beginning
   * @param shadow {@code null} when no run over shadow tables is open
   * @param there whether there is such a row
   */
  record State(int epoch, int seq, JsonNode checkpoint, Shadow shadow, boolean there) {}

  /** A stored receipt and the digest of its package. */
  record Receipt(String sha256, Committed committed) {}

  /**
   * What a run rejected.
   *
   * @param table of the first; {@code null} when it has none
   * @param reason of the first, cut
   */
  record Rejected(long count, String table, String reason) {}

  SystemTables(Sql sql, SystemNames names) {
    this.sql = sql;
    this.names = names;
    layouts.put(
        names.loads(),
        List.of(
            field("load_id", DataType.TEXT, false),
            field("schema_name", DataType.TEXT, true),
            field("status", DataType.BIGINT, false),
            field("inserted_at", DataType.TIMESTAMP, false),
            field("schema_version_hash", DataType.TEXT, true)));
    layouts.put(
        names.version(),
        List.of(
            field("version", DataType.BIGINT, false),
            field("engine_version", DataType.BIGINT, false),
            field("inserted_at", DataType.TIMESTAMP, false),
            field("schema_name", DataType.TEXT, false),
            field("version_hash", DataType.TEXT, false),
            field("schema", DataType.TEXT, false)));
    layouts.put(
        SystemNames.STATE,
        List.of(
            field("project", DataType.TEXT, false),
            field("asset", DataType.TEXT, false),
            field("partition", DataType.TEXT, true),
            field("epoch", DataType.BIGINT, false),
            field("segment", DataType.BIGINT, false),
            field("checkpoint", DataType.JSON, true),
            field("shadow", DataType.JSON, true),
            field("load_id", DataType.TEXT, true),
            field("updated_at", DataType.TIMESTAMP, false)));
    layouts.put(
        SystemNames.RECEIPTS,
        List.of(
            field("load_id", DataType.TEXT, false),
            field("project", DataType.TEXT, false),
            field("asset", DataType.TEXT, false),
            field("partition", DataType.TEXT, true),
            field("run_id", DataType.TEXT, true),
            field("epoch", DataType.BIGINT, false),
            field("segment", DataType.BIGINT, false),
            field("package_sha256", DataType.TEXT, false),
            field("rows", DataType.JSON, false),
            field("schema_changes", DataType.JSON, false),
            field("rejected", DataType.BIGINT, false),
            field("bytes", DataType.BIGINT, false),
            field("requests", DataType.BIGINT, false),
            field("checkpoint_before", DataType.JSON, true),
            field("checkpoint_after", DataType.JSON, true),
            field("committed_at", DataType.TIMESTAMP, false),
            field("removed", DataType.JSON, true)));
    layouts.put(
        SystemNames.REJECTS,
        List.of(
            field("load_id", DataType.TEXT, false),
            field("asset", DataType.TEXT, false),
            field("table_name", DataType.TEXT, true),
            field("path", DataType.TEXT, true),
            field("reason", DataType.TEXT, true),
            field("record", DataType.JSON, true),
            field("rejected_at", DataType.TIMESTAMP, false)));
    layouts.put(SystemNames.BOUNDARY_KEYS, BoundaryKeysTable.fields(sql));
    layouts.put(
        SystemNames.CORRECTIONS,
        List.of(
            field("project", DataType.TEXT, false),
            field("asset", DataType.TEXT, false),
            field("partition", DataType.TEXT, true),
            field("epoch", DataType.BIGINT, false),
            field("deed", DataType.TEXT, false),
            field("load_id", DataType.TEXT, true),
            field("checkpoint_before", DataType.JSON, true),
            field("checkpoint_after", DataType.JSON, true),
            field("removed", DataType.JSON, true),
            field("corrected_at", DataType.TIMESTAMP, false)));
  }

  private Catalog.Field field(String name, DataType type, boolean nullable) {
    return new Catalog.Field(name, sql.type(Column.of(name, type)), nullable);
  }

  /** Whether a table of that name is one of these, so that no data may go there. */
  boolean reserved(String table) {
    Dialect dialect = sql.dialect();
    return layouts.keySet().stream().anyMatch(t -> dialect.folded(t).equals(dialect.folded(table)));
  }

  /**
   * Refuses tables that a newer version, or somebody else, made. Those of an older one lack columns
   * at the end, which may be NULL.
   */
  void check(Catalog catalog) {
    refuseOthers(catalog);
    checkColumns(catalog);
  }

  /** The same for a dataset that another program may have made. */
  void checkColumns(Catalog catalog) {
    layouts.forEach(
        (name, fields) -> {
          Catalog.Table found = catalog.table(name);
          if (found != null && !extensible(seen(name, found, fields), fields)) {
            throw new MillraceException(
                Failure.DESTINATION_REFUSED,
                "Cannot use dataset %s: table %s has other columns than this version knows: %s (a newer Millrace made it: upgrade; or something else did: take another dataset)"
                    .formatted(
                        sql.dataset(),
                        name,
                        found.fields().stream().map(Catalog.Field::name).toList()));
          }
        });
  }

  /**
   * Refuses a dataset that looks like ours and is not: dlt's, when it has dlt's names. Ours has all
   * of the system tables, because one transaction makes them.
   */
  private void refuseOthers(Catalog catalog) {
    if (catalog.table(names.version()) != null && catalog.table(SystemNames.RECEIPTS) == null) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot use dataset %s: another program made it: it has a table %s but no %s (if dlt made it, `millrace adopt` takes it over; otherwise take another dataset, or drop what is there)"
              .formatted(sql.dataset(), names.version(), SystemNames.RECEIPTS));
    }
  }

  /** dlt gives some of its texts a length on some engines; what counts is what they are called. */
  private List<Catalog.Field> seen(String name, Catalog.Table found, List<Catalog.Field> fields) {
    boolean dlts = name.equals(names.loads()) || name.equals(names.version());
    boolean same =
        dlts
            && found.fields().stream()
                .map(Catalog.Field::name)
                .toList()
                .equals(fields.stream().map(Catalog.Field::name).toList());
    return same ? fields : found.fields();
  }

  private static boolean extensible(List<Catalog.Field> found, List<Catalog.Field> fields) {
    return found.size() <= fields.size()
        && found.equals(fields.subList(0, found.size()))
        && fields.subList(found.size(), fields.size()).stream().allMatch(Catalog.Field::nullable);
  }

  /** Whether nothing is missing. */
  boolean complete(Catalog catalog) {
    return layouts.entrySet().stream()
        .allMatch(
            layout -> {
              Catalog.Table found = catalog.table(layout.getKey());
              return found == null
                  ? LATE.contains(layout.getKey())
                  : seen(layout.getKey(), found, layout.getValue()).equals(layout.getValue());
            });
  }

  /** Makes what is missing of the dataset and its system tables. */
  void create(Catalog catalog) throws SQLException {
    sql.dialect().createDataset(sql);
    for (Map.Entry<String, List<Catalog.Field>> layout : layouts.entrySet()) {
      if (catalog.table(layout.getKey()) == null && LATE.contains(layout.getKey())) {
        continue;
      }
      if (catalog.table(layout.getKey()) == null) {
        make(layout.getKey(), catalog);
      }
      int there = catalog.table(layout.getKey()).fields().size();
      for (Catalog.Field late : layout.getValue().subList(there, layout.getValue().size())) {
        sql.run("ALTER TABLE " + sql.table(layout.getKey()) + " ADD COLUMN " + late.ddl());
        catalog.put(layout.getKey(), layout.getValue());
      }
    }
  }

  private void make(String table, Catalog catalog) throws SQLException {
    List<Catalog.Field> fields = layouts.get(table);
    String columns = String.join(", ", fields.stream().map(Catalog.Field::ddl).toList());
    String key = table.equals(SystemNames.RECEIPTS) ? ", PRIMARY KEY (load_id)" : "";
    sql.run("CREATE TABLE " + sql.table(table) + " (" + columns + key + ")");
    catalog.put(table, fields);
  }

  Optional<Receipt> receipt(String loadId) throws SQLException {
    List<List<Object>> rows =
        sql.rows(
            """
            SELECT package_sha256, "rows"::VARCHAR, schema_changes::VARCHAR, rejected, checkpoint_after::VARCHAR,
              removed::VARCHAR
            FROM %s WHERE load_id = ?
            """
                .formatted(sql.table(SystemNames.RECEIPTS)),
            loadId);
    return rows.stream()
        .findFirst()
        .map(
            row ->
                new Receipt(
                    (String) row.get(0),
                    new Committed(
                        parse(row.get(1), new TypeReference<Map<String, Long>>() {}),
                        parse(row.get(2), new TypeReference<List<String>>() {}),
                        (Long) row.get(3),
                        parse(row.get(4), new TypeReference<JsonNode>() {}),
                        true,
                        parse(row.get(5), new TypeReference<Map<String, Long>>() {}))));
  }

  /**
   * What an asset has. Without a row of its own but with receipts, somebody deleted the row: then
   * loading from the beginning could double rows, so it is refused unless the run forgets them
   * anyway.
   */
  State state(String project, String asset, String partition, boolean refreshing)
      throws SQLException {
    for (List<Object> row :
        sql.rows(
            "SELECT epoch, segment, checkpoint::VARCHAR, shadow::VARCHAR FROM %s WHERE %s"
                .formatted(sql.table(SystemNames.STATE), ASSET),
            project,
            asset,
            partition)) {
      return new State(
          Math.toIntExact((Long) row.get(0)),
          Math.toIntExact((Long) row.get(1)),
          parse(row.get(2), new TypeReference<JsonNode>() {}),
          parse(row.get(3), new TypeReference<Shadow>() {}),
          true);
    }
    int epoch =
        Math.toIntExact(
            sql.number(
                "SELECT coalesce(max(epoch), 0) FROM %s WHERE %s"
                    .formatted(sql.table(SystemNames.RECEIPTS), ASSET),
                project,
                asset,
                partition));
    if (epoch > 0 && !refreshing) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot load %s: its row in _mr_state is gone but its receipts are there: loading it from the beginning could double its rows (put the row back, or run with --refresh drop_resources)"
              .formatted(asset));
    }
    return new State(epoch, 0, null, null, false);
  }

  /** What the loads of the segment's epoch rejected, this one's included. */
  Rejected rejected(Segment segment) throws SQLException {
    List<List<Object>> rows =
        sql.rows(
            """
            SELECT count(*) OVER (), table_name, left(reason, 300) FROM %s
            WHERE load_id = ? OR load_id IN (SELECT load_id FROM %s WHERE %s AND epoch = ?)
            ORDER BY load_id, %s LIMIT 1
            """
                .formatted(
                    sql.table(SystemNames.REJECTS),
                    sql.table(SystemNames.RECEIPTS),
                    ASSET,
                    sql.dialect().rowId()),
            segment.loadId(),
            segment.project(),
            segment.asset(),
            segment.partition(),
            segment.epoch());
    if (rows.isEmpty()) {
      return new Rejected(0, null, null);
    }
    List<Object> first = rows.get(0);
    return new Rejected((Long) first.get(0), (String) first.get(1), (String) first.get(2));
  }

  /**
   * Refuses a second project on the same tables: each would take the rows of the other for its own.
   */
  void refuseOtherProjects(String project, String source) throws SQLException {
    List<List<Object>> others =
        sql.rows(
            "SELECT project, asset FROM %s WHERE project <> ? AND starts_with(asset, ?) LIMIT 1"
                .formatted(sql.table(SystemNames.STATE)),
            project,
            source + ".");
    if (!others.isEmpty()) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot load source %s into dataset %s: another project loads it there: %s, asset %s (take another dataset or source name; a project that was renamed takes its old name back)"
              .formatted(source, sql.dataset(), others.get(0).get(0), others.get(0).get(1)));
    }
  }

  /** The open shadow tables of the other assets of a source. */
  List<Shadow> otherShadows(Segment segment, String source) throws SQLException {
    List<Shadow> shadows = new ArrayList<>();
    for (List<Object> row :
        sql.rows(
            "SELECT shadow::VARCHAR FROM %s WHERE %s AND shadow IS NOT NULL"
                .formatted(sql.table(SystemNames.STATE), SIBLINGS),
            segment.project(),
            segment.asset(),
            source + ".")) {
      shadows.add(parse(row.get(0), new TypeReference<Shadow>() {}));
    }
    return shadows;
  }

  /** Whether another asset of the source has loaded in the same run already. */
  boolean siblingLoaded(Segment segment, String source) throws SQLException {
    return segment.runId() != null
        && sql.any(
            "SELECT 1 FROM %s WHERE %s AND run_id = ? LIMIT 1"
                .formatted(sql.table(SystemNames.RECEIPTS), SIBLINGS),
            segment.project(),
            segment.asset(),
            source + ".",
            segment.runId());
  }

  /** Sets the other assets of a source back to the beginning and fences their writers. */
  void resetOthers(Segment segment, String source) throws SQLException {
    sql.run(
        """
        UPDATE %s SET epoch = epoch + 1, segment = 0, checkpoint = NULL, shadow = NULL, updated_at = now() WHERE %s
        """
            .formatted(sql.table(SystemNames.STATE), SIBLINGS),
        segment.project(),
        segment.asset(),
        source + ".");
  }

  /**
   * Puts the asset's row in the place of the one that the fence looked at. If that one changed
   * meanwhile, by a sibling's refresh or by hand, everything that this load did is built on sand.
   */
  void writeState(State before, Segment segment, JsonNode checkpoint, Shadow shadow)
      throws SQLException {
    String state = sql.table(SystemNames.STATE);
    long found =
        before.there()
            ? sql.run(
                "DELETE FROM %s WHERE %s AND epoch = ? AND segment = ?".formatted(state, ASSET),
                segment.project(),
                segment.asset(),
                segment.partition(),
                (long) before.epoch(),
                (long) before.seq())
            : 0;
    boolean other =
        sql.any(
            "SELECT 1 FROM %s WHERE %s".formatted(state, ASSET),
            segment.project(),
            segment.asset(),
            segment.partition());
    if (other || found == 0 && before.there()) {
      throw new MillraceException(
          Failure.LOAD_REFUSED,
          "Cannot load %s: its row in _mr_state changed during the load: load %s (the state is read again and the run goes on from it)"
              .formatted(segment.asset(), segment.loadId()));
    }
    sql.run(
        "INSERT INTO %s VALUES (?, ?, ?, ?, ?, ?::JSON, ?::JSON, ?, now())"
            .formatted(sql.table(SystemNames.STATE)),
        segment.project(),
        segment.asset(),
        segment.partition(),
        segment.epoch(),
        segment.seq(),
        text(checkpoint),
        text(shadow),
        segment.loadId());
  }

  /**
   * Notes that somebody changed the state by hand.
   *
   * @param segment whose epoch is the one that the asset has now
   * @param loadId to which it went back; {@code null} for none
   */
  void writeCorrection(
      Segment segment,
      Catalog catalog,
      String deed,
      String loadId,
      JsonNode before,
      JsonNode after,
      Map<String, Long> removed)
      throws SQLException {
    if (catalog.table(SystemNames.CORRECTIONS) == null) {
      make(SystemNames.CORRECTIONS, catalog);
    }
    sql.run(
        "INSERT INTO %s VALUES (?, ?, ?, ?, ?, ?, ?::JSON, ?::JSON, ?::JSON, now())"
            .formatted(sql.table(SystemNames.CORRECTIONS)),
        segment.project(),
        segment.asset(),
        segment.partition(),
        segment.epoch(),
        deed,
        loadId,
        text(before),
        text(after),
        text(removed));
  }

  void writeReceipt(Order order, String sha256, Committed committed) throws SQLException {
    Segment segment = order.segment();
    sql.run(
        """
        INSERT INTO %s VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?::JSON, ?::JSON, ?, ?, ?, ?::JSON, ?::JSON, now(), ?::JSON)
        """
            .formatted(sql.table(SystemNames.RECEIPTS)),
        segment.loadId(),
        segment.project(),
        segment.asset(),
        segment.partition(),
        segment.runId(),
        segment.epoch(),
        segment.seq(),
        sha256,
        text(committed.rows()),
        text(committed.schemaChanges()),
        committed.rejected(),
        order.bytes(),
        order.requests(),
        text(order.before()),
        text(order.after()),
        text(committed.removed()));
  }

  /** Says what a load has now that it was normalized again. */
  void rewriteReceipt(String loadId, String sha256, Map<String, Long> rows, long rejected)
      throws SQLException {
    sql.run(
        "UPDATE %s SET package_sha256 = ?, \"rows\" = ?::JSON, rejected = ? WHERE load_id = ?"
            .formatted(sql.table(SystemNames.RECEIPTS)),
        sha256,
        text(rows),
        rejected,
        loadId);
  }

  /**
   * Fills a table of one column with the load ids of the asset's open window: those after the last
   * load that closed one. Ids of a window that was begun again before may be among them; their rows
   * are gone.
   */
  void openWindow(Segment segment, String into) throws SQLException {
    List<List<Object>> closed =
        sql.rows(
            """
            SELECT epoch, segment FROM %s
            WHERE %s AND checkpoint_after->>'done' = 'true'
            ORDER BY epoch DESC, segment DESC LIMIT 1
            """
                .formatted(sql.table(SystemNames.RECEIPTS), ASSET),
            segment.project(),
            segment.asset(),
            segment.partition());
    List<Object> last = closed.isEmpty() ? List.of(0L, 0L) : closed.get(0);
    sql.run(
        "INSERT INTO %s SELECT load_id FROM %s WHERE %s AND (epoch > ? OR epoch = ? AND segment > ?)"
            .formatted(into, sql.table(SystemNames.RECEIPTS), ASSET),
        segment.project(),
        segment.asset(),
        segment.partition(),
        last.get(0),
        last.get(0),
        last.get(1));
  }

  void writeLoad(String loadId, String schemaName, String versionHash) throws SQLException {
    sql.run(
        "INSERT INTO %s VALUES (?, ?, 0, now(), ?)".formatted(sql.table(names.loads())),
        loadId,
        schemaName,
        versionHash);
  }

  /** The newest stored schema of the source; {@link Schema#empty} when there is none. */
  Schema schema(String source) throws SQLException {
    List<List<Object>> rows =
        sql.rows(
            """
            SELECT engine_version, schema FROM %s WHERE schema_name = ?
            ORDER BY version DESC, inserted_at DESC LIMIT 1
            """
                .formatted(sql.table(names.version())),
            source);
    if (rows.isEmpty()) {
      return Schema.empty(source);
    }
    long engine = (Long) rows.get(0).get(0);
    if (engine > SchemaJson.ENGINE_VERSION) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot read the schema of %s: a newer version wrote it: engine version %d, known are up to %d (upgrade Millrace)"
              .formatted(source, engine, SchemaJson.ENGINE_VERSION));
    }
    return SystemSchema.removed(SchemaJson.read((String) rows.get(0).get(1)), names);
  }

  /** Whether the newest schema of any source of the project has the table with columns. */
  boolean known(String project, String table) throws SQLException {
    for (List<Object> source :
        sql.rows(
            "SELECT DISTINCT schema_name FROM %s v WHERE NOT EXISTS (SELECT 1 FROM %s s WHERE s.project <> ? AND starts_with(s.asset, v.schema_name || '.'))"
                .formatted(sql.table(names.version()), sql.table(SystemNames.STATE)),
            project)) {
      if (schema((String) source.get(0))
          .table(table)
          .filter(t -> !t.completeColumns().isEmpty())
          .isPresent()) {
        return true;
      }
    }
    return false;
  }

  void writeSchema(Schema schema) throws SQLException {
    sql.run(
        "INSERT INTO %s VALUES (?, ?, now(), ?, ?, ?)".formatted(sql.table(names.version())),
        schema.version(),
        SchemaJson.ENGINE_VERSION,
        schema.name(),
        schema.versionHash(),
        SchemaJson.write(SystemSchema.added(schema, names)));
  }

  static String text(Object value) {
    try {
      return value == null ? null : JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new MillraceException(Failure.INTERNAL, "Cannot write the state: it is no JSON", e);
    }
  }

  static <T> T parse(Object text, TypeReference<T> type) {
    try {
      return text == null ? null : JSON.readValue((String) text, type);
    } catch (JsonProcessingException e) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot read the state: a system table holds something unknown: %s (a newer Millrace may have written it: upgrade)"
              .formatted(e.getOriginalMessage()),
          e);
    }
  }
}
