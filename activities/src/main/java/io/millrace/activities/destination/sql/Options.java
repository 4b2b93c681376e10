package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Strategy;
import java.util.Map;
import java.util.Set;

/** Which options of a merge mean something to which strategy. Others are refused, not ignored. */
final class Options {
  private static final Map<Strategy, Set<String>> KNOWN =
      Map.of(
          Strategy.DELETE_INSERT,
          Set.of("deduplicated", "source_filter", "destination_scope"),
          Strategy.UPSERT,
          Set.of("deduplicated", "source_filter", "skip_unchanged_rows", "row_version_column_name"),
          Strategy.INSERT_ONLY,
          Set.of("deduplicated"),
          Strategy.CDC,
          Set.of(
              "deduplicated",
              "source_filter",
              "destination_scope",
              "skip_unchanged_rows",
              "row_version_column_name"),
          Strategy.SCD2,
          Set.of(
              "source_filter",
              "destination_scope",
              "validity_column_names",
              "active_record_timestamp",
              "boundary_timestamp",
              "row_version_column_name"));

  private Options() {}

  /** Refuses a merge with an option that its strategy does not have, before anything is written. */
  static void check(WriteDisposition how) {
    for (Map.Entry<String, Object> option : how.options().entrySet()) {
      boolean said = option.getValue() != null && !Boolean.FALSE.equals(option.getValue());
      boolean structure = Set.of("disposition", "strategy").contains(option.getKey());
      if (said && !structure && !KNOWN.get(how.strategy()).contains(option.getKey())) {
        throw new MillraceException(
            Failure.CONFIG_INVALID,
            "Cannot merge: strategy %s has no option %s (take it out, or choose another strategy)"
                .formatted(how.strategy().key(), option.getKey()));
      }
    }
  }
}
