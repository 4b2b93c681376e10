package io.millrace.destination;

/**
 * Names of the columns and tables that we add. {@code prefix} is {@code _mr} or {@code _dlt};
 * tables that dlt does not have are always {@code _mr_…}.
 */
public record SystemNames(String prefix) {
  public static final String STATE = "_mr_state";
  public static final String RECEIPTS = "_mr_receipts";
  public static final String REJECTS = "_mr_rejects";

  /** Keys of the records at a cursor's boundary that are too many for the state. */
  public static final String BOUNDARY_KEYS = "_mr_boundary_keys";

  /** Digests of the keys that came in open windows under {@code append}; made when needed. */
  public static final String WINDOW_KEYS = "_mr_window_keys";

  /** What people changed in the state by hand; made with the first change. */
  public static final String CORRECTIONS = "_mr_corrections";

  /** The column for values whose own column would be one too many. */
  public static final String OVERFLOW = "_mr_overflow";

  /** Whether a table of that name is one of ours, and not data. */
  public boolean ours(String table) {
    return table.startsWith("_mr_") || table.startsWith(prefix + "_");
  }

  public String id() {
    return prefix + "_id";
  }

  public String loadId() {
    return prefix + "_load_id";
  }

  public String parentId() {
    return prefix + "_parent_id";
  }

  public String rootId() {
    return prefix + "_root_id";
  }

  public String listIdx() {
    return prefix + "_list_idx";
  }

  public String loads() {
    return prefix + "_loads";
  }

  public String version() {
    return prefix + "_version";
  }
}
