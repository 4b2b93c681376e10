package io.millrace.activities.normalize.reference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A table: what is known of it and the rows so far. */
final class Table {
  final String name;

  /** {@code null} for the root; that of the first row. */
  Table parent;

  /** The list that it was made for, where names are kept apart. */
  final String place;

  /** In order, those without a type included. */
  final Map<String, Column> columns = new LinkedHashMap<>();

  final List<Map<String, Object>> rows = new ArrayList<>();

  /** The run in which it got its first row; 0 for none yet. */
  int seenIn;

  /** What the contract said of columns in this run, by {@link #key}. */
  final Map<Object, String> refused = new LinkedHashMap<>();

  Table(String name, Table parent, String place) {
    this.name = name;
    this.parent = parent;
    this.place = place;
  }

  /** The column is now complete: it goes to the end. */
  void add(Column c) {
    columns.remove(c.name);
    columns.put(c.name, c);
  }

  List<Column> complete() {
    return columns.values().stream().filter(c -> c.type != null).toList();
  }
}
