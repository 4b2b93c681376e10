package io.millrace.activities.destination.duckdb;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Turns what DuckDB says into a failure with a name. DuckDB has no error codes: it is the text. */
final class DuckDbErrors {
  private static final Pattern HOLDER = Pattern.compile("held in (\\S+) \\(PID (\\d+)\\)");
  private static final Pattern NOT_NULL =
      Pattern.compile("NOT NULL constraint failed: (.+)", Pattern.DOTALL);
  private static final List<String> QUOTING =
      List.of("Conversion", "Constraint", "Out of Range", "Invalid Input", "Catalog", "Binder");
  private static final int MAX_LENGTH = 300;

  private DuckDbErrors() {}

  /** Whether another process has the file open. */
  static boolean locked(SQLException e) {
    return said(e).contains("Could not set lock on file");
  }

  /**
   * @param what the sentence after "Cannot", for example {@code load shop.orders into /a/b.duckdb}
   */
  static MillraceException of(String what, SQLException e) {
    String text = text(e);
    String kind = text.contains(":") ? text.substring(0, text.indexOf(':')) : "";
    String first = text.lines().findFirst().orElse("no reason given");
    String why = first.length() <= MAX_LENGTH ? first : first.substring(0, MAX_LENGTH) + "…";
    if (locked(e)) {
      Matcher holder = HOLDER.matcher(text);
      return failure(
          Failure.DESTINATION_LOCKED,
          what,
          "another process holds the file",
          holder.find() ? "PID " + holder.group(2) + " (" + holder.group(1) + ")" : "PID unknown",
          "close it there, or run again later",
          e);
    }
    String said = said(e);
    if (said.contains("No space left on device") || said.contains("Disk quota exceeded")) {
      return failure(
          Failure.DESTINATION_FULL, what, "the disk is full", why, "free space and run again", e);
    }
    if (said.contains("not a valid DuckDB database file") || said.contains("version number")) {
      return failure(
          Failure.DESTINATION_REFUSED,
          what,
          "the file is no DuckDB database that this version can read",
          why,
          "give another path, or upgrade",
          e);
    }
    if (said.contains("Permission denied") || said.contains("Read-only file system")) {
      return failure(
          Failure.DESTINATION_REFUSED,
          what,
          "the file cannot be written",
          why,
          "check its permissions",
          e);
    }
    return switch (kind) {
      case "Constraint Error" -> {
        Matcher column = NOT_NULL.matcher(first);
        yield column.find()
            ? failure(
                Failure.DATA_INVALID,
                what,
                "a row has no value in a column that needs one",
                column.group(1),
                "make the column nullable, or reject such rows",
                e)
            : failure(
                Failure.DATA_INVALID, what, "a constraint refuses a row", why, "see the row", e);
      }
      case "Conversion Error", "Out of Range Error" ->
          failure(
              Failure.DATA_INVALID,
              what,
              "a value does not fit its column",
              why,
              "give the column another type or precision",
              e);
      case "Out of Memory Error" ->
          failure(
              Failure.DESTINATION_REFUSED,
              what,
              "DuckDB needs more memory than it may use",
              why,
              "raise memory_limit of the destination",
              e);
      case "Catalog Error",
          "Binder Error",
          "Parser Error",
          "Dependency Error",
          "Permission Error",
          "Invalid Input Error",
          "Serialization Error" ->
          failure(Failure.DESTINATION_REFUSED, what, "DuckDB refuses", why, "see the message", e);
      case "INTERNAL Error" ->
          failure(Failure.INTERNAL, what, "DuckDB failed inside", why, "please report it", e);
      default ->
          failure(
              Failure.DESTINATION_UNREACHABLE, what, "DuckDB failed", why, "it is tried again", e);
    };
  }

  /** The failure of a statement that a person wrote: what DuckDB says about it, whole. */
  static MillraceException ofStatement(String what, SQLException e) {
    String text = text(e);
    boolean theirs =
        Stream.of("Parser", "Catalog", "Binder", "Invalid Input", "Permission", "Conversion")
            .anyMatch(kind -> text.startsWith(kind + " Error"));
    if (!theirs) {
      return of(what, e);
    }
    return failure(
        Failure.CONFIG_INVALID,
        what,
        "DuckDB refuses the statement",
        text.strip(),
        text.contains("Ambiguous reference to catalog or schema")
            ? "file and dataset have one name: write the table's name alone, the dataset is where it is looked up"
            : "it may only read; `millrace tables` lists what is there",
        e);
  }

  private static String text(SQLException e) {
    return e.getMessage() == null ? "" : e.getMessage();
  }

  /** The text without what a value or a name may say: nothing when it quotes one. */
  private static String said(SQLException e) {
    String text = text(e);
    return QUOTING.stream().anyMatch(text::startsWith) ? "" : text;
  }

  private static MillraceException failure(
      Failure failure, String what, String why, String value, String advice, SQLException e) {
    return new MillraceException(
        failure, "Cannot %s: %s: %s (%s)".formatted(what, why, value, advice), e);
  }
}
