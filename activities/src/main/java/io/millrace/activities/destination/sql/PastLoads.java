package io.millrace.activities.destination.sql;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.Ledger.Choice;
import io.millrace.activities.destination.Ledger.Past;
import io.millrace.activities.destination.Ledger.PastLoad;
import io.millrace.activities.destination.Loader.Loaded;
import io.millrace.activities.destination.Loader.Span;
import io.millrace.activities.destination.WholeRun;
import io.millrace.asset.AssetKey;
import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.run.Kept;
import io.millrace.run.Visits.Mark;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaJson;
import io.millrace.schema.SystemSchema;
import io.millrace.schema.TableSchema;
import java.sql.SQLException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which loads of an asset may be normalized again: those whose rows, or rejects, the destination
 * still has, in their order, and only where loading them again gives what loading them anew would.
 */
final class PastLoads {
  /** What waits for the last of them is noted in the asset's one row of the state. */
  private static final int MOST = 2_000;

  private static final Mark END = new Mark(Integer.MAX_VALUE, Integer.MAX_VALUE);

  private final Sql sql;
  private final SystemNames names;
  private final Catalog catalog;
  private final Choice choice;
  private final Object[] asset;

  /**
   * A receipt.
   *
   * @param rows whether it brought any
   * @param anything whether there was anything in what was fetched
   */
  private record Receipt(
      String id, Mark mark, boolean rows, boolean anything, boolean again, long micros) {}

  PastLoads(Sql sql, SystemNames names, Catalog catalog, Choice choice) {
    this.sql = sql;
    this.names = names;
    this.catalog = catalog;
    this.choice = choice;
    this.asset = new Object[] {choice.project(), choice.asset(), null};
  }

  /** The root tables that a resource writes, by a schema. */
  static List<String> roots(Schema schema, String asset) {
    String resource = AssetKey.parse(asset).name();
    return schema.tables().stream()
        .filter(t -> t.parent() == null && resource.equals(t.resource()))
        .map(TableSchema::name)
        .toList();
  }

  Past choose() throws SQLException {
    refuseUnfit();
    SystemTables system = new SystemTables(sql, names);
    List<String> roots = roots(system.schema(choice.source()), choice.asset());
    Set<String> shown = shown(sql, names, catalog, roots);
    List<Receipt> there = there(shown);
    List<Receipt> chosen = within(there);
    if (chosen.size() > MOST) {
      throw refused(
          Failure.POLICY_REFUSED,
          "too many loads: %d, at most %d at once (choose a later one with --from: %s)"
              .formatted(chosen.size(), MOST, chosen.get(chosen.size() - MOST).id()));
    }
    if (choice.disposition().kind() == Kind.MERGE && !chosen.isEmpty()) {
      refuseSeveralRuns(chosen);
      refuseOtherTimes(chosen);
    }
    Set<String> ids = new HashSet<>();
    chosen.forEach(receipt -> ids.add(receipt.id()));
    return new Past(
        ids.containsAll(shown) ? Kept.Extent.ALL : Kept.Extent.SOME, withCheckpoints(chosen, ids));
  }

  /** The load ids of the rows that root tables have; {@code null} for rows that name none. */
  static Set<String> shown(Sql sql, SystemNames names, Catalog catalog, List<String> roots)
      throws SQLException {
    Set<String> shown = new HashSet<>();
    for (String root : roots) {
      Catalog.Table table = catalog.table(root);
      if (table == null) {
        continue;
      }
      boolean named = table.has(names.loadId());
      String of = named ? Sql.name(names.loadId()) : "NULL::VARCHAR";
      for (List<Object> row :
          sql.rows("SELECT DISTINCT %s FROM %s".formatted(of, sql.table(root)))) {
        shown.add((String) row.get(0));
      }
    }
    return shown;
  }

  /** Refuses dispositions under which a row depends on more than the loads that brought it. */
  private void refuseUnfit() {
    if (choice.disposition().kind() == Kind.SKIP) {
      throw refused(
          Failure.POLICY_REFUSED,
          "write disposition skip loads nothing: %s (choose another, and run)"
              .formatted(choice.asset()));
    }
    if (WholeRun.byAbsence(choice.disposition())) {
      throw refused(
          Failure.POLICY_REFUSED,
          "its rows were judged by what each run did not bring, and what the tables had then is gone: strategy %s%s (change it and run, or run with --refresh drop_data)"
              .formatted(
                  choice.disposition().strategy().key(),
                  choice.disposition().options().get("destination_scope") == null
                      ? ""
                      : " with destination_scope"));
    }
  }

  /** Loads of which something is in the destination, oldest first. */
  private List<Receipt> there(Set<String> shown) throws SQLException {
    int refreshed = refreshed();
    List<Receipt> receipts = new ArrayList<>();
    for (Receipt receipt : receipts()) {
      if (receipt.mark().epoch() >= refreshed && receipt.anything()) {
        receipts.add(receipt);
      }
    }
    Kind kind = choice.disposition().kind();
    Predicate<Receipt> there = receipt -> true;
    if (kind == Kind.APPEND) {
      there = receipt -> !receipt.rows() || shown.contains(receipt.id());
    } else if (kind == Kind.REPLACE) {
      int newest =
          receipts.stream()
              .filter(receipt -> shown.contains(receipt.id()))
              .mapToInt(receipt -> receipt.mark().epoch())
              .max()
              .orElse(-1);
      there = receipt -> receipt.mark().epoch() == newest;
    } else if (choice.wholeRun()) {
      Set<Integer> applied = applied(receipts);
      there = receipt -> applied.contains(receipt.mark().epoch());
    }
    receipts.removeIf(there.negate());
    return receipts;
  }

  /** The epoch of the run that last took away everything; 0 when none did. */
  private int refreshed() throws SQLException {
    return catalog.table(SystemNames.CORRECTIONS) == null
        ? 0
        : Math.toIntExact(
            sql.number(
                "SELECT coalesce(max(epoch), 0) FROM %s WHERE %s AND deed = 'refresh'"
                    .formatted(sql.table(SystemNames.CORRECTIONS), SystemTables.ASSET),
                asset));
  }

  /** Without loads whose rows went when their window began again. */
  private List<Receipt> receipts() throws SQLException {
    Map<String, Loaded> alive = new LinkedHashMap<>();
    for (Loaded load :
        new Loads(sql, names, catalog)
            .in(choice.project(), choice.asset(), new Span(Mark.NONE, END), Integer.MAX_VALUE)) {
      alive.put(load.loadId(), load);
    }
    List<Receipt> receipts = new ArrayList<>();
    for (List<Object> row :
        sql.rows(
            """
            SELECT load_id, "rows"::VARCHAR, rejected, bytes, removed IS NOT NULL,
              CAST(extract(epoch FROM committed_at) * 1000000 AS BIGINT)
            FROM %s WHERE %s ORDER BY epoch, segment
            """
                .formatted(sql.table(SystemNames.RECEIPTS), SystemTables.ASSET),
            asset)) {
      Loaded load = alive.get((String) row.get(0));
      if (load != null) {
        Map<String, Long> came =
            SystemTables.parse(row.get(1), new TypeReference<Map<String, Long>>() {});
        boolean rows = came.values().stream().anyMatch(n -> n > 0);
        boolean anything = rows || (Long) row.get(2) > 0 || (Long) row.get(3) > 0;
        receipts.add(
            new Receipt(
                load.loadId(),
                load.mark(),
                rows,
                anything,
                (Boolean) row.get(4),
                (Long) row.get(5)));
      }
    }
    return receipts;
  }

  /** Runs over shadow tables that came to their end. */
  private Set<Integer> applied(List<Receipt> receipts) throws SQLException {
    Set<String> visible = new HashSet<>();
    for (List<Object> row : sql.rows("SELECT load_id FROM " + sql.table(names.loads()))) {
      visible.add((String) row.get(0));
    }
    Set<Integer> applied = new HashSet<>();
    for (Receipt receipt : receipts) {
      if (visible.contains(receipt.id())) {
        applied.add(receipt.mark().epoch());
      }
    }
    return applied;
  }

  private List<Receipt> within(List<Receipt> there) {
    List<Receipt> chosen = new ArrayList<>(there);
    String from = choice.renormalize().from();
    if (from != null) {
      Mark first =
          there.stream()
              .filter(receipt -> receipt.id().equals(from))
              .findFirst()
              .map(Receipt::mark)
              .orElseThrow(
                  () ->
                      refused(
                          Failure.CONFIG_INVALID,
                          "it has no such load, or nothing of it is left: %s (`millrace state history %s` lists them)"
                              .formatted(from, choice.asset())));
      chosen.removeIf(receipt -> receipt.mark().compareTo(first) < 0);
    }
    if (choice.renormalize().since() != null) {
      Instant since = instant(choice.renormalize().since());
      chosen.removeIf(
          receipt ->
              Instant.ofEpochSecond(
                      Math.floorDiv(receipt.micros(), 1_000_000L),
                      Math.floorMod(receipt.micros(), 1_000_000L) * 1_000)
                  .isBefore(since));
    }
    return chosen;
  }

  private Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot renormalize %s: this is no time: %s (for example 2026-01-31T00:00:00Z)"
              .formatted(choice.asset(), text),
          e);
    }
  }

  /** Rows that a run judged together cannot be judged together with those of another run. */
  private void refuseSeveralRuns(List<Receipt> chosen) {
    int newest = chosen.get(chosen.size() - 1).mark().epoch();
    if (choice.wholeRun() && chosen.get(0).mark().epoch() != newest) {
      Receipt first =
          chosen.stream().filter(receipt -> receipt.mark().epoch() == newest).findFirst().get();
      throw refused(
          Failure.POLICY_REFUSED,
          "with merge_key or dedup_sort the rows of a run are judged together, so only the newest run may be: %s (choose it with --from %s)"
              .formatted(choice.asset(), first.id()));
    }
  }

  /** Refuses to merge what once was loaded in a way that took rows away. */
  private void refuseOtherTimes(List<Receipt> chosen) throws SQLException {
    Set<String> ids = new HashSet<>();
    chosen.forEach(receipt -> ids.add(receipt.id()));
    Map<String, String> versions = new LinkedHashMap<>();
    for (List<Object> row :
        sql.rows("SELECT load_id, schema_version_hash FROM " + sql.table(names.loads()))) {
      if (ids.contains((String) row.get(0))) {
        versions.putIfAbsent((String) row.get(1), (String) row.get(0));
      }
    }
    for (Map.Entry<String, String> version : versions.entrySet()) {
      for (List<Object> row :
          sql.rows(
              "SELECT schema FROM %s WHERE version_hash = ? AND schema_name = ? LIMIT 1"
                  .formatted(sql.table(names.version())),
              version.getKey(),
              choice.source())) {
        Schema then = SystemSchema.removed(SchemaJson.read((String) row.get(0)), names);
        for (String root : roots(then, choice.asset())) {
          Map<String, Object> hints = Tables.required(then, root).hints();
          Object how = hints.get("write_disposition");
          Object strategy = hints.get("x-merge-strategy");
          if ("replace".equals(how) || "scd2".equals(strategy) || "cdc".equals(strategy)) {
            throw refused(
                Failure.POLICY_REFUSED,
                "load %s was %s, which took rows away: merging it again would bring them back (choose a later load with --from, or run with --refresh drop_data)"
                    .formatted(version.getValue(), strategy == null ? how : strategy));
          }
        }
      }
    }
  }

  private List<PastLoad> withCheckpoints(List<Receipt> chosen, Set<String> ids)
      throws SQLException {
    List<PastLoad> loads = new ArrayList<>();
    if (chosen.isEmpty()) {
      return loads;
    }
    Map<String, Receipt> receipts = new LinkedHashMap<>();
    chosen.forEach(receipt -> receipts.put(receipt.id(), receipt));
    for (List<Object> row :
        sql.rows(
            """
            SELECT load_id, checkpoint_before::VARCHAR, checkpoint_after::VARCHAR
            FROM %s WHERE %s AND epoch >= ? ORDER BY epoch, segment
            """
                .formatted(sql.table(SystemNames.RECEIPTS), SystemTables.ASSET),
            asset[0],
            asset[1],
            asset[2],
            (long) chosen.get(0).mark().epoch())) {
      Receipt receipt = receipts.get((String) row.get(0));
      if (receipt != null && ids.contains(receipt.id())) {
        loads.add(
            new PastLoad(
                receipt.id(),
                checkpoint(row.get(1)),
                checkpoint(row.get(2)),
                receipt.mark().seq() == 1,
                receipt.again()));
      }
    }
    return loads;
  }

  private static JsonNode checkpoint(Object json) {
    return SystemTables.parse(json, new TypeReference<JsonNode>() {});
  }

  private MillraceException refused(Failure failure, String why) {
    return new MillraceException(
        failure, "Cannot renormalize %s: %s".formatted(choice.asset(), why));
  }
}
