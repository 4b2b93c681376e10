package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Strategy;
import io.millrace.run.Wire;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.SchemaContract;
import io.millrace.source.Incremental;
import io.millrace.source.TableHints;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts what the user says about tables into them, under dlt's names. */
final class Hints {
  static final String NORMALIZER = "x-normalizer";

  private static final Map<String, String> MERGE_OPTIONS =
      Map.of(
          "source_filter", "x-merge-source-filter",
          "destination_scope", "x-merge-destination-scope",
          "skip_unchanged_rows", "x-merge-skip-unchanged-rows",
          "boundary_timestamp", "x-boundary-timestamp",
          "deduplicated", "x-stage-data-deduplicated");

  private final Tables tables;
  private final Order order;

  Hints(Tables tables, Order order) {
    this.tables = tables;
    this.order = order;
  }

  void root(Table t) {
    TableHints h = order.resource().hints();
    columns(t, h);
    disposition(t, h.disposition());
    incremental(t);
    if (h.maxTableNesting() != null) {
      nesting(t, h.maxTableNesting());
    }
    if (h.schemaContract() != null) {
      t.hints.put("schema_contract", h.schemaContract().written());
    } else if (stricter()) {
      t.hints.put("schema_contract", order.source().settings().schemaContract().written());
    }
    Boolean rootKey = order.source().settings().rootKey();
    t.rootKey = rootKey != null ? rootKey : propagates(h.disposition()) || propagated(t);
    for (TableHints.Nested n : h.nestedHints()) {
      nested(t, n);
    }
  }

  /**
   * Whether the source got its contract after its first run. dlt says so with the run and writes it
   * to the tables; what holds from the beginning stands in the settings alone.
   */
  private boolean stricter() {
    SchemaContract general = order.source().settings().schemaContract();
    JsonNode before = order.schema().settings();
    return general != null
        && before != null
        && !Wire.mapper()
            .valueToTree(general.written())
            .equals(before.at("/settings/schema_contract"));
  }

  private void nested(Table root, TableHints.Nested n) {
    String name = root.name;
    String whole = root.name;
    Table parent = root;
    for (String key : n.path()) {
      if (!tables.apart()) {
        parent = name.equals(root.name) ? root : tables.lists.hinted(parent, name);
      }
      // shortened once, as the names of lists in the data are; to dlt a key there is one component
      String part = tables.apart() ? part(key) : named(tables.naming.component(key));
      name = tables.naming.join(whole, part);
      whole += tables.naming.separator() + part;
    }
    if (n.map() != null) {
      tables.maps.put(tables.fold(name), n.map());
    }
    if (tables.apart()) {
      tables.lists.say(name, n);
    } else {
      list(tables.lists.hinted(parent, name), n);
    }
  }

  /** What holds for the table of a list. */
  void list(Table t, TableHints.Nested n) {
    TableHints h = n.hints();
    boolean cut = !h.primaryKey().isEmpty() || !h.mergeKey().isEmpty();
    t.hinted = true;
    if (cut) {
      tables.cut(t);
    }
    columns(t, h);
    if (cut || h.writeDisposition() != null) {
      disposition(t, h.disposition());
    }
    if (h.schemaContract() != null) {
      t.hints.put("schema_contract", h.schemaContract().written());
      t.contract = t.ownContract = h.schemaContract();
    }
    if (h.maxTableNesting() != null) {
      nesting(t, h.maxTableNesting());
      t.nesting = h.maxTableNesting();
    }
  }

  private static void nesting(Table t, int nesting) {
    Map<String, Object> n = new LinkedHashMap<>();
    if (t.hints.get(NORMALIZER) instanceof Map<?, ?> m) {
      m.forEach((k, v) -> n.put(k.toString(), v));
    }
    n.put("max_nesting", nesting);
    t.hints.put(NORMALIZER, n);
  }

  /**
   * Whether earlier loads gave rows below it the id of their root: lists that are new get it too.
   */
  private boolean propagated(Table t) {
    JsonNode before = order.schema().settings();
    return before != null
        && order.schema().table(t.name).isPresent()
        && before.at("/normalizers/json/config/propagation/tables").has(t.name);
  }

  private static boolean propagates(WriteDisposition d) {
    return d.kind() == WriteDisposition.Kind.MERGE && d.strategy() != Strategy.SCD2;
  }

  private void columns(Table t, TableHints h) {
    for (Column c : h.columns()) {
      declare(
          t,
          new Column(
              name(c.name()),
              c.type(),
              c.nullable(),
              c.precision(),
              c.scale(),
              c.timezone(),
              c.hints()));
    }
    for (String key : h.primaryKey()) {
      declare(t, hint(name(key), "primary_key").with("primary_key", true));
    }
    for (String key : h.mergeKey()) {
      declare(t, hint(name(key), "merge_key").with("merge_key", true));
    }
  }

  private static Column hint(String name, String hint) {
    return new Column(name, null, false, null, null, null, Map.of(hint, true));
  }

  private String name(String raw) {
    return tables.column(part(raw));
  }

  /** A key as a part of names, as in the data. */
  private String part(String raw) {
    return named(tables.naming.key(raw));
  }

  private static String named(String part) {
    return part.isEmpty() ? Shapes.EMPTY : part;
  }

  private void disposition(Table t, WriteDisposition d) {
    t.hints.keySet().removeIf(k -> k.startsWith("x-merge") || MERGE_OPTIONS.containsValue(k));
    t.hints.put("write_disposition", d.kind().key());
    t.ids = Table.Ids.RANDOM;
    if (d.kind() != WriteDisposition.Kind.MERGE) {
      return;
    }
    if (d.strategy() != Strategy.DELETE_INSERT || d.options().containsKey("strategy")) {
      t.hints.put("x-merge-strategy", d.strategy().key());
    }
    d.options()
        .forEach(
            (k, v) -> {
              if (MERGE_OPTIONS.containsKey(k)) {
                t.hints.put(MERGE_OPTIONS.get(k), v);
              }
            });
    switch (d.strategy()) {
      case DELETE_INSERT -> {}
      case UPSERT, INSERT_ONLY, CDC -> {
        t.ids = Table.Ids.KEY;
        Object version = d.options().get("row_version_column_name");
        if (version != null && Boolean.TRUE.equals(d.options().get("skip_unchanged_rows"))) {
          declare(t, hint(name(version.toString()), "x-row-version"));
        }
      }
      case SCD2 -> scd2(t, d.options());
    }
  }

  private void scd2(Table t, Map<String, Object> options) {
    List<?> validity =
        options.get("validity_column_names") instanceof List<?> l
            ? l
            : List.of(tables.names.prefix() + "_valid_from", tables.names.prefix() + "_valid_to");
    Map<String, Object> to = new LinkedHashMap<>();
    to.put("x-valid-to", true);
    to.put("x-active-record-timestamp", options.get("active_record_timestamp"));
    merge(t, validity(name(validity.get(0).toString()), Map.of("x-valid-from", true)));
    merge(t, validity(name(validity.get(1).toString()), to));
    Object version = options.get("row_version_column_name");
    if (version == null) {
      t.ids = Table.Ids.CONTENT;
    }
    String column = version == null ? tables.names.id() : name(version.toString());
    Map<String, Object> hints = new LinkedHashMap<>();
    hints.put("x-row-version", true);
    hints.put("unique", false);
    hints.put("row_key", false);
    merge(t, new Column(column, null, false, null, null, null, hints));
  }

  private static Column validity(String name, Map<String, Object> hints) {
    return new Column(name, DataType.TIMESTAMP, true, null, null, null, hints);
  }

  private void incremental(Table t) {
    Incremental i = order.resource().incremental();
    if (i != null && Cursor.simple(i.cursorPath())) {
      declare(
          t,
          new Column(
              name(i.cursorPath()), null, null, null, null, null, Map.of("incremental", true)));
    }
  }

  /** A column of the data: where names are kept apart, it belongs to no key yet. */
  private void declare(Table t, Column said) {
    boolean free = tables.apart() && t.slot(said.name()).column == null;
    merge(t, free ? said.with(Tables.KEY_HINT, Slot.NOBODY) : said);
  }

  /** What is said wins over what is known, but the type of a column with data stays. */
  private static void merge(Table t, Column said) {
    Slot s = t.slot(said.name());
    s.hinted = true;
    if (s.column == null) {
      t.is(said);
      return;
    }
    Column old = s.column;
    Map<String, Object> hints = new LinkedHashMap<>(old.hints());
    hints.putAll(said.hints());
    boolean typed = old.complete();
    t.is(
        new Column(
            old.name(),
            typed ? old.type() : said.type(),
            said.nullable() == null ? old.nullable() : said.nullable(),
            said.precision() == null || typed ? old.precision() : said.precision(),
            said.scale() == null || typed ? old.scale() : said.scale(),
            said.timezone() == null || typed ? old.timezone() : said.timezone(),
            hints));
  }
}
