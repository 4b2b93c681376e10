package io.millrace.activities.destination.sql;

import io.millrace.activities.destination.Loader.Rows;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/** What a person's query gives: numbers and booleans as such, everything else as text. */
final class Results {
  private Results() {}

  static Rows rows(ResultSet result, int limit) throws SQLException {
    ResultSetMetaData meta = result.getMetaData();
    List<String> columns = new ArrayList<>();
    for (int i = 1; i <= meta.getColumnCount(); i++) {
      columns.add(meta.getColumnLabel(i));
    }
    List<List<Object>> rows = new ArrayList<>();
    while ((limit == 0 || rows.size() < limit) && result.next()) {
      List<Object> row = new ArrayList<>(columns.size());
      for (int i = 1; i <= columns.size(); i++) {
        Object value = result.getObject(i);
        row.add(plain(value) ? value : text(value, result.getString(i)));
      }
      rows.add(row);
    }
    return new Rows(columns, rows);
  }

  /** Java leaves out seconds that are zero; RFC 3339 and its readers want them. */
  private static String text(Object value, String driver) {
    return value instanceof OffsetDateTime moment
        ? DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(moment)
        : value instanceof LocalTime time ? DateTimeFormatter.ISO_LOCAL_TIME.format(time) : driver;
  }

  private static boolean plain(Object value) {
    return value == null
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte
        || value instanceof Double
        || value instanceof Float
        || value instanceof BigDecimal
        || value instanceof BigInteger;
  }
}
