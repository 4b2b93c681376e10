package io.millrace.activities.normalize.reference;

import io.millrace.schema.Column;
import io.millrace.schema.TableSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** The first thing in which the product and the reference differ, in words. */
final class Difference {
  private Difference() {}

  /** {@code null} when there is none. */
  static String between(Reference want, Subject got) {
    if ("RESPONSE_INVALID".equals(want.failure) && "CONTRACT_FROZEN".equals(got.failure)) {
      // the product meets the frozen column before the end that is no JSON
      return want.setup.contract().contains("freeze") ? null : "failure: got " + got.failure;
    }
    if (!Objects.equals(want.failure, got.failure)) {
      return "failure: want " + want.failure + ", got " + got.failure;
    }
    if (want.failure != null) {
      return null;
    }
    if (want.records != got.records) {
      return "records: want " + want.records + ", got " + got.records;
    }
    if (!want.rejects.equals(got.rejects)) {
      return "rejects: want " + want.rejects + ", got " + got.rejects;
    }
    String columns = columns(want, got);
    return columns != null ? columns : rows(want, got);
  }

  private static String columns(Reference want, Subject got) {
    Map<String, String> wanted = new TreeMap<>();
    for (Table t : want.tables.values()) {
      if (!t.complete().isEmpty() && want.told()) {
        wanted.put(t.name, (t.parent == null ? "" : "of " + t.parent.name + " ") + t.complete());
      }
    }
    Map<String, String> have = new TreeMap<>();
    for (TableSchema t : got.schema.tables()) {
      List<String> all = new ArrayList<>();
      t.completeColumns().forEach(c -> all.add(text(c)));
      if (!all.isEmpty()) {
        have.put(t.name(), (t.parent() == null ? "" : "of " + t.parent() + " ") + all);
      }
    }
    if (!wanted.keySet().equals(have.keySet())) {
      return "tables: want " + wanted.keySet() + ", got " + have.keySet();
    }
    for (String t : wanted.keySet()) {
      if (!wanted.get(t).equals(have.get(t))) {
        return "columns of " + t + ": want " + wanted.get(t) + ", got " + have.get(t);
      }
    }
    return null;
  }

  private static String text(Column c) {
    return c.name()
        + " "
        + c.type().key()
        + (c.acceptsNull() ? "" : " NOT NULL")
        + (c.hinted("variant") ? " variant" : "");
  }

  private static String rows(Reference want, Subject got) {
    Set<Object> ids = new HashSet<>();
    String id = want.system("id");
    for (Table t : want.tables.values()) {
      List<Map<String, Object>> have = got.rows.getOrDefault(t.name, List.of());
      if (t.rows.size() != have.size()) {
        return "rows of " + t.name + ": want " + t.rows.size() + ", got " + have.size();
      }
      for (int i = 0; i < have.size(); i++) {
        String cell = row(t.rows.get(i), have.get(i));
        if (cell != null) {
          return "row " + i + " of " + t.name + ": " + cell;
        }
        boolean random = t.rows.get(i).get(id) instanceof Id made && made.random;
        if (random && !ids.add(have.get(i).get(id))) {
          return "row " + i + " of " + t.name + ": its random id is another row's";
        }
      }
    }
    return null;
  }

  private static String row(Map<String, Object> want, Map<String, Object> got) {
    if (!want.keySet().equals(got.keySet())) {
      return "want " + new TreeMap<>(want) + ", got " + new TreeMap<>(got);
    }
    for (Map.Entry<String, Object> e : new LinkedHashMap<>(want).entrySet()) {
      Object have = got.get(e.getKey());
      boolean same =
          e.getValue() instanceof Id id
              ? id.is(have)
              : e.getValue().equals("(load)")
                  ? have.toString().startsWith(Subject.LOAD)
                  : e.getValue().equals(have);
      if (!same) {
        return e.getKey() + ": want " + e.getValue() + ", got " + have;
      }
    }
    return null;
  }
}
