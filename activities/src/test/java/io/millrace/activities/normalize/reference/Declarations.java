package io.millrace.activities.normalize.reference;

import java.util.ArrayList;
import java.util.List;

/** What hints say of the root table's columns before any data (section 13). */
final class Declarations {
  private Declarations() {}

  static void put(Setup setup, Naming naming, Table root) {
    columns(setup.columns(), naming, root);
    for (String key : setup.primaryKey()) {
      root.declared(naming.key(key)).nullable = false;
    }
    if (setup.disposition().equals("scd2")) {
      validity(setup, root);
    }
  }

  private static void columns(List<Setup.Declared> declared, Naming naming, Table t) {
    for (Setup.Declared d : declared) {
      Column c = t.declared(naming.key(d.name()));
      boolean complete = c.type == null && d.type() != null;
      c.type = d.type() == null ? c.type : d.type();
      c.nullable = d.nullable() == null ? c.nullable : d.nullable();
      c.precision = d.precision() == null ? c.precision : d.precision();
      c.scale = d.scale() == null ? c.scale : d.scale();
      if (complete) {
        t.add(c);
      }
    }
  }

  /** What hints say of the table that a list of that name gets. */
  static void nested(Setup setup, Naming naming, Table t, String name) {
    t.hints = nested(setup, naming, name);
    if (t.hints != null) {
      columns(t.hints.columns(), naming, t);
    }
  }

  static Setup.Nested nested(Setup setup, Naming naming, String name) {
    for (Setup.Nested n : setup.nested()) {
      if (naming.fold(naming.path(path(naming, n.path()))).equals(naming.fold(name))) {
        return n;
      }
    }
    return null;
  }

  /** Names from the root on. */
  static List<String> path(Naming naming, List<String> keys) {
    List<String> path = new ArrayList<>(List.of(Reference.ROOT));
    keys.forEach(k -> path.add(naming.hint(k)));
    return path;
  }

  /** With dlt's rules hints make tables, those that their paths lead through included. */
  static void tables(Reference all) {
    for (Setup.Nested n : all.setup.nested()) {
      Table t = all.tables.get(Reference.ROOT);
      List<String> path = path(all.naming, n.path());
      for (int i = 2; i <= path.size(); i++) {
        String name = all.naming.path(path.subList(0, i));
        Table up = t;
        t =
            all.tables.computeIfAbsent(
                name,
                x -> {
                  Table made = new Table(all.naming, name, up, "");
                  nested(all.setup, all.naming, made, name);
                  made.said = true;
                  return made;
                });
      }
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
