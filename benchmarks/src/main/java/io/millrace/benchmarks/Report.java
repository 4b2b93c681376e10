package io.millrace.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a benchmark found: tables and lines below them, as Markdown or as JSON. */
final class Report {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final String title;
  private final List<Table> tables = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private boolean failed;

  /** Cells are text or numbers; numbers are rounded where they are shown, not here. */
  private record Table(List<String> columns, List<List<Object>> rows) {}

  Report(String title) {
    this.title = title;
  }

  Report table(String... columns) {
    tables.add(new Table(List.of(columns), new ArrayList<>()));
    return this;
  }

  /** A row of the newest table. */
  Report row(Object... cells) {
    tables.get(tables.size() - 1).rows().add(Arrays.asList(cells));
    return this;
  }

  Report note(String line) {
    notes.add(line);
    return this;
  }

  /** A check that did not hold: the command ends with 1. */
  Report fail(String line) {
    failed = true;
    return note("FAILED: " + line);
  }

  boolean failed() {
    return failed;
  }

  String markdown() {
    StringBuilder out = new StringBuilder("### ").append(title).append("\n");
    for (Table table : tables) {
      out.append("\n| ").append(String.join(" | ", table.columns())).append(" |\n|");
      out.append("---|".repeat(table.columns().size())).append('\n');
      for (List<Object> row : table.rows()) {
        out.append("| ").append(String.join(" | ", row.stream().map(Report::shown).toList()));
        out.append(" |\n");
      }
    }
    notes.forEach(note -> out.append("\n- ").append(note));
    return out.toString();
  }

  String json() throws com.fasterxml.jackson.core.JsonProcessingException {
    ObjectNode document = JSON.createObjectNode().put("version", 1).put("title", title);
    document.put("ok", !failed);
    ArrayNode all = document.putArray("tables");
    for (Table table : tables) {
      ArrayNode rows = all.addArray();
      for (List<Object> row : table.rows()) {
        ObjectNode cells = rows.addObject();
        for (int i = 0; i < row.size(); i++) {
          cells.set(table.columns().get(i), JSON.valueToTree(row.get(i)));
        }
      }
    }
    ArrayNode lines = document.putArray("notes");
    notes.forEach(lines::add);
    return JSON.writeValueAsString(document);
  }

  private static String shown(Object cell) {
    if (cell instanceof Double number) {
      String form = Math.abs(number) >= 100 ? "%.0f" : Math.abs(number) >= 10 ? "%.1f" : "%.2f";
      return String.format(Locale.ROOT, form, number);
    }
    return cell == null ? "" : cell.toString();
  }

  /** The middle one; of an even number the upper of the two. */
  static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  /** The median of each round's ratio, because the two of a round met the same weather. */
  static double ratio(List<Double> ours, List<Double> theirs) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < ours.size(); i++) {
      ratios.add(ours.get(i) / theirs.get(i));
    }
    return median(ratios);
  }
}
