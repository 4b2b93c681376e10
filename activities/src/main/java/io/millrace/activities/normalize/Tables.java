package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.normalize.value.Naming;
import io.millrace.activities.normalize.value.RowIds;
import io.millrace.activities.staging.NumberedIds;
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
import java.util.concurrent.Future;

/**
 * All tables of the source while one segment is normalized: from the schema before to the schema
 * after. Keeps the memory of their batches bounded.
 */
final class Tables {
  /** Table and column hint: the place in the data, where the name does not tell it. */
  static final String KEY_HINT = "x-key";

  private static final int MAX_COLUMNS = 1_500;

  /** Tables of lists that were read, and no row of them loaded, beside those of the limit. */
  private static final int MAX_WAITING = 5_000;

  private static final long MEMORY = 96L << 20;

  final SystemNames names;
  final Naming naming;
  final Batches batches;
  private final Order order;
  final Map<String, Table> tables = new LinkedHashMap<>();

  private final List<Table> roots = new ArrayList<>();
  final Rejects rejects;
  final RunMemory run;
  final Lists lists;
  private final Hints hints;

  /** By the name of their table: the objects whose keys are data. */
  final Map<String, TableHints.Entries> maps = new HashMap<>();

  /** The type of a column that has shown only nulls; {@code null} for no column. */
  final DataType nullColumns;

  final int columnsPerTable;
  private final int most;
  private final boolean folds;

  /** Tables of this resource that have rows. */
  private int mine;

  /** Whether elements of lists get their ids by number, because ids of roots say nothing either. */
  private boolean numbers;

  /** Values that went where the table had no column left. */
  long overflowed;

  private final int stored;
  private long memory;

  /** Whether where batches end depends on the page alone, however much memory they take. */
  private boolean steady;

  /** The last batch of a part that was read elsewhere. */
  private Future<?> taken;

  /** Keys that got another name because theirs belonged to another key. */
  long collisions;

  Tables(Order order, Naming naming, Batches batches, RunMemory run) {
    this.order = order;
    this.naming = naming;
    this.batches = batches;
    this.run = run;
    this.names = order.project().systemNames();
    this.nullColumns = order.project().schema().nullColumns();
    Integer cap = order.source().limits().columnsPerTable();
    this.columnsPerTable = cap != null ? cap : apart() ? MAX_COLUMNS : Integer.MAX_VALUE;
    this.folds = apart() && order.identifiers().folded() && naming.caseSensitive();
    this.most = order.source().limits().tables();
    for (TableSchema s : order.schema().tables()) {
      Table t = new Table(this, s.name(), null);
      t.resource = s.resource();
      t.hints.putAll(s.hints());
      s.columns().forEach(t::is);
      t.known = t.hasColumns() && sawData(s);
      t.owner = s.hints().get(KEY_HINT) instanceof String place ? place : null;
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
    rejects = new Rejects(this, order.segment().asset());
    hints = new Hints(this, order);
    lists = new Lists(this, hints);
  }

  private static boolean sawData(TableSchema s) {
    return s.hints().get(Hints.NORMALIZER) instanceof Map<?, ?> m
        && Boolean.TRUE.equals(m.get("seen-data"));
  }

  /** A new table. It counts when it gets a row. */
  Table make(String name, String place) {
    if (tables.size() + lists.waiting() >= stored + most + MAX_WAITING) {
      throw Refused.Relearn.RELEARN;
    }
    return new Table(this, name, place);
  }

  /** The name as the destination compares it, where names are kept apart. */
  String fold(String name) {
    return folds ? name.toLowerCase(Locale.ROOT) : name;
  }

  /** Whether only that very key may have that name, being one of ours. */
  boolean reserved(String name, String place) {
    return fold(name).equals(fold(names.rootId())) && !place.equals('/' + names.rootId());
  }

  /** The name, or one beside it when every table of the destination has such a column already. */
  String column(String name) {
    return order.identifiers().taken().contains(fold(name)) ? name + '_' : name;
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
    boolean crowded = tables.size() + lists.waiting() > most;
    if (!crowded && tape.size <= childRows) {
      return;
    }
    Set<Table> fresh = new HashSet<>();
    fresh(root, fresh);
    long elements = 0;
    for (int i = 0; i < tape.size; i++) {
      int kind = tape.tag[i] & Tape.KIND;
      if (kind == Tape.LIST && tape.after(i) > i + 1) {
        fresh(fields[tape.tag[i] >>> Tape.KIND_BITS].elements().table, fresh);
        for (int e = i + 1; e < tape.after(i); e = tape.after(e)) {
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
      collisions += t.name.equals(t.plain) ? 0 : 1;
    }
  }

  /** Forgets what only records spoke of that were not loaded. */
  void forget() {
    lists.forget();
    tables.values().removeIf(t -> !t.filled && !t.hasColumns() && t.hints.isEmpty() && !t.hinted);
    tables.values().stream().filter(t -> !t.filled && t.parent != null).forEach(t -> t.id = null);
    tables.values().forEach(Table::forget);
  }

  /** The root table of that normalized name, with the resource's hints. */
  Table root(String name) {
    Table t = tables.get(fold(name));
    if (t == null) {
      t = make(name, null);
      tables.put(fold(name), t);
    }
    if (!roots.contains(t)) {
      t.resource = order.resource().name();
      t.contract = contract();
      roots.add(t);
      hints.root(t);
      numbers = apart() && t.ids == Table.Ids.RANDOM;
      prepare(t);
    }
    return t;
  }

  /** Whether a list may take a table that belongs to none. */
  boolean free(Table t) {
    boolean foreign = t.resource != null && !t.resource.equals(order.resource().name());
    return t.owner == null && !roots.contains(t) && (t.parent != null || !foreign);
  }

  /** It hangs from nothing, though its rows come from a list. */
  void cut(Table t) {
    t.resource = order.resource().name();
    t.cut = true;
    t.parent = null;
  }

  private SchemaContract contract() {
    SchemaContract own = order.resource().hints().schemaContract();
    SchemaContract general = order.source().settings().schemaContract();
    return own != null ? own : general != null ? general : SchemaContract.EVOLVE;
  }

  /** The name as it is and then, with the place in it, as often as it takes to find a free one. */
  String apart(String name, String place, int tries) {
    return tries == 0 ? name : naming.join(name, tag(tries == 1 ? place : place + '#' + tries));
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
  void prepare(Table t) {
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
    number(t);
    t.evolves = !t.known || run.made(t.name);
    run.remind(t);
    t.refresh();
  }

  /**
   * Whether it may add columns to the end of the run that made it. With dlt's rules the table of a
   * list that hints are silent about may with its first row alone.
   */
  boolean grows(Table t) {
    return apart() || !t.nested() || t.hinted;
  }

  /** Lets the table's name into the ids of its rows. */
  void number(Table t) {
    boolean counts = t.nested() ? numbers : t.ids == Table.Ids.RANDOM;
    if (counts) {
      t.numbered = numbersOf(t);
    }
  }

  private NumberedIds numbersOf(Table t) {
    return RowIds.numbered(order.segment().loadId(), t.name);
  }

  private Slot own(Table t, String name) {
    Slot s = t.slot(name);
    s.system = true;
    if (s.unowned) {
      s.is(s.column.without(KEY_HINT));
    }
    s.refresh();
    return s;
  }

  void grew(long bytes) {
    memory += bytes;
  }

  /** At the end of a record: writes everything out when it has become too much. */
  void relieve() {
    if (memory > MEMORY && !steady) {
      seal();
    }
  }

  /** A page begins that may be read in parts. */
  void begin() {
    steady = true;
  }

  /** A part ends, and with it all batches: none depends on what was read before or elsewhere. */
  void cut() {
    tables.values().forEach(Table::cut);
    rejects.table.cut();
    if (memory > MEMORY) {
      seal();
    }
  }

  /** The page ends; {@code parts} says whether it had any. */
  void end(boolean parts) {
    steady = false;
    if (parts) {
      seal(); // how much memory there is now depends on who read them
    }
    relieve();
  }

  /** Before a part that another one takes: rows are numbered from 0. */
  void restart() {
    memory = 0;
    tables.values().forEach(Table::renumber);
  }

  /** Whether more memory is used than is good. */
  boolean crowded() {
    return memory > MEMORY;
  }

  /** Takes the rows of a part that was read elsewhere, with the schema that is here. */
  void take(List<Batches.Full> part) {
    Beside.await(taken); // no more than one such part waits to be written
    Map<NumberedIds, Long> rows = new HashMap<>();
    for (Table t : tables.values()) {
      // of a table that only earlier segments and parts before this one showed none was read here
      rows.put(t.numbered != null ? t.numbered : numbersOf(t), t.number());
    }
    for (Batches.Full batch : part) {
      for (Batches.Cells c : batch.columns()) {
        long before = c.ids() == null ? 0 : rows.get(c.ids());
        for (int i = 0; i < c.count() && before > 0; i++) {
          c.values()[i] += before;
        }
      }
      tables.get(fold(batch.table())).took(batch.rows());
      taken = batches.put(batch);
    }
  }

  private void seal() {
    batches.finish();
    tables.values().forEach(Table::release);
    rejects.table.release();
    memory = 0;
  }

  /** Writes what is left. Returns the tables with rows, parents first. */
  List<String> finish() {
    List<String> with = new ArrayList<>();
    seal();
    for (Table t : tables.values()) {
      parentFirst(t, with);
    }
    if (rejects.table.seen) {
      with.add(rejects.table.name);
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
    return SchemaJson.bump(order.schema(), content());
  }

  /** The schema without a version. */
  Schema content() {
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
        if (t.owner != null) {
          t.hints.put(KEY_HINT, t.owner);
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
    JsonNode settings = StoredSettings.of(order, propagating);
    return new Schema(order.schema().name(), 0, null, List.of(), settings, all);
  }

  byte[] loadId() {
    return order.segment().loadId().getBytes(StandardCharsets.UTF_8);
  }
}
