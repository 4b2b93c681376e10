package io.millrace.activities.normalize.reference;

import java.util.List;
import java.util.Map;

/**
 * Millrace's own rule for names that meet: each list keeps the table that it had first. Lists take
 * their tables in the order in which a record shows them.
 */
final class Places {
  private final Reference all;

  Places(Reference all) {
    this.all = all;
  }

  /** Lets all lists of a record that have elements take their tables. */
  void announce(Table root, Map<String, Object> record, int level) {
    object(root, record, level, level, List.of(), List.of(), List.of(root.name), "");
  }

  private void object(
      Table t,
      Map<String, Object> map,
      int level,
      int rowLevel,
      List<String> place,
      List<String> path,
      List<String> tablePath,
      String tablePlace) {
    map.forEach(
        (key, value) -> {
          List<String> here = Row.plus(place, key);
          List<String> names = Row.plus(path, all.naming.key(key));
          boolean kept = level <= 0 || all.keeps(t, all.naming.path(names), here);
          if (value instanceof Map<?, ?> m && !kept) {
            object(t, Reference.keys(m), level - 1, rowLevel, here, names, tablePath, tablePlace);
          } else if (value instanceof List<?> l && !l.isEmpty() && !kept) {
            list(t, l, rowLevel, here, names, tablePath, tablePlace);
          }
        });
  }

  private void list(
      Table t,
      List<?> list,
      int rowLevel,
      List<String> place,
      List<String> path,
      List<String> tablePath,
      String tablePlace) {
    List<String> names = new java.util.ArrayList<>(tablePath);
    names.addAll(path);
    String where = tablePlace + Row.pointer(place) + "[]";
    Table child = all.child(t, where, names);
    for (Object o : list) {
      int level = rowLevel - 1;
      if (o instanceof Map<?, ?> m) {
        object(child, Reference.keys(m), level, level, List.of(), List.of(), names, where);
      } else if (o instanceof List<?>) {
        Map<String, Object> wrapped = Reference.wrap("list", o);
        object(child, wrapped, level - 1, level - 1, List.of(), List.of(), names, where);
      }
    }
  }
}
