package io.millrace.activities.normalize.reference;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The whole normalizer, record by record and row by row, in the order of the specification's first
 * section. One object per case; its tables are the result.
 */
final class Reference {
  static final String ROOT = "t";
  private static final int DEFAULT_NESTING = 1000;

  /** The contract froze what a record needs. */
  static final class Frozen extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** A record or row that cannot be loaded. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
  }

  final Setup setup;
  final Naming naming;
  final Map<String, Table> tables = new LinkedHashMap<>();

  /** Rejected rows and values, by table. */
  final Map<String, Integer> rejects = new TreeMap<>();

  long records;

  /** Why the case ended before its end, as the failure's name; {@code null} when it did not. */
  String failure;

  /** Ids of the data's own in this segment. */
  final Set<String> ownIds = new TreeSet<>();

  /** Whether a record came that no contract keeps from having a table. */
  boolean came;

  private final Rows rows;
  int run;

  Reference(Setup setup) {
    this.setup = setup;
    this.naming = setup.names();
    this.rows = new Rows(this);
    Table root = new Table(naming, ROOT, null, "");
    tables.put(ROOT, root);
    Declarations.put(setup, naming, root);
    if (setup.compat()) {
      Declarations.tables(this);
    }
  }

  static Reference of(Case c) {
    Reference r = new Reference(c.setup());
    for (Case.Part p : c.parts()) {
      if (r.failure == null) {
        r.segment(p);
      }
    }
    return r;
  }

  private void segment(Case.Part p) {
    ownIds.clear();
    if (p.run() != run) {
      tables.values().forEach(t -> t.refused.clear());
      run = p.run();
    }
    try {
      if (p.document()) {
        document(p);
      } else {
        for (int i = 0; i < p.records().size(); i++) {
          line(i == 0 ? unmarked(p.records().get(i)) : p.records().get(i));
        }
      }
    } catch (Frozen e) {
      failure = "CONTRACT_FROZEN";
    }
  }

  private void document(Case.Part p) {
    try {
      Map<?, ?> all = (Map<?, ?>) read(p.page());
      items((List<?>) all.get("data"));
    } catch (IOException e) {
      failure = "RESPONSE_INVALID";
    }
  }

  private void line(byte[] line) {
    if (blank(line)) {
      return;
    }
    Object value;
    try {
      value = read(line);
    } catch (IOException e) {
      records++;
      reject(ROOT);
      return;
    }
    if (value instanceof List<?> page) {
      items(page);
    } else if (value != null) {
      record(value);
    }
  }

  /** Without the byte order mark that a page may begin with. */
  private static byte[] unmarked(byte[] line) {
    boolean mark =
        line.length >= 3 && line[0] == (byte) 0xEF && line[1] == (byte) 0xBB && line[2] == -65;
    return mark ? java.util.Arrays.copyOfRange(line, 3, line.length) : line;
  }

  private static boolean blank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  private Object read(byte[] json) throws IOException {
    Json in = new Json();
    Object value = in.read(json);
    return value;
  }

  /** A list at the top is a page of items; nothing is no item. */
  private void items(List<?> page) {
    for (Object item : page) {
      if (item != null || setup.compat()) {
        record(item);
      }
    }
  }

  private void record(Object item) {
    records++;
    Map<String, Object> map = item instanceof Map<?, ?> m ? keys(m) : wrap("value", item);
    int level = setup.nesting() == null ? DEFAULT_NESTING : setup.nesting();
    Table root = tables.get(ROOT);
    rows.row(null, root, new Row(map, level, null, 0));
  }

  static Map<String, Object> wrap(String key, Object value) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put(key, value);
    return one;
  }

  static Map<String, Object> keys(Map<?, ?> m) {
    Map<String, Object> all = new LinkedHashMap<>();
    m.forEach((k, v) -> all.put((String) k, v));
    return all;
  }

  void reject(String table) {
    rejects.merge(table, 1, Integer::sum);
  }

  String system(String column) {
    return setup.prefix() + "_" + column;
  }

  /** The table for the elements of a list (sections 5 and 12). */
  Table child(Table parent, String place, List<String> path) {
    String name = naming.path(path);
    int tries = 0;
    Table t = tables.get(naming.fold(name));
    while (t != null && !setup.compat() && !t.place.equals(place)) {
      t = tables.get(naming.fold(naming.apart(name, place, ++tries)));
    }
    if (t == null) {
      t = new Table(naming, naming.apart(name, place, tries), parent, place);
      Declarations.nested(setup, naming, t, name);
      tables.put(naming.fold(t.name), t);
    }
    return t;
  }

  /** Whether the schema has what hints say: to dlt not before a record comes. */
  boolean told() {
    return came || !setup.compat();
  }

  /** What the contract of the nearest level says in this run. */
  List<String> contract(Table t) {
    if (t.hints != null && t.hints.contract() != null) {
      return setup.inRun(t.hints.contract(), run);
    }
    return t.parent == null ? setup.inRun(setup.contract(), run) : contract(t.parent);
  }

  /** How objects there are rows, one of each entry; {@code null} when they are not. */
  Setup.Nested entries(List<String> tablePath, List<String> path) {
    if (setup.nested().isEmpty()) {
      return null;
    }
    List<String> whole = new ArrayList<>(tablePath);
    whole.addAll(path);
    Setup.Nested n = Declarations.nested(setup, naming, naming.path(whole));
    return n == null || n.key() == null ? null : n;
  }

  /** Whether a column keeps objects and lists as one value. */
  boolean keeps(Table t, String name, List<String> place) {
    if (isSystem(t, name) && (setup.compat() || place.equals(List.of(naming.fold(name))))) {
      return false;
    }
    Column c = column(t, name, place);
    String type = c != null && c.type != null ? c.type : preferred(name);
    return "json".equals(type);
  }

  /** The type that the settings want for a column; {@code null} for none. */
  String preferred(String name) {
    for (Map.Entry<String, String> said : setup.preferred().entrySet()) {
      String key = said.getKey();
      boolean pattern =
          key.chars().anyMatch(c -> "()[]{}?*+-|^$\\.&~# \t\n\r\u000b\f".indexOf(c) >= 0);
      if (name.equals(setup.compat() && pattern ? key : naming.plain(key))) {
        return said.getValue();
      }
    }
    return null;
  }

  /** The column of a key, {@code null} when there is none yet. */
  Column column(Table t, String name, List<String> place) {
    Column c = t.column(name);
    if (setup.compat()) {
      return c;
    }
    for (Column own : t.columns()) {
      if (place.equals(own.place)) {
        return own;
      }
    }
    return c != null && c.free() ? c : null;
  }

  /** Whether the table has a column of ours by that name. */
  boolean isSystem(Table t, String column) {
    String name = naming.fold(column);
    boolean root = t.parent == null;
    return name.equals(system("id"))
        || root && name.equals(system("load_id"))
        || !root && (name.equals(system("parent_id")) || name.equals(system("list_idx")))
        || !root && setup.linksToRoot() && name.equals(system("root_id"));
  }

  /** Whether a name is ours and the key is not. */
  boolean reserved(Table t, String name, List<String> place) {
    String same = naming.fold(name);
    boolean ours = isSystem(t, name) || same.equals(system("root_id"));
    return ours && !place.equals(List.of(same));
  }

  /** All rows so far, for messages. */
  List<String> summary() {
    List<String> all = new ArrayList<>();
    tables.values().forEach(t -> all.add(t.name + " " + t.complete() + " " + t.rows));
    return all;
  }
}
