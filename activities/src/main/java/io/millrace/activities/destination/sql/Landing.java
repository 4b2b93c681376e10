package io.millrace.activities.destination.sql;

import io.millrace.activities.destination.FaultPoint;
import io.millrace.activities.destination.WholeRun;
import io.millrace.destination.WriteDisposition.Kind;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Brings the rows of a load where its write disposition wants them. */
final class Landing {
  private final Delivery load;
  private final ShadowTables shadows;
  private final Schemas schemas;
  private final Rejected rejected;
  private final Appending appending;
  private final Merging merging;
  private final WindowKeys keys;

  Landing(Delivery load, WindowKeys keys) {
    this.load = load;
    this.keys = keys;
    this.shadows = new ShadowTables(load);
    this.schemas = new Schemas(load.sql(), load.names());
    this.rejected = new Rejected(load.sql(), load.order());
    this.appending = new Appending(load);
    this.merging = new Merging(load, appending);
  }

  /**
   * Returns the shadow tables that stay open.
   *
   * @param open those of the run's loads before; {@code null} without any
   * @param counts gets the rows per table
   */
  Shadow land(Shadow open, Map<String, Long> counts) throws IOException {
    if (load.kind() == Kind.SKIP) {
      return null;
    }
    if (load.kind() == Kind.MERGE) {
      Options.check(load.order().disposition());
    }
    if (load.wholeRun() && load.order().unchanged()) {
      if (open != null) {
        load.tables().drop(open);
      }
      return null;
    }
    if (load.wholeRun() && (open != null || !load.order().finish())) {
      Shadow now = add(open, counts);
      if (!load.order().finish()) {
        return now;
      }
      apply(now);
      return null;
    }
    now(counts);
    return null;
  }

  private Shadow add(Shadow open, Map<String, Long> counts) throws IOException {
    Shadow more = shadows.add(open, counts);
    return any(counts) ? shadows.withLoad(more) : more;
  }

  /** What waited for the end of the run shows. */
  private void apply(Shadow open) {
    if (load.kind() == Kind.REPLACE || byAbsence()) {
      rejected.refuseNothingElse(shadows.anyRow(open, roots()));
    }
    if (load.kind() == Kind.REPLACE) {
      shadows.replace(open);
    } else {
      merging.merge(load.families(), shadows.staged(open), new LinkedHashMap<>());
    }
    load.tables().drop(open);
    for (Shadow.LoadId visible : open.loads()) {
      schemas.writeLoad(visible.id(), load.schema().name(), visible.versionHash());
    }
  }

  private void now(Map<String, Long> counts) throws IOException {
    if (load.kind() == Kind.REPLACE || byAbsence()) {
      rejected.refuseNothingElse(load.loaded().stream().anyMatch(roots()::contains));
    }
    if (load.kind() == Kind.MERGE) {
      merging.now(counts);
    } else {
      if (load.kind() == Kind.REPLACE) {
        load.families().forEach(family -> family.forEach(load.tables()::empty));
      }
      appending.ensure(load.loaded());
      FaultPoint.hit(FaultPoint.AFTER_DDL);
      if (load.kind() == Kind.APPEND && !load.order().compat()) {
        keys.append(load, counts);
      }
      appending.append(
          load.loaded().stream().filter(table -> !counts.containsKey(table)).toList(), counts);
    }
    if (any(counts)) {
      schemas.writeLoad(
          load.order().segment().loadId(), load.schema().name(), load.schema().versionHash());
    }
  }

  private boolean byAbsence() {
    return load.kind() == Kind.MERGE && WholeRun.byAbsence(load.order().disposition());
  }

  private List<String> roots() {
    return load.families().stream().map(family -> family.get(0)).toList();
  }

  private static boolean any(Map<String, Long> counts) {
    return counts.values().stream().anyMatch(n -> n > 0);
  }
}
