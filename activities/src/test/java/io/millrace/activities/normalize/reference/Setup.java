package io.millrace.activities.normalize.reference;

import java.util.List;
import java.util.Map;

/**
 * What a case is configured with.
 *
 * @param compat dlt's rules and prefix instead of Millrace's
 * @param naming the naming convention
 * @param folds whether names that differ only in case are one to the destination
 * @param nesting {@code null} for the default
 * @param longest characters of a name
 * @param columns declared for the root table
 * @param primaryKey of the root table
 * @param disposition append, or the strategy of a merge
 * @param contract modes for tables, columns and data types
 * @param strictFrom the first run in which the contract holds; before it everything evolves
 * @param preferred types by column name
 * @param nested hints for tables below the root
 */
record Setup(
    boolean compat,
    String naming,
    boolean folds,
    Integer nesting,
    int longest,
    List<Declared> columns,
    List<String> primaryKey,
    String disposition,
    List<String> contract,
    int strictFrom,
    List<String> detections,
    Map<String, String> preferred,
    List<Nested> nested) {
  static final List<String> EVOLVE = List.of("evolve", "evolve", "evolve");

  /** A column as hints declare it; components that are {@code null} are not declared. */
  record Declared(String name, String type, Boolean nullable, Integer precision, Integer scale) {}

  /**
   * Hints for the table of the lists at a path.
   *
   * @param contract {@code null} for what holds above
   * @param nesting {@code null} for one less than above
   * @param key the column for the keys of objects there, {@code null} when they are columns
   * @param value the column for what is no object in such an object
   */
  record Nested(
      List<String> path,
      List<Declared> columns,
      List<String> contract,
      Integer nesting,
      String key,
      String value) {}

  static Setup plain(boolean compat, String naming, boolean folds) {
    return new Setup(
        compat,
        naming,
        folds,
        null,
        65536,
        List.of(),
        List.of(),
        "append",
        EVOLVE,
        1,
        List.of("iso_timestamp"),
        Map.of(),
        List.of());
  }

  Naming names() {
    return new Naming(naming, longest, folds && !compat, compat);
  }

  String prefix() {
    return compat ? "_dlt" : "_mr";
  }

  /** Whether rows below a root carry its id (section 6.1). */
  boolean linksToRoot() {
    return !disposition.equals("append") && !disposition.equals("scd2");
  }

  /** What of that contract holds in a run. */
  List<String> inRun(List<String> modes, int run) {
    return run < strictFrom ? EVOLVE : modes;
  }
}
