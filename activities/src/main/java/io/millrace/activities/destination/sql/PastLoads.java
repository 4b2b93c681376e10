package io.millrace.activities.destination.sql;

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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

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

  Past choose() {
    refuseUnfit();
    List<String> roots = roots(new Schemas(sql, names).newest(choice.source()), choice.asset());
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
        ids.containsAll(shown) ? Kept.Extent.ALL : Kept.Extent.SOME, withCheckpoints(chosen));
  }

  /** The load ids of the rows that root tables have; {@code null} for rows that name none. */
  static Set<String> shown(Sql sql, SystemNames names, Catalog catalog, List<String> roots) {
    Set<String> shown = new HashSet<>();
    for (String root : roots) {
      Catalog.Table table = catalog.table(root);
      if (table == null) {
        continue;
      }
      boolean named = table.has(names.loadId());
      String of = named ? Sql.name(names.loadId()) : "NULL::VARCHAR";
      sql.select("SELECT DISTINCT %s FROM %s".formatted(of, sql.table(root)))
          .map((row, context) -> row.getString(1))
          .forEach(shown::add);
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
  private List<Receipt> there(Set<String> shown) {
    int refreshed =
        new Corrections(sql, new SystemTables(sql, names), catalog).newest("refresh", asset);
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

  /** Without loads whose rows went when their window began again. */
  private List<Receipt> receipts() {
    Map<String, Mark> alive = new HashMap<>();
    for (Loaded load :
        new Loads(sql, names, catalog)
            .in(choice.project(), choice.asset(), new Span(Mark.NONE, END), Integer.MAX_VALUE)) {
      alive.put(load.loadId(), load.mark());
    }
    return sql.select(
            """
            SELECT load_id, "rows"::VARCHAR AS "rows", rejected + bytes AS other, removed IS NOT NULL AS again,
              CAST(extract(epoch FROM committed_at) * 1000000 AS BIGINT) AS micros
            FROM %s WHERE %s ORDER BY epoch, segment
            """
                .formatted(sql.table(SystemNames.RECEIPTS), SystemTables.ASSET),
            asset)
        .map((row, context) -> receipt(row, alive.get(row.getString("load_id"))))
        .filter(receipt -> receipt.mark() != null)
        .list();
  }

  private static Receipt receipt(ResultSet row, Mark mark) throws SQLException {
    boolean rows = Json.counts(row.getString("rows")).values().stream().anyMatch(n -> n > 0);
    return new Receipt(
        row.getString("load_id"),
        mark,
        rows,
        rows || row.getLong("other") > 0,
        row.getBoolean("again"),
        row.getLong("micros"));
  }

  /** Runs over shadow tables that came to their end. */
  private Set<Integer> applied(List<Receipt> receipts) {
    Set<String> visible =
        sql.select("SELECT load_id FROM " + sql.table(names.loads()))
            .mapTo(String.class)
            .collect(Collectors.toSet());
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
  private void refuseOtherTimes(List<Receipt> chosen) {
    Set<String> ids = new HashSet<>();
    chosen.forEach(receipt -> ids.add(receipt.id()));
    Map<String, String> versions = new LinkedHashMap<>();
    sql.select(
            "SELECT load_id, schema_version_hash FROM %s WHERE schema_version_hash IS NOT NULL"
                .formatted(sql.table(names.loads())))
        .map((row, context) -> Map.entry(row.getString(1), row.getString(2)))
        .filter(load -> ids.contains(load.getKey()))
        .forEach(load -> versions.putIfAbsent(load.getValue(), load.getKey()));
    versions.forEach(
        (version, load) ->
            sql.select(
                    "SELECT schema FROM %s WHERE version_hash = ? AND schema_name = ? LIMIT 1"
                        .formatted(sql.table(names.version())),
                    version,
                    choice.source())
                .mapTo(String.class)
                .list()
                .forEach(
                    then ->
                        refuseTaking(load, SystemSchema.removed(SchemaJson.read(then), names))));
  }

  private void refuseTaking(String load, Schema then) {
    for (String root : roots(then, choice.asset())) {
      Map<String, Object> hints = Tables.required(then, root).hints();
      Object how = hints.get("write_disposition");
      Object strategy = hints.get("x-merge-strategy");
      if ("replace".equals(how) || "scd2".equals(strategy) || "cdc".equals(strategy)) {
        throw refused(
            Failure.POLICY_REFUSED,
            "load %s was %s, which took rows away: merging it again would bring them back (choose a later load with --from, or run with --refresh drop_data)"
                .formatted(load, strategy == null ? how : strategy));
      }
    }
  }

  private List<PastLoad> withCheckpoints(List<Receipt> chosen) {
    if (chosen.isEmpty()) {
      return List.of();
    }
    Map<String, Receipt> receipts = new LinkedHashMap<>();
    chosen.forEach(receipt -> receipts.put(receipt.id(), receipt));
    return sql.select(
            """
            SELECT load_id, checkpoint_before::VARCHAR AS checkpoint_before, checkpoint_after::VARCHAR AS checkpoint_after
            FROM %s WHERE %s AND epoch >= %d ORDER BY epoch, segment
            """
                .formatted(
                    sql.table(SystemNames.RECEIPTS),
                    SystemTables.ASSET,
                    chosen.get(0).mark().epoch()),
            asset)
        .map((row, context) -> load(row, receipts.get(row.getString("load_id"))))
        .filter(Optional::isPresent)
        .map(Optional::get)
        .list();
  }

  private static Optional<PastLoad> load(ResultSet row, Receipt receipt) throws SQLException {
    return receipt == null
        ? Optional.empty()
        : Optional.of(
            new PastLoad(
                receipt.id(),
                Json.tree(row.getString("checkpoint_before")),
                Json.tree(row.getString("checkpoint_after")),
                receipt.mark().seq() == 1,
                receipt.again()));
  }

  private MillraceException refused(Failure failure, String why) {
    return new MillraceException(
        failure, "Cannot renormalize %s: %s".formatted(choice.asset(), why));
  }
}
