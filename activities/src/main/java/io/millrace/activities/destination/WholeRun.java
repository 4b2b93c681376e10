package io.millrace.activities.destination;

import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.destination.WriteDisposition.Strategy;
import io.millrace.schema.Column;
import io.millrace.source.TableHints;
import java.util.Collection;

/**
 * Whether the rows of a run are judged only when all of them are there ({@code protocol.md} 4.3),
 * so that they wait in shadow tables and an unfinished run begins again. The reader of the state
 * and the loader must decide alike: a run that goes on where an unfinished one stopped, although
 * its rows were discarded, would lose them.
 */
public final class WholeRun {
  private WholeRun() {}

  /** What the hints of a resource ask for. */
  public static boolean needed(TableHints hints) {
    return switch (hints.disposition().kind()) {
      case REPLACE -> true;
      case APPEND, SKIP -> false;
      case MERGE ->
          byAbsence(hints.disposition())
              || !hints.mergeKey().isEmpty()
              || asks(hints.columns())
              || hints.nestedHints().stream()
                  .map(TableHints.Nested::hints)
                  .anyMatch(nested -> !nested.mergeKey().isEmpty() || asks(nested.columns()));
    };
  }

  /** The same, from the columns of the root tables that a package brings. */
  public static boolean needed(WriteDisposition how, Collection<Column> columnsOfRoots) {
    return how.kind() == Kind.REPLACE
        || byAbsence(how)
        || (how.kind() == Kind.MERGE && asks(columnsOfRoots));
  }

  /** Whether a merge changes rows because they did not come. */
  public static boolean byAbsence(WriteDisposition how) {
    return how.kind() == Kind.MERGE
        && (how.strategy() == Strategy.SCD2
            || how.strategy() == Strategy.CDC
            || how.options().get("destination_scope") != null);
  }

  private static boolean asks(Collection<Column> columns) {
    return columns.stream()
        .anyMatch(c -> c.hinted("merge_key") || c.hints().containsKey("dedup_sort"));
  }
}
