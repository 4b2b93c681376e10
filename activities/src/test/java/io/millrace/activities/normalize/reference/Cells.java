package io.millrace.activities.normalize.reference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The cells of one row: types, variants, contracts (sections 8, 9, 12 and 13.1). */
final class Cells {
  /** A cell that waits for the whole row. */
  private record Cell(Column column, boolean fresh, Object place, Object value, Row.Entry from) {}

  private final Reference all;
  private final Setup setup;
  private final Table t;
  private final Row r;
  private final Fit fit;

  /** By the names that the destination tells apart. */
  private final Map<String, Cell> cells = new LinkedHashMap<>();

  /** Declared columns that belonged to no key, and the key of this row that may have them. */
  private final Map<Column, Row.Entry> takers = new LinkedHashMap<>();

  Cells(Reference all, Table t, Row r) {
    this.all = all;
    this.setup = all.setup;
    this.t = t;
    this.r = r;
    this.fit = new Fit(setup.compat());
  }

  /** False when the contract leaves the row out. */
  boolean fill() throws Reference.Refused {
    Map<Object, Object> own = system();
    for (Map.Entry<Object, Row.Entry> e : r.values.entrySet()) {
      if (own.containsKey(e.getKey())) {
        own(e.getKey(), own.get(e.getKey()));
      } else {
        value(e.getKey(), e.getValue());
      }
    }
    own.forEach(
        (key, value) -> {
          if (!r.values.containsKey(key)) {
            own(key, value);
          }
        });
    return judge() && complete();
  }

  /** Columns of our own, by the key of the entry that they replace. */
  private Map<Object, Object> system() {
    Map<Object, Object> own = new LinkedHashMap<>();
    if (r.up == null) {
      own.put(key("load_id"), "(load)");
    } else {
      if (setup.linksToRoot()) {
        own.put(key("root_id"), r.root().id);
      }
      own.put(key("parent_id"), r.up.id);
      own.put(key("list_idx"), r.index);
    }
    own.put(key("id"), r.id);
    return own;
  }

  private String fold(String name) {
    return all.naming.fold(name);
  }

  private Object key(String column) {
    String name = all.system(column);
    return setup.compat() ? name : List.of(name);
  }

  private void own(Object key, Object value) {
    String name = key instanceof List<?> l ? (String) l.get(0) : (String) key;
    Column c = t.column(name);
    boolean fresh = c == null || c.type == null;
    if (fresh) {
      boolean declared = c != null && c.declared;
      c = new Column(name, value instanceof Long ? "bigint" : "text");
      c.declared = declared;
      c.nullable = false;
      c.place = List.of(name);
    }
    cells.put(fold(name), new Cell(c, fresh, key, value, null));
  }

  /** Whether the contract refused the row for what it refused before; leaves such values out. */
  boolean refusedBefore() {
    Map<Object, Object> own = system();
    for (Map.Entry<Object, Row.Entry> e : List.copyOf(r.values.entrySet())) {
      String mode = own.containsKey(e.getKey()) ? null : t.refused.get(e.getKey());
      if ("discard_row".equals(mode)) {
        all.reject(t.name);
        return true;
      }
      if (mode != null) {
        r.values.remove(e.getKey());
        if (e.getValue().value() != null) {
          all.reject(t.name);
        }
      }
    }
    return false;
  }

  private void value(Object key, Row.Entry e) {
    Object json = e.value();
    if (json instanceof Json.Real real && real.endless()) {
      if (!setup.compat()) {
        all.reject(t.name);
      }
      return;
    }
    if (json == null) {
      return;
    }
    Val v = Val.infer(json, setup.compat());
    Column c = all.column(t, e.name(), e.place());
    if (c != null && c.free() && !setup.compat()) {
      if (takers.containsKey(c) || cells.containsKey(fold(c.name))) {
        // another key of this row, or a variant, took the declared column
        c = null;
      } else {
        takers.put(c, e);
      }
    }
    String name = c != null ? c.name : e.name();
    boolean variant = false;
    for (; ; ) {
      c = c == null ? pending(name, key) : c;
      boolean fresh = c == null || c.type == null;
      if (c == null) {
        name = variant || setup.compat() ? name : free(name, e.place());
      }
      Column to = fresh ? infer(c, name, v, variant, e.place()) : c;
      Val fits = fit.fit(v, to);
      if (fits != null) {
        Cell before = cells.get(fold(to.name));
        boolean stillFresh = fresh || before != null && before.fresh;
        // a text that is JSON's null is none to dlt
        boolean none = setup.compat() && to.type.equals("json") && fits.value().equals("null");
        Object cell = none ? null : fits.cell();
        cells.put(fold(to.name), new Cell(to, stillFresh, key, cell, e));
        return;
      }
      v = Fit.variant(v, to);
      variant = true;
      name = all.naming.path(to.name, "v_" + (v.shown() != null ? v.shown() : v.type()));
      v = new Val(v.type(), v.value(), null, v.written());
      key = name;
      Column there = t.column(name);
      c = there == null || there.type == null ? null : there;
    }
  }

  /**
   * A column that this row makes. dlt does not look at those: it infers anew, the last one wins.
   */
  private Column pending(String name, Object key) {
    Cell made = cells.get(fold(name));
    boolean same = made != null && !setup.compat() && !(key instanceof List<?>);
    return same ? made.column : null;
  }

  /** The name for a key whose column is about to exist. */
  private String free(String name, List<String> place) {
    int tries = all.reserved(t, name, place) ? 1 : 0;
    for (; ; tries++) {
      String one = all.naming.apart(name, Row.pointer(place), tries);
      Column c = t.column(one);
      if (c == null && !cells.containsKey(fold(one))) {
        return one;
      }
    }
  }

  private Column infer(Column known, String name, Val v, boolean variant, List<String> place) {
    Column hinted = known != null ? known : t.column(name);
    String type = variant ? null : setup.preferred().get(name);
    if (type == null && (setup.compat() || !variant)) {
      type = Typed.detect(v, setup.detections());
    }
    Column c = new Column(hinted == null ? name : hinted.name, type == null ? v.type() : type);
    if (hinted != null) {
      c.nullable = hinted.nullable;
      c.precision = hinted.precision;
      c.scale = hinted.scale;
      c.declared = hinted.declared;
    }
    c.variant = variant;
    c.place = variant ? null : place;
    return c;
  }

  private boolean judge() {
    List<String> contract = all.contract(t);
    // with dlt's rules what no hint speaks of grows with its first row alone, below the root, be
    // it left out
    boolean grows = !setup.compat() || t.parent == null || t.said;
    boolean evolves = grows ? t.seenIn == 0 || t.seenIn == all.run : t.complete().isEmpty();
    List<Cell> left = new ArrayList<>();
    boolean row = false;
    for (Cell cell : cells.values()) {
      Column c = cell.column;
      if (!cell.fresh || c.name.startsWith(setup.prefix())) {
        continue;
      }
      String mode = contract.get(c.variant ? 2 : 1);
      // for dlt what was declared without a type is as new as any
      boolean declared = !setup.compat() && t.column(c.name) != null;
      boolean free = !c.variant && (evolves || declared);
      if (free || mode.equals("evolve")) {
        continue;
      }
      if (mode.equals("freeze")) {
        throw new Reference.Frozen();
      }
      if (setup.compat()) {
        // dlt goes on to leave out what it has left out once; Millrace judges each row for itself
        t.refused.put(cell.place, mode);
      }
      row |= mode.equals("discard_row");
      left.add(cell);
    }
    left.forEach(cell -> cells.remove(fold(cell.column.name)));
    for (int i = row ? 1 : left.size(); i > 0; i--) {
      all.reject(t.name);
    }
    if (row && setup.compat()) {
      // a row that is left out has made the columns that it may
      make();
    }
    return !row;
  }

  /** Whether every column that must have a value has one. */
  private boolean complete() throws Reference.Refused {
    for (Column c : t.columns()) {
      Cell cell = cells.get(fold(c.name));
      if (!c.nullable && !all.isSystem(t, c.name) && (cell == null || cell.value == null)) {
        throw new Reference.Refused();
      }
    }
    return true;
  }

  private void make() {
    for (Cell cell : cells.values()) {
      Column known = t.column(cell.column.name);
      if (cell.fresh && (known == null || known.type == null)) {
        t.add(cell.column);
      }
    }
  }

  void write() {
    Map<String, Object> row = new LinkedHashMap<>();
    make();
    for (Cell cell : cells.values()) {
      if (cell.value != null) {
        row.put(cell.column.name, cell.value);
      }
    }
    takers.forEach(
        (declared, by) -> {
          if (cells.values().stream().anyMatch(c -> c.from == by)) {
            t.column(declared.name).place = by.place();
          }
        });
    t.rows.add(row);
    t.seenIn = t.seenIn == 0 ? all.run : t.seenIn;
  }
}
