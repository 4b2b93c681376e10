package io.millrace.activities.normalize.reference;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** One row on its way: its object, taken apart by section 4. */
final class Row {
  /** A value or list of a row. */
  record Entry(String name, List<String> place, List<String> path, Object value) {}

  /** An object that waits to be taken apart. */
  private record Open(Map<String, Object> map, List<String> place, List<String> path, int level) {}

  final Map<String, Object> map;
  final int level;
  final Row up;
  final long index;
  Id id;

  /** The key of the entry that the row was made of; {@code null} for no entry. */
  Entry entry;

  /** Values by column or, where names are kept apart, by place. */
  final Map<Object, Entry> values = new LinkedHashMap<>();

  final Map<Object, Entry> lists = new LinkedHashMap<>();

  /** Names from the table's root to this row, and the same in keys. */
  List<String> tablePath = List.of();

  String tablePlace = "";

  Row(Map<String, Object> map, int level, Row up, long index) {
    this.map = map;
    this.level = level;
    this.up = up;
    this.index = index;
  }

  Row root() {
    return up == null ? this : up.root();
  }

  /**
   * Scalars and lists in the order of their keys, nested objects afterwards, the last of them
   * first.
   *
   * @param json whether a column keeps objects and lists as one value
   * @param rows whether objects there are rows
   */
  void flatten(
      Naming naming,
      boolean apart,
      BiPredicate<String, List<String>> json,
      Predicate<List<String>> rows) {
    if (entry != null) {
      String name = naming.key(entry.name());
      values.put(
          apart ? entry.place() : name, new Entry(name, entry.place(), List.of(), entry.value()));
    }
    Deque<Open> stack = new ArrayDeque<>();
    stack.push(new Open(map, List.of(), List.of(), level));
    while (!stack.isEmpty()) {
      Open open = stack.pop();
      open.map.forEach(
          (key, value) -> {
            List<String> path = plus(open.path, naming.part(key));
            List<String> place = plus(open.place, key);
            String name = naming.path(path);
            Entry e = new Entry(name, place, path, value);
            boolean nested = value instanceof Map<?, ?> || value instanceof List<?>;
            if (!nested || open.level <= 0 || json.test(name, place)) {
              values.put(apart ? place : name, e);
              return;
            }
            List<String> whole = plus(open.path, naming.list(key));
            List<String> list = new ArrayList<>(whole);
            list.removeIf(String::isEmpty);
            if (value instanceof Map<?, ?> inner && !rows.test(list)) {
              stack.push(new Open(Reference.keys(inner), place, path, open.level - 1));
            } else {
              lists.put(apart ? place : whole, new Entry(name, place, list, value));
            }
          });
    }
  }

  /** The place of what is no key in the row but is called so. */
  static final String BESIDE = "\0";

  /** Keys as JSON Pointer writes them. */
  static String pointer(List<String> keys) {
    if (keys.size() > 1 && keys.get(0).equals(BESIDE)) {
      return "{}" + pointer(keys.subList(1, keys.size()));
    }
    StringBuilder out = new StringBuilder();
    keys.forEach(k -> out.append('/').append(k.replace("~", "~0").replace("/", "~1")));
    return out.toString();
  }

  static List<String> plus(List<String> all, String one) {
    List<String> more = new ArrayList<>(all);
    more.add(one);
    return more;
  }
}
