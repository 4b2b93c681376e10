package io.millrace.activities.normalize.reference;

import java.util.List;

/** What hints say of the root table's columns before any data (section 13). */
final class Declarations {
  private Declarations() {}

  static void put(Setup setup, Naming naming, Table root) {
    for (Setup.Declared d : setup.columns()) {
      Column c = root.declared(naming.key(d.name()));
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
      root.declared(naming.key(key)).nullable = false;
    }
    if (setup.disposition().equals("scd2")) {
      validity(setup, root);
    }
  }

  /** Section 13: the columns that say from when to when a row was valid come behind the hints. */
  private static void validity(Setup setup, Table root) {
    for (String name : List.of("_valid_from", "_valid_to")) {
      Column c = root.declared(setup.prefix() + name);
      c.type = "timestamp";
      c.place = List.of(c.name);
    }
    Column id = root.declared(setup.prefix() + "_id");
    id.nullable = false;
    id.place = List.of(id.name);
  }
}
