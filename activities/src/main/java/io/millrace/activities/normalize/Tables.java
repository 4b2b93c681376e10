package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.activities.normalize.value.Naming;
import io.millrace.activities.normalize.value.RowIds;
import io.millrace.activities.staging.PackageWriter;
import io.millrace.destination.SystemNames;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaContract;
import io.millrace.schema.SchemaJson;
import io.millrace.schema.TableSchema;
import io.millrace.source.TableHints;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * All tables of the source while one segment is normalized: from the schema before to the schema
 * after. Keeps the memory of their batches bounded.
 */
final class Tables {
  /** Column and table hint: the key in the data, where the name does not tell it. */
  static final String KEY_HINT = "x-key";

  private static final int MAX_COLUMNS = 1_500;

  /** Tables that exist only because records that were not loaded spoke of them. */
  private static final int MAX_PHANTOMS = 5_000;

  private static final long MEMORY = 96L << 20;

  final SystemNames names;
  final Naming naming;
  final PackageWriter out;
  private final Order order;
  private final Map<String, Table> tables = new LinkedHashMap<>();
  private final Map<String, String> owners = new HashMap<>();
  private final List<Table> roots = new ArrayList<>();
  private final Table rejects;

  /** By the name of their table: the objects whose keys are data. */
  final Map<String, TableHints.Entries> maps = new HashMap<>();

  /** The type of a column that has shown only nulls; {@code null} for no column. */
  final DataType nullColumns;

  final int columnsPerTable;
  private final int most;
  private final boolean folds;

  /** Tables of this resource that have rows. */
  private int mine;

  /** Whether the record being read has made tables. */
  private boolean fresh;

  /** Whether there are tables without rows: of records or lists that were not loaded. */
  private boolean phantoms;

  /** Whether elements of lists get their ids by number, because ids of roots say nothing either. */
  private boolean numbers;

  /** Values that went where the table had no column left. */
  long overflowed;

  private final int stored;
  private long memory;
  private long rejected;

  /** Origin and place of the record that is being written. */
  Supplier<String> where;

  /** Keys that got another name because theirs belonged to another key. */
  long collisions;

  /** What the run remembers from segment to segment beside the schema. */
  private final ObjectNode run;

  Tables(Order order, Naming naming, PackageWriter out, ObjectNode run) {
    this.order = order;
    this.naming = naming;
    this.out = out;
    this.run = run;
    this.names = order.project().systemNames();
    this.nullColumns = order.project().schema().nullColumns();
    Integer cap = order.source().limits().columnsPerTable();
    this.columnsPerTable = cap != null ? cap : apart() ? MAX_COLUMNS : Integer.MAX_VALUE;
    this.folds = apart() && order.foldsCase() && naming.caseSensitive();
    this.most = order.source().limits().tables();
    for (TableSchema s : order.schema().tables()) {
      Table t = new Table(this, s.name());
      t.parent = s.parent() == null ? null : tables.get(fold(s.parent()));
      t.resource = s.resource();
      t.hints.putAll(s.hints());
      s.columns().forEach(t::is);
      t.known = t.hasColumns() && sawData(s);
      tables.put(fold(t.name), t);
    }
    for (TableSchema s : order.schema().tables()) {
      if (s.parent() != null) {
        tables.get(fold(s.name())).parent = tables.get(fold(s.parent()));
      }
    }
    stored = tables.size();
    for (Table t : tables.values()) {
      Table top = t;
      while (top.parent != null) {
        top = top.parent;
      }
      t.filled = t.known;
      mine += t.known && order.resource().name().equals(top.resource) ? 1 : 0;
    }
    rejects = new Table(this, SystemNames.REJECTS);
    rejects.filled = true;
    for (String c : List.of("asset", "table_name", "path", "reason", "record")) {
      rejects.is(Column.of(c, DataType.TEXT));
    }
  }

  private static boolean sawData(TableSchema s) {
    return s.hints().get(Hints.NORMALIZER) instanceof Map<?, ?> m
        && Boolean.TRUE.equals(m.get("seen-data"));
  }

  /** A new table. It counts when it gets a row. */
  private Table make(String name) {
    fresh = true;
    if (tables.size() >= stored + most + MAX_PHANTOMS) {
      throw Refused.Relearn.RELEARN;
    }
    Table t = new Table(this, name);
    tables.put(fold(name), t);
    return t;
  }

  /** The name as the destination compares it, where names are kept apart. */
  String fold(String name) {
    return folds ? name.toLowerCase(Locale.ROOT) : name;
  }

  /** Whether different keys never share a name. */
  boolean apart() {
    return !order.project().schema().compat();
  }

  /**
   * Whether the record on the tape keeps the limits that need it whole; throws {@link Refused} when
   * it does not.
   */
  void check(Table root, Tape tape, Field[] fields, int childRows) {
    boolean crowded = tables.size() > most;
    if (!crowded && tape.size <= childRows) {
      return;
    }
    Set<Table> fresh = new HashSet<>();
    fresh(root, fresh);
    long elements = 0;
    for (int i = 0; i < tape.size; i++) {
      int kind = tape.tag[i] & Tape.KIND;
      if (kind == Tape.LIST && tape.value[i] > i + 1) {
        fresh(fields[tape.tag[i] >>> Tape.KIND_BITS].elements().table, fresh);
        for (int e = i + 1; e < tape.value[i]; e = tape.after(e)) {
          elements++;
        }
      }
    }
    if (elements > childRows) {
      throw Refused.record("has more than " + childRows + " elements in its lists");
    }
  }

  private void fresh(Table t, Set<Table> into) {
    if (!t.filled && t.contract.tables() == SchemaContract.Mode.EVOLVE && into.add(t)) {
      if (mine + into.size() > most) {
        throw Refused.record("needs table " + t.name + ", and there are " + most + " already");
      }
    }
  }

  /**
   * A row is about to be written: the first one decides what its table hangs from. Lists that were
   * not loaded do not, nor do hints, for a path may name no table for each of its parts.
   */
  void hang(Table t, Rows.Frame f) {
    if (!t.filled && t.nested() && (!t.hinted || apart() || !t.parent.hasColumns())) {
      t.parent = f.list.in.table;
    }
  }

  /** The first row of a table in this segment. */
  void began(Table t) {
    if (!t.filled) {
      t.filled = true;
      mine++;
    }
  }

  /** The end of a record, loaded or not. */
  void after() {
    if (fresh) {
      fresh = false;
      phantoms = tables.values().stream().anyMatch(t -> !t.filled);
    }
  }

  /** Forgets tables that only records spoke of that were not loaded. */
  void forget() {
    tables.values().removeIf(t -> !t.filled && !t.hasColumns() && t.hints.isEmpty() && !t.hinted);
    owners.keySet().removeIf(n -> !tables.containsKey(n) || !tables.get(n).filled);
    tables.values().stream().filter(t -> !t.filled && t.parent != null).forEach(t -> t.id = null);
    tables.values().forEach(Table::forget);
  }

  /** The root table of that normalized name, with the resource's hints. */
  Table root(String name) {
    Table t = tables.containsKey(fold(name)) ? tables.get(fold(name)) : make(name);
    if (!roots.contains(t)) {
      t.resource = order.resource().name();
      t.contract = contract();
      roots.add(t);
      new Hints(this, order).root(t);
      numbers = apart() && t.ids == Table.Ids.RANDOM;
      prepare(t);
    }
    return t;
  }

  private SchemaContract contract() {
    SchemaContract own = order.resource().hints().schemaContract();
    SchemaContract general = order.source().settings().schemaContract();
    return own != null ? own : general != null ? general : SchemaContract.EVOLVE;
  }

  /** A table that hints speak of, below a root. */
  Table hinted(Table parent, String name, boolean cut) {
    Table t = tables.get(fold(name));
    if (t == null) {
      t = make(name);
      t.parent = cut ? null : parent;
    }
    t.hinted = true;
    t.contract = parent.contract;
    t.rootKey = parent.rootKey;
    if (cut) {
      t.resource = order.resource().name();
      t.cut = true;
      t.parent = null;
    }
    return t;
  }

  /** The table of a list's elements. */
  Table child(Table parent, String name) {
    Table t = tables.get(fold(name));
    if (t == null) {
      t = make(name);
      t.parent = parent;
    }
    if (t.id == null) {
      t.contract = t.ownContract == null ? parent.contract : t.ownContract;
      t.rootKey = parent.rootKey;
      prepare(t);
    }
    return t;
  }

  /** The name for the list at that path, another one when the name belongs to another list. */
  String tableFor(String table, String path) {
    String owner =
        owners.computeIfAbsent(
            fold(table),
            n -> {
              Table t = tables.get(n);
              Object said = t == null || t.parent == null ? path : t.hints.get(KEY_HINT);
              return said == null ? path : said.toString();
            });
    if (owner.equals(path)) {
      return table;
    }
    Table there = tables.get(fold(table));
    if (there != null) {
      relearnWithout(there);
    }
    collisions++;
    String other = naming.join(table, tag(path));
    owners.putIfAbsent(fold(other), path);
    return other;
  }

  /** A table may exist only because of lists that were not loaded: then it decides nothing. */
  private void relearnWithout(Table t) {
    if (phantoms && !t.filled) {
      phantoms = false;
      throw Refused.Relearn.RELEARN;
    }
  }

  /** Six characters that tell one path from another. */
  String tag(String path) {
    byte[] in = path.getBytes(StandardCharsets.UTF_8);
    byte[] id = new byte[RowIds.LENGTH];
    new RowIds().hash(id, 0, in, 0, in.length);
    StringBuilder tag = new StringBuilder();
    for (int i = 0; tag.length() < 6; i++) {
      char c = (char) id[i];
      tag.append(c == '+' ? 'b' : c == '/' ? 'a' : c);
    }
    return tag.toString().toLowerCase(Locale.ROOT);
  }

  /**
   * Our own columns of a table. They are written apart, so keys of the same name go the long way.
   */
  private void prepare(Table t) {
    t.id = own(t, names.id());
    t.overflow = own(t, SystemNames.OVERFLOW);
    if (t.nested()) {
      t.parentId = own(t, names.parentId());
      t.listIdx = own(t, names.listIdx());
      t.loadId = null;
    } else {
      t.loadId = own(t, names.loadId());
    }
    // a column of that name that data made is no link
    Column root = t.slot(names.rootId()).column;
    if (root != null && root.complete() && root.hinted("root_key") && t.nested()) {
      t.rootKey = !Boolean.FALSE.equals(order.source().settings().rootKey());
    }
    if (t.rootKey && (t.nested() || t.cut)) {
      t.rootId = own(t, names.rootId());
    }
    boolean counts = t.nested() ? numbers : t.ids == Table.Ids.RANDOM;
    if (counts) {
      t.numbered = new RowIds.Numbered(order.segment().loadId(), t.name);
    }
    t.evolves = !t.known || madeInRun(t.name);
    remembered(t);
    t.refresh();
  }

  private Slot own(Table t, String name) {
    Slot s = t.slot(name);
    s.system = true;
    s.refresh();
    return s;
  }

  private boolean madeInRun(String table) {
    for (JsonNode n : run.path("new")) {
      if (n.asText().equals(table)) {
        return true;
      }
    }
    return false;
  }

  /** Notes that a table is new in this run, when its contract makes that matter. */
  void made(Table t) {
    if (t.contract.columns() != SchemaContract.Mode.EVOLVE && !madeInRun(t.name)) {
      run.withArrayProperty("new").add(t.name);
    }
  }

  private void remembered(Table t) {
    run.path("filtered")
        .path(t.name)
        .properties()
        .forEach(
            e -> {
              Slot s = t.slot(e.getKey());
              s.filtered = SchemaContract.Mode.of(e.getValue().asText());
              s.refresh();
            });
  }

  /** Notes that the contract refused a column, so that later rows of the run are judged alike. */
  void filtered(Slot s, SchemaContract.Mode mode) {
    s.filtered = mode;
    s.refresh();
    run.withObjectProperty("filtered").withObjectProperty(s.table.name).put(s.name, mode.key());
  }

  /** A part of the record that is being written; the reason says also where that one came from. */
  void reject(String table, String path, String reason, byte[] record, int off, int len) {
    refuse(table, path, reason + " (" + where.get() + ")", record, off, len);
  }

  /** One rejected record or value; {@code null} components become NULL. */
  void refuse(String table, String path, String reason, byte[] record, int off, int len) {
    String[] texts = {order.segment().asset(), table, path, reason};
    String[] columns = {"asset", "table_name", "path", "reason"};
    for (int i = 0; i < texts.length; i++) {
      if (texts[i] != null) {
        byte[] b = texts[i].getBytes(StandardCharsets.UTF_8);
        rejects.slot(columns[i]).put(rejects.rows, rejects.copy(b, 0, b.length));
      }
    }
    if (record != null) {
      byte[] clean = Utf8.clean(record, off, len);
      rejects.slot("record").put(rejects.rows, rejects.copy(clean, 0, clean.length));
    }
    rejects.done();
    rejected++;
  }

  long rejected() {
    return rejected;
  }

  void grew(long bytes) {
    memory += bytes;
  }

  /** At the end of a record: writes everything out when it has become too much. */
  void relieve() {
    if (memory > MEMORY) {
      seal();
    }
  }

  private void seal() {
    tables.values().forEach(t -> t.seal(true));
    rejects.seal(true);
    memory = 0;
  }

  /** Writes what is left. Returns the tables with rows, parents first. */
  List<String> finish() {
    List<String> with = new ArrayList<>();
    seal();
    for (Table t : tables.values()) {
      parentFirst(t, with);
    }
    if (rejects.seen) {
      with.add(rejects.name);
    }
    return with;
  }

  private void parentFirst(Table t, List<String> into) {
    if (t.seen && !into.contains(t.name)) {
      if (t.parent != null) {
        parentFirst(t.parent, into);
      }
      into.add(t.name);
    }
  }

  List<String> rootNames() {
    List<String> all = new ArrayList<>();
    for (Table t : tables.values()) {
      if (t.parent == null && order.resource().name().equals(t.resource)) {
        all.add(t.name);
      }
    }
    return all;
  }

  Schema schema() {
    List<TableSchema> all = new ArrayList<>();
    for (Table t : tables.values()) {
      if (!t.columns.isEmpty()) {
        if (t.seen) {
          Map<String, Object> normalizer = new LinkedHashMap<>();
          if (t.hints.get(Hints.NORMALIZER) instanceof Map<?, ?> m) {
            m.forEach((k, v) -> normalizer.put(k.toString(), v));
          }
          normalizer.put("seen-data", true);
          t.hints.put(Hints.NORMALIZER, normalizer);
        }
        if (apart() && t.parent != null && owners.containsKey(fold(t.name))) {
          t.hints.put(KEY_HINT, owners.get(fold(t.name)));
        }
        all.add(t.schema());
      }
    }
    List<String> propagating = new ArrayList<>();
    for (Table t : tables.values()) {
      if (t.rootKey && t.parent == null && (roots.contains(t) || t.cut)) {
        propagating.add(t.name);
      }
    }
    Schema s = order.schema();
    JsonNode settings = StoredSettings.of(order, propagating);
    return SchemaJson.bump(s, new Schema(s.name(), 0, null, List.of(), settings, all));
  }

  byte[] loadId() {
    return order.segment().loadId().getBytes(StandardCharsets.UTF_8);
  }
}
