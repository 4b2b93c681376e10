package io.millrace.activities.normalize;

import io.millrace.source.TableHints;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which list's elements are the rows of which table. Where names are kept apart a list owns a name
 * from the first of its rows that is loaded: what was only read owns nothing.
 */
final class Lists {
  private final Tables all;
  private final Hints hints;

  /** Tables of lists of which no row was loaded yet, by name and place: they own no name. */
  private final Map<String, Table> waiting = new HashMap<>();

  /** What hints say of lists, by the name that their table would have. */
  private final Map<String, List<TableHints.Nested>> said = new HashMap<>();

  Lists(Tables all, Hints hints) {
    this.all = all;
    this.hints = hints;
  }

  int waiting() {
    return waiting.size();
  }

  /** Forgets the lists of which no row was loaded; they will be learned again. */
  void forget() {
    waiting.clear();
  }

  /** With dlt's rules hints make a table, whether data comes for it or not. */
  Table hinted(Table parent, String name) {
    Table t = all.tables.get(all.fold(name));
    if (t == null) {
      t = all.make(name, null);
      all.tables.put(all.fold(name), t);
    }
    if (t.parent == null && !t.filled) {
      // also when the schema has it: what it hangs from may be in no schema, having no columns
      t.parent = parent;
    }
    t.hinted = true;
    t.contract = parent.contract;
    t.rootKey = parent.rootKey;
    return t;
  }

  /** Hints hold for all lists whose table would have that name. */
  void say(String name, TableHints.Nested hints) {
    said.computeIfAbsent(all.fold(name), n -> new ArrayList<>()).add(hints);
  }

  /**
   * The table of the elements of the list at that place, which would have that name. With dlt's
   * rules lists of one name share it.
   */
  Table of(Table parent, String name, String place) {
    Table t = all.apart() ? at(name, place) : all.tables.get(all.fold(name));
    if (t == null) {
      t = all.make(name, all.apart() ? place : null);
      t.parent = parent;
      t.waits = all.apart();
      if (t.waits) {
        waiting.put(name + '\0' + place, t);
      } else {
        all.tables.put(all.fold(name), t);
      }
    }
    if (t.id == null) {
      t.contract = parent.contract;
      t.rootKey = parent.rootKey;
      for (TableHints.Nested n : said.getOrDefault(all.fold(name), List.of())) {
        hints.list(t, n);
      }
      t.contract = t.ownContract == null ? t.contract : t.ownContract;
      all.prepare(t);
    }
    return t;
  }

  /** The table that belongs to that list; {@code null} for none yet. */
  private Table at(String name, String place) {
    int tries = 0;
    for (Table t; (t = all.tables.get(all.fold(all.apart(name, place, tries)))) != null; tries++) {
      if (all.free(t)) {
        // of a schema that dlt's rules made
        t.owner = place;
      }
      if (place.equals(t.owner)) {
        return t;
      }
    }
    return waiting.get(name + '\0' + place);
  }

  /** A row is about to be tried: its table takes the first name that is free. */
  void settle(Table t) {
    int tries = 0;
    while (all.tables.containsKey(all.fold(all.apart(t.plain, t.owner, tries)))) {
      tries++;
    }
    t.named(all.apart(t.plain, t.owner, tries));
    all.tables.put(all.fold(t.name), t);
    waiting.remove(t.plain + '\0' + t.owner);
    t.waits = false;
    all.number(t);
  }

  /** No row came of it: the name is free again. */
  void release(Table t) {
    all.tables.remove(all.fold(t.name), t);
    waiting.put(t.plain + '\0' + t.owner, t);
    t.named(t.plain);
    t.waits = true;
    t.known = false;
  }
}
