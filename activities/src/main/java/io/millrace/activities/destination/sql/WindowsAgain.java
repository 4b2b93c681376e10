package io.millrace.activities.destination.sql;

import io.millrace.activities.destination.sql.Shadow.Again;
import io.millrace.destination.SystemNames;
import io.millrace.schema.Column;
import io.millrace.schema.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What {@link WindowKeys} does to a load, for earlier loads of any windows together: of what waits,
 * and of what other loads of these windows have, the record that came first stays.
 */
final class WindowsAgain {
  /** Temporary: load ids, each with the number of its window. */
  private final String windows;

  /** Temporary: keys of the rows that wait, by digest, each with its place among equal ones. */
  private final String digests;

  /** Temporary: numbers of the root rows that came before. */
  private final String again;

  private final Sql sql;
  private final SystemTables system;
  private final Delivery load;
  private final Map<String, String> staged;
  private final WindowKeys keys;

  /**
   * @param staged tables to where their rows wait, quoted
   */
  WindowsAgain(SystemTables system, Delivery load, Map<String, String> staged) {
    this.sql = load.sql();
    this.system = system;
    this.load = load;
    this.staged = staged;
    this.keys = new WindowKeys(sql, system, load.tables().catalog(), load.names());
    this.windows = sql.temp("_mr_windows");
    this.digests = sql.temp("_mr_digests");
    this.again = sql.temp("_mr_again");
  }

  /**
   * Takes what repeats a key, and what is below it, from what waits. The tables have none of the
   * loads' rows any more.
   *
   * @return the loads with what is left of them
   */
  List<Again> once(List<Again> loads) {
    findWindows(loads.get(0).id());
    Map<Integer, Long> repeated = new HashMap<>();
    Map<Integer, Map<String, Long>> left = new HashMap<>();
    Set<String> changed = new HashSet<>();
    for (List<String> family : load.families()) {
      if (staged.containsKey(family.get(0)) && find(family.get(0)) > 0) {
        count("SELECT number FROM " + again, repeated::put);
        take(family);
        changed.addAll(family);
        sql.run("DROP TABLE " + again);
      }
    }
    for (String table : changed) {
      if (staged.containsKey(table)) {
        count(
            "SELECT %s AS number FROM %s".formatted(Sql.name(Merge.NUMBER), staged.get(table)),
            (seq, n) -> left.computeIfAbsent(seq, s -> new HashMap<>()).put(table, n));
      }
    }
    List<Again> now = new ArrayList<>();
    for (Again one : loads) {
      int seq = now.size() + 1;
      Map<String, Long> rows = new LinkedHashMap<>(one.rows());
      rows.keySet().removeAll(changed);
      rows.putAll(left.getOrDefault(seq, Map.of()));
      now.add(one.without(rows, repeated.get(seq)));
    }
    return now;
  }

  /** Notes anew what the window that is still open has; the rows are where they belong now. */
  void end() {
    keys.forget(load.order().segment());
    if (load.order().after() != null && !WindowKeys.closes(load.order())) {
      for (List<String> family : load.families()) {
        List<Column> columns = key(family.get(0));
        if (!columns.isEmpty() && load.tables().catalog().table(family.get(0)) != null) {
          system.makeLate(SystemNames.WINDOW_KEYS, load.tables().catalog());
          sql.run(
              """
              INSERT INTO %s SELECT DISTINCT ?::VARCHAR, ?::VARCHAR, ?::VARCHAR, digest
              FROM (%s) k JOIN %s w ON w.load_id = k.load_id WHERE w.open AND digest IS NOT NULL
              """
                  .formatted(
                      sql.table(SystemNames.WINDOW_KEYS),
                      digested(family.get(0), sql.table(family.get(0)), "0"),
                      windows),
              asset());
        }
      }
    }
    sql.run("DROP TABLE " + windows);
  }

  /**
   * Finds the loads of the windows since the one of that load. A load begins one as it does in
   * {@link WindowKeys#begin}; whoever corrects the state by hand ends one.
   */
  private void findWindows(String first) {
    system.makeLate(SystemNames.CORRECTIONS, load.tables().catalog());
    sql.run("CREATE TEMP TABLE _mr_windows (load_id VARCHAR, place BIGINT, open BOOLEAN)");
    String corrected =
        "(SELECT count(*) FROM %s WHERE %s AND deed <> 'renormalize' AND epoch <= %s)";
    String corrections = sql.table(SystemNames.CORRECTIONS);
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      values.addAll(Arrays.asList(asset()));
    }
    sql.run(
        """
        INSERT INTO %s
        SELECT load_id, begun + hand, begun + hand = max(begun) OVER () + %s FROM (
          SELECT load_id, %s AS hand,
            sum(CASE WHEN checkpoint_before IS NULL OR checkpoint_before->>'done' = 'true' OR removed IS NOT NULL
              THEN 1 ELSE 0 END) OVER (ORDER BY epoch, segment) AS begun
          FROM %s r WHERE %s) k
        """
            .formatted(
                windows,
                corrected.formatted(
                    corrections, SystemTables.ASSET, load.order().segment().epoch()),
                corrected.formatted(corrections, SystemTables.ASSET, "r.epoch"),
                sql.table(SystemNames.RECEIPTS),
                SystemTables.ASSET),
        values.toArray());
    sql.run(
        "DELETE FROM %s WHERE place < (SELECT max(place) FROM %s WHERE load_id = ?)"
            .formatted(windows, windows),
        first);
  }

  /**
   * Finds the root rows whose keys came before in their window.
   *
   * @return how many
   */
  private long find(String root) {
    if (key(root).isEmpty()) {
      return 0;
    }
    sql.run(
        """
        CREATE TEMP TABLE _mr_digests AS
        SELECT number, digest, w.place, row_number() OVER (PARTITION BY w.place, digest ORDER BY number) AS nth
        FROM (%s) k JOIN %s w ON w.load_id = k.load_id WHERE digest IS NOT NULL
        """
            .formatted(digested(root, staged.get(root), Sql.name(Merge.NUMBER)), windows));
    sql.run("CREATE TEMP TABLE _mr_again (number BIGINT)");
    long found =
        sql.run(
            """
            INSERT INTO %s
            SELECT number FROM %s WHERE nth > 1
            UNION
            SELECT d.number FROM %s d
              JOIN (SELECT k.digest, w.place FROM (%s) k JOIN %s w ON w.load_id = k.load_id) t
              ON t.place = d.place AND t.digest = d.digest
            """
                .formatted(again, digests, digests, digested(root, sql.table(root), "0"), windows));
    sql.run("DROP TABLE " + digests);
    if (found == 0) {
      sql.run("DROP TABLE " + again);
    }
    return found;
  }

  /** The rows of the windows' loads in a table like that root: their keys, and whose they are. */
  private String digested(String root, String from, String number) {
    String loadId = Sql.name(load.names().loadId());
    return "SELECT %s AS number, %s AS load_id, %s AS digest FROM %s WHERE %s IN (SELECT load_id FROM %s)"
        .formatted(number, loadId, keys.digest(root, key(root)), from, loadId, windows);
  }

  private List<Column> key(String root) {
    return load.schema().table(root).map(TableSchema::completeColumns).orElse(List.of()).stream()
        .filter(c -> c.hinted("primary_key"))
        .toList();
  }

  private void take(List<String> family) {
    Below gone = new Below(sql, load.names(), load.schema(), family);
    for (String table : family) {
      String from = staged.get(table);
      if (from != null) {
        boolean root = table.equals(family.get(0));
        gone.take(
            table,
            from,
            root
                ? "%s IN (SELECT number FROM %s)".formatted(Sql.name(Merge.NUMBER), again)
                : gone.condition(table));
      }
    }
    gone.drop();
  }

  private interface PerLoad {
    void has(int seq, long rows);
  }

  /** Rows per load: numbers begin with the load's place, see {@link ShadowTables#add}. */
  private void count(String numbers, PerLoad load) {
    sql.select(
            "SELECT number >> 40 AS seq, count(*) AS n FROM (%s) k GROUP BY 1".formatted(numbers))
        .map((row, context) -> Map.entry(row.getInt("seq"), row.getLong("n")))
        .forEach(n -> load.has(n.getKey(), n.getValue()));
  }

  private Object[] asset() {
    return SystemTables.asset(load.order().segment());
  }
}
