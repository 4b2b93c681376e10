package io.millrace.activities.normalize.reference;

/** What hints say of the root table's columns before any data (section 13). */
final class Declarations {
  private Declarations() {}

  static void put(Setup setup, Naming naming, Table root) {
    for (Setup.Declared d : setup.columns()) {
      Column c = column(root, naming.key(d.name()));
      boolean complete = c.type == null && d.type() != null;
      c.type = d.type() == null ? c.type : d.type();
      c.nullable = d.nullable() == null ? c.nullable : d.nullable();
      c.precision = d.precision() == null ? c.precision : d.precision();
      c.scale = d.scale() == null ? c.scale : d.scale();
      if (complete) {
        root.add(c);
      }
    }
    for (String key : setup.primaryKey()) {
      column(root, naming.key(key)).nullable = false;
    }
  }

  private static Column column(Table root, String name) {
    Column c = root.columns.computeIfAbsent(name, n -> new Column(n, null));
    c.declared = true;
    return c;
  }
}
