package io.millrace.activities.normalize.reference;

import java.util.ArrayList;
import java.util.Collection;
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

  private final Naming naming;

  /** In order, those without a type included. */
  private final Map<String, Column> columns = new LinkedHashMap<>();

  final List<Map<String, Object>> rows = new ArrayList<>();

  /** What hints say of it below the root; {@code null} for nothing. */
  Setup.Nested hints;

  /** Whether hints made it. */
  boolean said;

  /** The run in which it got its first row; 0 for none yet. */
  int seenIn;

  /** What the contract said of columns in this run, by {@link #key}. */
  final Map<Object, String> refused = new LinkedHashMap<>();

  Table(Naming naming, String name, Table parent, String place) {
    this.naming = naming;
    this.name = name;
    this.parent = parent;
    this.place = place;
  }

  /** The column is now complete: it goes to the end. */
  void add(Column c) {
    columns.remove(naming.fold(c.name));
    columns.put(naming.fold(c.name), c);
  }

  /** The column of that name, {@code null} for none. */
  Column column(String name) {
    return columns.get(naming.fold(name));
  }

  /** The column of that name, made by hints when there is none. */
  Column declared(String name) {
    Column c = columns.computeIfAbsent(naming.fold(name), n -> new Column(name, null));
    c.declared = true;
    return c;
  }

  Collection<Column> columns() {
    return columns.values();
  }

  List<Column> complete() {
    return columns.values().stream().filter(c -> c.type != null).toList();
  }
}
