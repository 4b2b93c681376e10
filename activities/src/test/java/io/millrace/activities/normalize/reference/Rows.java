package io.millrace.activities.normalize.reference;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Rows of one record, the parent first: ids, links, contracts, and the lists below. */
final class Rows {
  private final Reference all;
  private final Setup setup;

  Rows(Reference all) {
    this.all = all;
    this.setup = all.setup;
  }

  /** Writes the row and everything below it. */
  void row(Table up, Table t, Row r) {
    if (t.seenIn == 0 && newTableRefused(t)) {
      all.reject(t.name);
      return;
    }
    all.came = true;
    if (r.up == null) {
      r.tablePath = List.of(t.name);
    }
    r.flatten(
        all.naming,
        !setup.compat(),
        (name, place) -> all.keeps(t, name, place),
        path -> all.entries(r.tablePath, named(t, path)) != null);
    try {
      Id made = made(t, r);
      Cells cells = new Cells(all, t, r);
      if (cells.refusedBefore()) {
        return;
      }
      r.id = own(t, r, made);
      if (!cells.fill()) {
        return;
      }
      boolean said = t.said && !t.parent.complete().isEmpty();
      if (t.seenIn == 0 && r.up != null && !said) {
        t.parent = up;
      }
      cells.write();
    } catch (Reference.Refused e) {
      all.reject(t.name);
      return;
    }
    for (Row.Entry list : r.lists.values()) {
      list(t, r, list);
    }
  }

  private boolean newTableRefused(Table t) {
    switch (all.contract(t).get(0)) {
      case "evolve":
        return false;
      case "freeze":
        throw new Reference.Frozen();
      default:
        return true;
    }
  }

  /** A list of which no name is left has its rows in its parent's table, but not in a root's. */
  private static List<String> named(Table t, List<String> path) {
    return path.isEmpty() && t.parent == null ? List.of("_empty") : path;
  }

  private void list(Table t, Row r, Row.Entry list) {
    List<String> path = new ArrayList<>(r.tablePath);
    path.addAll(named(t, list.path()));
    String place = r.tablePlace + Row.pointer(list.place()) + "[]";
    Setup.Nested hints = Declarations.nested(setup, all.naming, all.naming.path(path));
    int level = hints == null || hints.nesting() == null ? r.level - 1 : hints.nesting();
    List<Row> below = new ArrayList<>();
    if (list.value() instanceof Json.Members map) {
      for (String key : map.entries()) {
        below.add(entry(key, map.get(key), path, hints, level, r, below.size()));
      }
    } else {
      for (Object e : (List<?>) list.value()) {
        below.add(element(e, level, r, below.size()));
      }
    }
    if (below.isEmpty()) {
      return;
    }
    Table child = all.child(t, place, path);
    for (Row row : below) {
      row.tablePath = path;
      row.tablePlace = place;
      row(t, child, row);
    }
    boolean made = setup.compat() && !child.complete().isEmpty();
    if (child.seenIn == 0 && !child.said && !made) {
      // a list of which nothing is loaded owns no name; to dlt a row that is left out makes columns
      all.tables.remove(all.naming.fold(child.name));
    }
  }

  /** A row of an object whose keys are data; an entry that is an object lies beside its key. */
  private Row entry(
      String key, Object v, List<String> path, Setup.Nested hints, int level, Row up, int index) {
    List<String> below = Row.plus(path, all.naming.key(hints.value()));
    boolean beside = v instanceof Map<?, ?> && all.entries(below, List.of()) == null;
    Map<String, Object> map =
        beside ? Reference.keys((Map<?, ?>) v) : Reference.wrap(hints.value(), v);
    Row row = new Row(map, level, up, index);
    row.entry = new Row.Entry(hints.key(), List.of(Row.BESIDE, hints.key()), List.of(), key);
    return row;
  }

  private static Row element(Object e, int level, Row up, int index) {
    if (e instanceof Map<?, ?> m) {
      return new Row(Reference.keys(m), level, up, index);
    }
    // a list in a list costs a level of its own
    return e instanceof List<?>
        ? new Row(Reference.wrap("list", e), level - 1, up, index)
        : new Row(Reference.wrap("value", e), level, up, index);
  }

  /** Section 6.2. Where dlt's id is random, Millrace's own children have random ones too. */
  private Id made(Table t, Row r) throws Reference.Refused {
    boolean keyed = setup.disposition().matches("upsert|insert-only");
    boolean content = setup.disposition().equals("scd2");
    if (r.up != null) {
      boolean follows = setup.compat() || keyed || content;
      return follows ? Id.child(r.up.id, t.name, r.index) : Id.random();
    }
    if (content) {
      Map<String, Object> raw = new LinkedHashMap<>(r.map);
      raw.keySet().removeIf(k -> k.startsWith(setup.prefix()));
      return Id.of(Shake.id(Json.sorted(raw)));
    }
    return keyed ? Id.of(Shake.id(key(t, r))) : Id.random();
  }

  /** A true id of the data's own is kept; Millrace keeps it for the first row of a segment. */
  private Id own(Table t, Row r, Id made) {
    String column = all.system("id");
    Row.Entry own = r.values.get(setup.compat() ? column : List.of(column));
    if (own == null || !truthy(own.value())) {
      return made;
    }
    String text = text(own.value());
    boolean taken = !all.ownIds.add(t.name + " " + text) && !setup.compat();
    return taken ? made : Id.of(text);
  }

  private static boolean truthy(Object v) {
    if (v instanceof String s) {
      return !s.replace("\0", "").isEmpty();
    }
    if (v instanceof BigInteger i) {
      return i.signum() != 0;
    }
    return v instanceof Json.Real real
        ? real.number() != 0 && !real.endless()
        : Boolean.TRUE.equals(v);
  }

  private static String text(Object v) {
    return (String) new Fit(false).fit(Val.infer(v, true), new Column("id", "text")).value();
  }

  private String key(Table t, Row r) throws Reference.Refused {
    Map<String, Object> key = new TreeMap<>();
    for (String raw : setup.primaryKey()) {
      String name = t.column(all.naming.key(raw)).name;
      Row.Entry value = null;
      for (Row.Entry e : r.values.values()) {
        Column c = all.column(t, e.name(), e.place());
        boolean none = value == null || value.value() == null;
        if (c != null && c.name.equals(name) && none) {
          value = e;
        }
      }
      if (value == null) {
        throw new Reference.Refused();
      }
      key.put(name, value.value());
    }
    return Json.compact(new LinkedHashMap<>(key));
  }
}
