package io.millrace.activities.normalize.reference;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.normalize.Identifiers;
import io.millrace.activities.normalize.Normalized;
import io.millrace.activities.normalize.Order;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.PackageFile;
import io.millrace.activities.staging.RawPage;
import io.millrace.activities.staging.TableBatch;
import io.millrace.destination.SystemNames;
import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Kind;
import io.millrace.destination.WriteDisposition.Strategy;
import io.millrace.project.Project;
import io.millrace.project.Text;
import io.millrace.run.Segment;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaContract;
import io.millrace.schema.SchemaContract.Mode;
import io.millrace.schema.SchemaSettings;
import io.millrace.source.Limits;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import io.millrace.source.TableHints;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What the product makes of a case: its packages read back. */
final class Subject {
  /** The product's side of a step, so that a copy of the product can be put in its place. */
  @FunctionalInterface
  interface Engine {
    Normalized run(Order order, Iterable<RawPage> pages, Path file, Progress progress);
  }

  static final String LOAD = "1700000000.1-aaaa-";

  final Map<String, List<Map<String, Object>>> rows = new LinkedHashMap<>();
  final Map<String, Integer> rejects = new TreeMap<>();
  Schema schema = Schema.empty("s");
  long records;
  long said;

  /** The failure's name; {@code null} when nothing failed. */
  String failure;

  static Subject of(Case c, Engine engine, Path file) throws IOException {
    Subject s = new Subject();
    JsonNode cursor = null;
    int seq = 0;
    for (Case.Part p : c.parts()) {
      byte[] b = p.page();
      RawPage page =
          new RawPage(
              p.document() ? RawPage.Format.JSON : RawPage.Format.JSONL,
              p.document() ? List.of("data") : List.of(),
              "f",
              0,
              () -> new ByteArrayInputStream(b));
      try {
        Order order = order(c.setup(), p.run(), ++seq, s.schema, cursor);
        Normalized n = engine.run(order, List.of(page), file, Progress.NONE);
        cursor = n.cursor();
        s.records += n.records();
        s.said += n.rejected();
        s.read(file);
      } catch (MillraceException e) {
        s.failure = e.failure().name();
        return s;
      }
    }
    return s;
  }

  private static Order order(Setup setup, int run, int seq, Schema schema, JsonNode cursor) {
    WriteDisposition disposition =
        setup.disposition().equals("append")
            ? null
            : new WriteDisposition(Kind.MERGE, Strategy.of(setup.disposition()), Map.of());
    TableHints hints =
        new TableHints(
            null,
            disposition,
            setup.primaryKey(),
            null,
            columns(setup.columns()),
            contract(setup, setup.contract(), run),
            setup.nesting(),
            nested(setup, run));
    Resource r =
        new Resource(
            Reference.ROOT, null, null, null, hints, null, true, null, null, null, null, null);
    Source s = new Source.Filesystem("s", new Text("."), null, Limits.DEFAULT, List.of(r));
    Map<String, DataType> preferred = new LinkedHashMap<>();
    setup.preferred().forEach((k, v) -> preferred.put(k, DataType.of(v)));
    SchemaSettings settings =
        new SchemaSettings(setup.naming(), setup.detections(), preferred, null, setup.compat());
    SystemNames names = new SystemNames(setup.prefix());
    Project p = new Project("s", List.of(), names, settings, null, null, List.of(s), Map.of());
    Segment segment = new Segment("s", "", "s.t", null, "run" + run, LOAD + seq, run, seq);
    Identifiers identifiers = new Identifiers(setup.longest(), setup.folds(), Set.of());
    return new Order(p, s, r, schema, cursor, segment, identifiers, null);
  }

  private static List<TableHints.Nested> nested(Setup setup, int run) {
    List<TableHints.Nested> all = new ArrayList<>();
    for (Setup.Nested n : setup.nested()) {
      SchemaContract contract = n.contract() == null ? null : contract(setup, n.contract(), run);
      List<Column> columns = columns(n.columns());
      TableHints hints =
          new TableHints(null, null, null, null, columns, contract, n.nesting(), null);
      TableHints.Entries map = n.key() == null ? null : new TableHints.Entries(n.key(), n.value());
      all.add(new TableHints.Nested(n.path(), hints, map));
    }
    return all;
  }

  private static SchemaContract contract(Setup setup, List<String> said, int run) {
    List<String> modes = setup.inRun(said, run);
    return new SchemaContract(Mode.of(modes.get(0)), Mode.of(modes.get(1)), Mode.of(modes.get(2)));
  }

  private static List<Column> columns(List<Setup.Declared> declared) {
    List<Column> columns = new ArrayList<>();
    for (Setup.Declared d : declared) {
      DataType type = d.type() == null ? null : DataType.of(d.type());
      columns.add(
          new Column(d.name(), type, d.nullable(), d.precision(), d.scale(), null, Map.of()));
    }
    return columns;
  }

  private void read(Path file) throws IOException {
    try (LoadPackage p = PackageFile.open(file)) {
      schema = p.schema();
      for (String t : p.tables()) {
        List<Map<String, Object>> into = rows.computeIfAbsent(t, k -> new ArrayList<>());
        try (LoadPackage.Batches batches = p.batches(t)) {
          for (TableBatch b; (b = batches.next()) != null; ) {
            into.addAll(rows(b));
          }
        }
      }
    }
    for (Map<String, Object> r : rows.getOrDefault(SystemNames.REJECTS, List.of())) {
      rejects.merge(String.valueOf(r.get("table_name")), 1, Integer::sum);
    }
    rows.remove(SystemNames.REJECTS);
  }

  static List<Map<String, Object>> rows(TableBatch b) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (int i = 0; i < b.rows(); i++) {
      all.add(new LinkedHashMap<>());
    }
    for (int c = 0; c < b.columns().size(); c++) {
      Column column = b.columns().get(c);
      TableBatch.Cells cells = b.cells(c);
      for (int i = 0; i < cells.count(); i++) {
        Object cell = cell(column.type(), cells.values()[i], b.arena());
        all.get(cells.rows()[i]).put(column.name(), cell);
      }
    }
    return all;
  }

  private static Object cell(DataType type, long v, byte[] arena) {
    int off = (int) (v >>> 32);
    int len = (int) v;
    return switch (type) {
      case BIGINT, TIMESTAMP, DATE, TIME -> v;
      case DOUBLE -> Double.longBitsToDouble(v);
      case BOOL -> v == 1;
      case TEXT, JSON -> new String(arena, off, len, StandardCharsets.UTF_8);
      case BINARY -> Val.hex(Arrays.copyOfRange(arena, off, off + len));
      case DECIMAL, WEI -> {
        String digits = new String(arena, off, len, StandardCharsets.UTF_8);
        yield new BigDecimal(digits).stripTrailingZeros().toPlainString();
      }
    };
  }
}
