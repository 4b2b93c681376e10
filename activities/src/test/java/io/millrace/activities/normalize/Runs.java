package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.Progress;
import io.millrace.activities.staging.RawPage;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.run.Segment;
import io.millrace.schema.Column;
import io.millrace.schema.Schema;
import io.millrace.source.Source;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Segments of one resource, normalized one after the other, and what they land. */
final class Runs {
  private final Path dir;
  private final Order order;
  final List<Normalized> segments = new ArrayList<>();
  final Landed landed = new Landed();
  private Schema schema;
  private JsonNode cursor;

  private Runs(Path dir, Order order) {
    this.dir = dir;
    this.order = order;
    this.schema = order.schema();
  }

  /**
   * @param top further keys of the project, as YAML
   * @param source further keys of the source, in one line
   * @param resource further keys of the resource {@code t}, in one line
   */
  static Runs of(Path dir, String top, String source, String resource) {
    String yaml =
        "project: golden\n"
            + top
            + "\nsources: {golden: {type: filesystem, bucket_url: ., "
            + (source.isEmpty() ? "" : source + ", ")
            + "resources: [{name: t"
            + (resource.isEmpty() ? "" : ", " + resource)
            + "}]}}\n";
    Project p = ProjectFile.read(yaml, "millrace.yaml").orThrow();
    Source s = p.sources().get(0);
    Order first =
        new Order(
            p,
            s,
            s.resources().get(0),
            Schema.empty("golden"),
            null,
            Orders.segment(1),
            Orders.FOLDING,
            null);
    return new Runs(dir, first);
  }

  /** The same where every table of the destination has those columns already. */
  Runs beside(String... columns) {
    return new Runs(dir, Orders.with(order, new Identifiers(65536, true, Set.of(columns))));
  }

  Runs again() {
    return new Runs(dir, order);
  }

  /** Begins a later run, with what the other one knew. */
  Runs from(Runs before) {
    Segment later =
        new Segment("golden", "", "golden.t", null, "later", "1700000001.1-aaaa-0001-1", 1, 1);
    return new Runs(dir, order.after(before.schema, null, later));
  }

  /** Normalizes the lines as the next segment. */
  Runs segment(String... lines) throws IOException {
    byte[] b = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    RawPage page =
        new RawPage(RawPage.Format.JSONL, List.of(), "f", 0, () -> new ByteArrayInputStream(b));
    int seq = segments.size() + 1;
    Path file = dir.resolve("p");
    Normalized n = Normalizer.run(after(seq), List.of(page), file, Progress.NONE);
    landed.add(file);
    segments.add(n);
    schema = n.schema();
    cursor = n.cursor();
    return this;
  }

  private Order after(int seq) {
    Segment first = order.segment();
    String load = first.loadId().replaceFirst("\\d+$", Integer.toString(seq));
    Segment s = new Segment("golden", "", "golden.t", null, first.runId(), load, 1, seq);
    return order.after(schema, cursor, s);
  }

  /** Normalizes the lines in one segment, and that one line a segment makes the same. */
  Runs everyWay(String... lines) throws IOException {
    segment(lines);
    Runs tiny = again();
    for (String line : lines) {
      tiny.segment(line);
    }
    assertThat(tiny.columns()).as("columns in segments of one record").isEqualTo(columns());
    for (String t : landed.rows.keySet()) {
      assertThat(tiny.without(t, "_mr_id|.*load_id|_mr_(parent|root)_id|_dlt_.*id|path"))
          .as("rows of " + t + " in segments of one record")
          .isEqualTo(without(t, "_mr_id|.*load_id|_mr_(parent|root)_id|_dlt_.*id|path"));
    }
    assertThat(tiny.landed.rows.keySet()).containsExactlyInAnyOrderElementsOf(landed.rows.keySet());
    return this;
  }

  private List<String> without(String table, String columns) {
    return landed.rows.getOrDefault(table, List.of()).stream()
        .map(
            r ->
                r.entrySet().stream()
                    .filter(e -> !e.getKey().matches(columns))
                    .map(e -> e.getKey() + "=" + e.getValue())
                    .collect(Collectors.joining(" ")))
        .map(Runs::anywhere)
        .toList();
  }

  /** Bytes count from the segment's start, so they differ with the segments. */
  private static String anywhere(String reject) {
    return reject.replaceFirst(" \\(f at byte \\d+\\)", "");
  }

  /** The rows of a table without our own columns. */
  List<String> data(String table) {
    return without(table, "_mr_(id|load_id|parent_id|list_idx|root_id)|_dlt_.*");
  }

  /** Path, reason and record of each reject, without where the record was. */
  List<String> rejects() {
    return landed.rows.getOrDefault("_mr_rejects", List.of()).stream()
        .map(r -> r.get("path") + " | " + r.get("reason") + " | " + r.get("record"))
        .map(Runs::anywhere)
        .toList();
  }

  /** Tables with names and types of their columns. */
  Map<String, List<String>> columns() {
    return landed.columns();
  }

  /** Names of the columns of a table that data made. */
  List<String> columns(String table) {
    return schema.table(table).orElseThrow().completeColumns().stream()
        .map(Column::name)
        .filter(c -> !c.matches("_(mr|dlt)_(id|load_id|parent_id|list_idx|root_id)"))
        .toList();
  }

  Schema schema() {
    return schema;
  }

  long note(String name) {
    return segments.stream().mapToLong(n -> n.notes().getOrDefault(name, 0L)).sum();
  }
}
