package io.millrace.activities.destination.sql;

import io.millrace.activities.destination.FaultPoint;
import io.millrace.activities.destination.WholeRun;
import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.destination.WriteDisposition.Strategy;
import io.millrace.schema.TableSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Merges the rows of a load, or of a whole run, into the tables of a resource. */
final class Merging {
  /** A staging table without rows. */
  private static final String NOTHING = "_mr_nothing";

  private final Delivery load;
  private final Appending appending;
  private final Sql sql;
  private final WriteDisposition how;

  Merging(Delivery load, Appending appending) {
    this.load = load;
    this.appending = appending;
    this.sql = load.sql();
    this.how = load.order().disposition();
  }

  /**
   * Stages the rows of this load and merges them; tables without keys only get them.
   *
   * @param counts gets the rows per table
   */
  void now(Map<String, Long> counts) throws IOException {
    List<List<String>> keyed = load.families().stream().filter(this::keyed).toList();
    Map<String, String> staged = new LinkedHashMap<>();
    List<String> plain = new ArrayList<>(load.loaded());
    for (List<String> family : keyed) {
      for (String table : family) {
        if (plain.remove(table)) {
          String stage = "_mr_stage_" + staged.size();
          sql.run("CREATE TEMP TABLE " + stage + sql.staging(load.columns(table)));
          load.rows().insert(table, load.columns(table), sql.temp(stage), Merge.NUMBER, 0);
          staged.put(table, sql.temp(stage));
        }
      }
    }
    ensure(keyed, staged);
    appending.ensure(plain);
    FaultPoint.hit(FaultPoint.AFTER_DDL);
    if (how.strategy() == Strategy.SCD2) {
      count(keyed, staged);
    }
    mergeInto(keyed, staged, counts);
    appending.append(plain, counts);
    staged.values().forEach(stage -> sql.run("DROP TABLE " + stage));
  }

  /**
   * Under delete-insert rows without any key are only added. So are with dlt's rules those of a
   * list with a key of its own, unless its hints say how they meet.
   */
  boolean keyed(List<String> family) {
    TableSchema root = load.schema().table(family.get(0)).orElse(null);
    if (root == null
        || load.order().compat() && "append".equals(root.hints().get("write_disposition"))) {
      return false;
    }
    return Merge.hasKeys(root) || how(root).strategy() != Strategy.DELETE_INSERT;
  }

  /** As the resource says, unless hints of a list with a key of its own name another strategy. */
  private WriteDisposition how(TableSchema root) {
    Object own = root.hints().get("x-merge-strategy");
    Strategy strategy = own == null ? Strategy.DELETE_INSERT : Strategy.of(own.toString());
    boolean other = root.hints().containsKey("write_disposition") && strategy != how.strategy();
    return other ? new WriteDisposition(Kind.MERGE, strategy, Map.of()) : how;
  }

  /**
   * @param staged tables with staged rows to where they are, quoted
   */
  void merge(List<List<String>> families, Map<String, String> staged, Map<String, Long> counts) {
    Map<Boolean, List<List<String>>> keyed =
        families.stream().collect(Collectors.partitioningBy(this::keyed));
    ensure(families, staged);
    count(keyed.get(true), staged);
    mergeInto(keyed.get(true), staged, counts);
    keyed.get(false).stream()
        .flatMap(List::stream)
        .filter(staged::containsKey)
        .forEach(table -> appending.append(table, staged.get(table)));
  }

  /** Tells the engine how much is staged: it plans by it. */
  private void count(List<List<String>> families, Map<String, String> staged) {
    for (List<String> family : families) {
      for (String table : family) {
        if (staged.containsKey(table)) {
          sql.dialect().count(sql, staged.get(table));
        }
      }
    }
  }

  /** Tables that get rows, and those that lose some. */
  private void ensure(List<List<String>> families, Map<String, String> staged) {
    for (List<String> family : families) {
      for (String table : family) {
        if (staged.containsKey(table) || load.tables().catalog().table(table) != null) {
          load.tables().ensure(load.schema(), table);
        }
      }
    }
  }

  private void mergeInto(
      List<List<String>> families, Map<String, String> staged, Map<String, Long> counts) {
    List<List<String>> merged =
        families.stream().filter(f -> came(f, staged) || nothingCame(f.get(0))).toList();
    // in the same order for everybody, so that two merges into the same tables do not deadlock
    for (String root : new TreeSet<>(merged.stream().map(family -> family.get(0)).toList())) {
      if (load.tables().catalog().table(root) != null) {
        sql.dialect().lockTable(sql, root);
      }
    }
    for (List<String> family : merged) {
      if (how.strategy() != Strategy.SCD2 && how.strategy() != Strategy.INSERT_ONLY) {
        load.tables().refuseDeletes(family);
      }
      if (came(family, staged)) {
        counts.putAll(merge(family, staged));
      } else {
        sql.run("CREATE TEMP TABLE " + NOTHING + sql.staging(load.columns(family.get(0))));
        counts.putAll(merge(family, Map.of(family.get(0), sql.temp(NOTHING))));
        sql.run("DROP TABLE " + sql.temp(NOTHING));
      }
    }
  }

  private Map<String, Long> merge(List<String> family, Map<String, String> staged) {
    boolean compat = load.order().compat();
    WriteDisposition how = how(Tables.required(load.schema(), family.get(0)));
    return how.strategy() == Strategy.SCD2
        ? new Versions(sql, load.names(), how, compat, load.order().segment().loadId())
            .apply(load.schema(), family, staged)
        : new Merge(sql, load.tables().catalog(), load.names(), how, compat)
            .apply(load.schema(), family, staged);
  }

  private static boolean came(List<String> family, Map<String, String> staged) {
    return staged.keySet().stream().anyMatch(family::contains);
  }

  /**
   * Whether the whole run brought nothing for a table whose rows are judged by absence: then all of
   * them are absent. Not for dlt, and not in a run that asked only for what is new.
   */
  private boolean nothingCame(String root) {
    boolean incremental = load.order().after() != null && load.order().after().hasNonNull("cursor");
    return WholeRun.byAbsence(how)
        && load.wholeRun()
        && !load.order().compat()
        && !incremental
        && load.tables().catalog().table(root) != null;
  }
}
