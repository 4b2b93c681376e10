package io.millrace.activities.normalize;

import io.millrace.destination.SystemNames;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/** What is not loaded, kept as rows of a table of its own. */
final class Rejects {
  private static final List<String> COLUMNS =
      List.of("asset", "table_name", "path", "reason", "record");

  private final String asset;
  final Table table;

  /** Origin and place of the record that is being written. */
  Supplier<String> where;

  private long count;

  Rejects(Tables all, String asset) {
    this.asset = asset;
    this.table = new Table(all, SystemNames.REJECTS, null);
    table.filled = true;
    for (String c : COLUMNS) {
      table.is(Column.of(c, DataType.TEXT));
    }
  }

  /** A part of the record that is being written; the reason says also where that one came from. */
  void part(String table, String path, String reason, byte[] record, int off, int len) {
    add(table, path, reason + " (" + where.get() + ")", record, off, len);
  }

  /** One rejected record or value; {@code null} components become NULL. */
  void add(String of, String path, String reason, byte[] record, int off, int len) {
    String[] texts = {asset, of, path, reason};
    for (int i = 0; i < texts.length; i++) {
      if (texts[i] != null) {
        // a path has the keys of the data
        byte[] b = texts[i].replace('\0', '\ufffd').getBytes(StandardCharsets.UTF_8);
        put(COLUMNS.get(i), b);
      }
    }
    if (record != null) {
      put("record", Utf8.clean(record, off, len));
    }
    table.done();
    count++;
  }

  private void put(String column, byte[] text) {
    table.slot(column).put(table.rows, table.copy(text, 0, text.length));
  }

  long count() {
    return count;
  }
}
