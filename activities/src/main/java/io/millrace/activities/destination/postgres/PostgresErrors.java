package io.millrace.activities.destination.postgres;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.schema.Column;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Turns an SQLSTATE into a failure with a name. Only the server's message is passed on: its detail
 * may hold a row.
 */
final class PostgresErrors {
  private static final int MAX_LENGTH = 300;

  /** {@code COPY orders, line 3, column size}; a colon and the value may follow. */
  private static final Pattern COPY =
      Pattern.compile("^COPY .*, line \\d+, column (.*?)(?:: .*)?$", Pattern.MULTILINE);

  /**
   * What the driver says about TLS without a cause that tells; where nobody listens it wants "the
   * hostname and port" checked.
   */
  private static final Pattern TRUST =
      Pattern.compile("(?i)hostname(?! and port)|root certificate|does not support SSL");

  private PostgresErrors() {}

  /**
   * @param what the sentence after "Cannot", for example {@code load shop.orders into db:5432/shop}
   */
  static MillraceException of(String what, SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    String why = why(e);
    return switch (state) {
      case "28P01", "28000" ->
          failure(
              Failure.DESTINATION_REFUSED,
              what,
              "the server does not let us in",
              why,
              "check username and password of the destination",
              e);
      case "3D000" ->
          failure(
              Failure.DESTINATION_REFUSED,
              what,
              "there is no such database",
              why,
              "create it, or check database of the destination",
              e);
      case "42501" ->
          failure(
              Failure.DESTINATION_REFUSED,
              what,
              "the role may not do this",
              why,
              "grant it: docs/guides/postgresql.md has the statements",
              e);
      case "55P03", "57014", "25P03" ->
          failure(
              Failure.DESTINATION_LOCKED,
              what,
              "somebody holds a lock, or it takes too long",
              why,
              "it is tried again; see pg_stat_activity, or raise options.lock_timeout",
              e);
      case "23502" ->
          failure(
              Failure.DATA_INVALID,
              what,
              "a row has no value in a column that needs one",
              column(e, why),
              "make the column nullable, or reject such rows",
              e);
      case "54011", "54000" ->
          failure(
              Failure.DATA_INVALID,
              what,
              "the table gets too wide",
              why,
              "set limits.columns_per_table",
              e);
      case "42804", "428C9" ->
          failure(
              Failure.DESTINATION_REFUSED,
              what,
              "somebody made or changed a column by hand, and the data's do not fit it",
              why,
              "rename that column: another one is made",
              e);
      // what another session made or dropped while we worked: the next try sees it
      case "3F000", "42P01", "42P06", "42P07", "42701", "42703", "40001", "40P01", "25006" ->
          unreachable(what, "the database changed meanwhile", why, e);
      case "08001", "08004", "08006" ->
          distrusts(e)
              ? failure(
                  Failure.DESTINATION_REFUSED,
                  what,
                  "it cannot be trusted that the server is who it says",
                  why,
                  "check host, sslmode and sslrootcert of the destination",
                  e)
              : byClass(what, state, why, e);
      default ->
          "23505".equals(state) && ofCatalog(e)
              ? unreachable(what, "the database changed meanwhile", why, e)
              : byClass(what, state, why, e);
    };
  }

  /** Whether TLS or its certificates are why there is no connection. */
  private static boolean distrusts(SQLException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof GeneralSecurityException || cause instanceof SSLHandshakeException) {
        return true;
      }
    }
    String text = String.valueOf(e.getMessage());
    return TRUST.matcher(text).find();
  }

  /** Two sessions that make a thing of one name meet in an index of the catalog. */
  private static boolean ofCatalog(SQLException e) {
    ServerErrorMessage message = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
    return message != null && "pg_catalog".equals(message.getSchema());
  }

  /** The failure of a copy, with the column where it stopped. */
  static MillraceException ofCopy(String table, List<Column> columns, SQLException e) {
    ServerErrorMessage message = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
    Matcher place =
        COPY.matcher(message == null || message.getWhere() == null ? "" : message.getWhere());
    String name = place.find() ? place.group(1) : null;
    for (Column column : columns) {
      if (column.name().equals(name)) {
        return of("load column %s.%s (%s)".formatted(table, name, ColumnTypes.sql(column)), e);
      }
    }
    return of("load table " + table, e);
  }

  private static MillraceException byClass(String what, String state, String why, SQLException e) {
    String kind = state.length() < 2 ? "" : state.substring(0, 2);
    return switch (kind) {
      case "22" ->
          failure(
              Failure.DATA_INVALID,
              what,
              "a value does not fit its column",
              column(e, why),
              "give the column another type or precision",
              e);
      case "23" ->
          failure(
              Failure.DATA_INVALID,
              what,
              "a constraint refuses a row",
              why,
              state.equals("23503")
                  ? "a foreign key on a table that is loaded must be DEFERRABLE"
                  : "see the row",
              e);
      case "0A", "2B", "2D", "42", "55" ->
          failure(
              Failure.DESTINATION_REFUSED, what, "PostgreSQL refuses", why, "see the message", e);
      case "XX", "58" ->
          why.contains("Disk quota exceeded")
              ? full(what, why, e)
              : unreachable(what, "PostgreSQL failed inside", why, e);
      // 53300, too many connections, passes by itself
      case "53" ->
          state.equals("53300")
              ? unreachable(what, "the server is away", why, e)
              : full(what, why, e);
      default -> unreachable(what, "the server is away", why, e);
    };
  }

  private static MillraceException full(String what, String why, SQLException e) {
    return failure(
        Failure.DESTINATION_FULL,
        what,
        "the server is out of space or memory",
        why,
        "free some there, or raise its limit, and run again",
        e);
  }

  private static MillraceException unreachable(
      String what, String reason, String why, SQLException e) {
    return failure(Failure.DESTINATION_UNREACHABLE, what, reason, why, "it is tried again", e);
  }

  /** The failure of a statement that a person wrote: what PostgreSQL says about it, whole. */
  static MillraceException ofStatement(String what, SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    boolean theirs = state.startsWith("42") || state.startsWith("22") || state.equals("25006");
    return theirs
        ? failure(
            Failure.CONFIG_INVALID,
            what,
            "PostgreSQL refuses the statement",
            e.getMessage().strip(),
            "it may only read; `millrace tables` lists what is there",
            e)
        : of(what, e);
  }

  /** {@code table.column}, when the server names them. */
  private static String column(SQLException e, String why) {
    ServerErrorMessage message = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
    if (message == null) {
      return why;
    }
    if (message.getColumn() != null) {
      return message.getTable() + "." + message.getColumn();
    }
    return why;
  }

  private static String why(SQLException e) {
    ServerErrorMessage message = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
    String text = message == null ? e.getMessage() : message.getMessage();
    String first = text == null ? "no reason given" : text.lines().findFirst().orElse("");
    return first.length() <= MAX_LENGTH ? first : first.substring(0, MAX_LENGTH) + "…";
  }

  private static MillraceException failure(
      Failure failure, String what, String why, String value, String advice, SQLException e) {
    return new MillraceException(
        failure, "Cannot %s: %s: %s (%s)".formatted(what, why, value, advice), e);
  }
}
