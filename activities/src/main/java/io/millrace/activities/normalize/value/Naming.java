package io.millrace.activities.normalize.value;

/** Turns names of the data into names of the destination, as dlt does. Immutable, thread-safe. */
public final class Naming {
  /**
   * @param convention snake_case, direct, duck_case, sql_ci_v1 or sql_cs_v1
   * @param maxLength code points, at least 6
   * @param breakPath whether the separator inside a raw name separates (dlt's default)
   */
  public static Naming of(String convention, int maxLength, boolean breakPath) {
    return new Naming();
  }

  /** What a record's key becomes; {@code ""} when nothing of it is left (the caller decides). */
  public String key(String rawKey) {
    throw new UnsupportedOperationException();
  }

  /** What a table's name becomes; {@code ""} when nothing of it is left. */
  public String table(String raw) {
    throw new UnsupportedOperationException();
  }

  /** Two normalized parts in one name, shortened. */
  public String join(String a, String b) {
    throw new UnsupportedOperationException();
  }

  public String separator() {
    return "__";
  }

  public boolean caseSensitive() {
    return false;
  }
}
