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
  void row(Table up, Table t, Row r, Object item) {
    if (t.seenIn == 0 && newTableRefused()) {
      all.reject(t.name);
      return;
    }
    if (r.up == null) {
      r.tablePath = List.of(t.name);
    }
    r.flatten(all.naming, !setup.compat(), (name, place) -> all.keeps(t, name, place));
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
      if (t.seenIn == 0 && r.up != null) {
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

  private boolean newTableRefused() {
    switch (setup.contract(all.run).get(0)) {
      case "evolve":
        return false;
      case "freeze":
        throw new Reference.Frozen();
      default:
        return true;
    }
  }

  private void list(Table t, Row r, Row.Entry list) {
    List<?> elements = (List<?>) list.value();
    if (elements.isEmpty()) {
      return;
    }
    List<String> path = new ArrayList<>(r.tablePath);
    path.addAll(list.path());
    String place = r.tablePlace + Row.pointer(list.place()) + "[]";
    Table child = all.child(t, place, path);
    for (int i = 0; i < elements.size(); i++) {
      Object e = elements.get(i);
      int level = r.level - 1;
      Map<String, Object> map =
          e instanceof Map<?, ?> m
              ? Reference.keys(m)
              : Reference.wrap(e instanceof List<?> ? "list" : "value", e);
      // a list in a list costs a level of its own
      Row below = new Row(map, e instanceof List<?> ? level - 1 : level, r, i);
      below.tablePath = path;
      below.tablePlace = place;
      row(t, child, below, e);
    }
    if (child.seenIn == 0) {
      // a list of which nothing is loaded owns no name
      all.tables.remove(all.naming.fold(child.name));
    }
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
