package io.millrace.worker.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.destination.SystemNames;
import io.millrace.run.Outcome;
import io.millrace.run.Renormalize;
import io.millrace.run.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What is told of a run that has ended: a table or the JSON document, and the exit code. */
final class RunReport {
  private static final int PARKED = 5;

  /** How many new columns of an asset are named. */
  private static final int MOST_CHANGES = 5;

  private static final String NO_WAY =
      "no way to a next page was found (say the endpoint's `paginator`; `single_page` if one page is"
          + " what you want)";

  private static final String ADDED_COLUMN = "added column ";
  private static final String ADDED_TABLE = "added table ";

  private final String runId;
  private final Watch.End end;
  private final Duration took;

  RunReport(String runId, Watch.End end, Duration took) {
    this.runId = runId;
    this.end = end;
    this.took = took;
  }

  /** One asset on one line, for those who watch without a terminal. */
  static String line(Outcome o) {
    StringBuilder line = new StringBuilder(o.asset()).append(": ");
    line.append(o.status() == Outcome.Status.RUNNING ? o.phase() : o.status().key());
    if (o.pages() > 0 || !o.rows().isEmpty()) {
      line.append(", ").append(Format.plural(Format.sum(o.rows()), "row"));
      if (!o.rows().isEmpty()) {
        line.append(" in ").append(Format.plural(o.rows().size(), "table"));
      }
      line.append(", ")
          .append(Format.plural(o.pages(), "page"))
          .append(", ")
          .append(Format.bytes(o.bytes()));
    }
    if (o.rejected() > 0) {
      line.append(", ").append(Format.count(o.rejected())).append(" rejected");
    }
    return line.toString();
  }

  /** Tells it; returns the exit code. */
  int tell(Output out) {
    int code = exitCode();
    document(out, code);
    for (String note : end.notes()) {
      out.say(note);
    }
    if (!end.outcomes().isEmpty()) {
      out.print(table());
    }
    for (Outcome o : end.outcomes()) {
      if (o.failure() != null) {
        out.warn(out.red(o.asset() + ": " + o.failure().message()));
      }
      if (o.status() == Outcome.Status.PARKED) {
        out.warn(
            "%s is parked: `millrace retry %s` tries again, `millrace cancel %s` gives up"
                .formatted(o.asset(), o.asset(), o.asset()));
      }
      if (o.restarted() != null) {
        out.warn(o.asset() + ": " + o.restarted());
      }
      if (o.notes() != null) {
        o.notes()
            .forEach(
                (kind, n) -> {
                  boolean told = kind.equals("more_told_came"); // with more_told
                  // a failure says itself why there is none
                  if (!told && (n > 0 || o.failure() == null)) {
                    out.warn(o.asset() + ": " + inWords(kind, o.notes()));
                  }
                });
      }
      if (!newColumns(o).isEmpty()) {
        out.say(o.asset() + ": " + inWords(o, newColumns(o)));
      }
      if (o.rejected() > 0) {
        out.warn(
            "%s: %s rejected, kept with their reasons in %s (`millrace query \"select * from %s\"` shows them)"
                .formatted(
                    o.asset(),
                    Format.plural(o.rejected(), "record or value", "records or values"),
                    SystemNames.REJECTS,
                    SystemNames.REJECTS));
      }
    }
    if (end.failure() == Failure.CANCELLED) {
      out.warn("Stopped: what is committed stays, and the next run goes on from there");
    } else if (end.failure() != null) {
      out.failed(end.failure().name(), end.message(), null);
    }
    out.say(summary());
    return code;
  }

  /** What tables gained that were there before this run: of new ones everything is new. */
  private static List<String> newColumns(Outcome o) {
    return o.schemaChanges().stream()
        .filter(change -> change.startsWith(ADDED_COLUMN))
        .filter(
            change ->
                o.schemaChanges().stream()
                    .filter(made -> made.startsWith(ADDED_TABLE))
                    .map(made -> ADDED_COLUMN + made.substring(ADDED_TABLE.length()) + ".")
                    .noneMatch(change::startsWith))
        .toList();
  }

  private static String inWords(Outcome o, List<String> changes) {
    int more = changes.size() - MOST_CHANGES;
    String first = changes.stream().limit(MOST_CHANGES).collect(Collectors.joining(", "));
    // an outcome names so many, whether or not there were others
    String least = o.schemaChanges().size() < Outcome.MAX_NAMES ? "" : "at least ";
    return more <= 0 ? first : first + " and " + least + Format.count(more) + " more";
  }

  /** What a step noted, in words. */
  private static String inWords(String kind, Map<String, Long> notes) {
    long n = notes.get(kind);
    return switch (kind) {
      case "more_told" ->
          "the API told of %s and %s came: %s"
              .formatted(
                  Format.plural(n, "record"),
                  Format.count(notes.getOrDefault("more_told_came", 0L)),
                  NO_WAY);
      case "more_pages_told" ->
          "the API told of at least %s more than came: %s"
              .formatted(Format.plural(n, "page"), NO_WAY);
      case "missing_records", "missing_pages" ->
          "the API's total told of %s more than came: an empty page was the end (say `stop_after_empty_page: false` if it is not; totals also count what one may not see)"
              .formatted(Format.plural(n, kind.equals("missing_pages") ? "page" : "record"));
      case "answers_with_errors" ->
          Format.plural(n, "answer")
              + " had `errors` beside the records, so some may be missing (a response_action with"
              + " `content` and `action: fail` makes it a failure)";
      case "duplicate_keys" ->
          Format.plural(n, "key") + " stood twice in " + its(n) + " object: the last one counts";
      case "unpaired_surrogates" ->
          Format.plural(n, "half of a surrogate pair", "halves of surrogate pairs")
              + " became U+FFFD";
      case "nul_characters" ->
          Format.plural(n, "text") + " held NUL characters, which were left out";
      case "numbers_as_text" ->
          Format.plural(n, "number")
              + " inside of JSON "
              + (n == 1 ? "is" : "are")
              + " beyond what the destination holds there: kept as text";
      case "names_apart" ->
          Format.plural(n, "name")
              + " would have met another in one column or table: kept apart by a suffix";
      case Renormalize.NOTE ->
          n == 0
              ? "nothing of it is in the destination that could be normalized again"
              : Format.plural(n, "load") + " normalized again, nothing fetched";
      case "no_files" ->
          "no file matches, so it read nothing (check its `file_glob` and the source's `bucket_url`)";
      case "no_parents" -> "its parent has no record that is new to it, so it read nothing";
      case "resumed" ->
          "went on with the run that was interrupted: run again for what is newer than that one";
      case "shared_ids" ->
          Format.plural(n, "record") + " brought a row id that another had: given a new one";
      case "filtered" -> Format.plural(n, "record") + " dropped by a filter of processing_steps";
      case "repeated_keys" ->
          Format.plural(n, "record")
              + " came again with a key that this window had: left out, the first one stays";
      case "skipped_parents" ->
          Format.plural(n, "request") + " ended early, because a response action says skip_parent";
      case "parents_without_field" ->
          Format.plural(n, "record")
              + " of its parent had no value for a placeholder: passed over, as"
              + " on_parent_field_missing says";
      case "overflow" ->
          Format.plural(n, "value")
              + " went to "
              + SystemNames.OVERFLOW
              + ": no column left in "
              + its(n)
              + " table";
      default -> kind + ": " + Format.count(n);
    };
  }

  private static String its(long n) {
    return n == 1 ? "its" : "their";
  }

  /** The class of all failed assets when there is one; 1 when they differ. */
  private int exitCode() {
    if (end.failure() != null) {
      return end.failure().exitCode();
    }
    Set<Integer> codes =
        end.outcomes().stream()
            .filter(
                o ->
                    Set.of(Outcome.Status.FAILED, Outcome.Status.PARKED, Outcome.Status.CANCELLED)
                        .contains(o.status()))
            .map(RunReport::exitCode)
            .collect(Collectors.toSet());
    return codes.isEmpty() ? 0 : codes.size() == 1 ? codes.iterator().next() : 1;
  }

  private static int exitCode(Outcome o) {
    if (o.status() == Outcome.Status.PARKED) {
      return PARKED;
    }
    if (o.status() == Outcome.Status.CANCELLED) {
      return Failure.CANCELLED.exitCode();
    }
    for (Failure f : Failure.values()) {
      if (o.failure() != null && f.name().equals(o.failure().code())) {
        return f.exitCode();
      }
    }
    return 1;
  }

  private String status(int code) {
    return code == 0
        ? "succeeded"
        : code == PARKED ? "parked" : code == Failure.CANCELLED.exitCode() ? "cancelled" : "failed";
  }

  private double seconds() {
    return took.toMillis() / 1000.0;
  }

  private String table() {
    List<List<String>> rows = new ArrayList<>();
    for (Outcome o : end.outcomes()) {
      String tables =
          o.rows().entrySet().stream()
              .map(e -> e.getKey() + " " + Format.count(e.getValue()))
              .collect(Collectors.joining(", "));
      rows.add(
          List.of(
              o.asset(),
              o.status().key(),
              Format.count(Format.sum(o.rows())),
              Format.count(o.pages()),
              Format.count(o.requests()),
              Format.bytes(o.bytes()),
              tables));
    }
    return Format.table(
        List.of("asset", "status", "rows", "pages", "requests", "bytes", "rows per table"),
        rows,
        List.of("rows", "pages", "requests", "bytes"));
  }

  private String summary() {
    long rows = end.outcomes().stream().mapToLong(o -> Format.sum(o.rows())).sum();
    String per =
        seconds() > 0 && rows > 0
            ? ", " + Format.count(Math.round(rows / seconds())) + " rows/s"
            : "";
    return String.format(
        Locale.ROOT,
        "%s of %s in %s%s",
        Format.plural(rows, "row"),
        Format.plural(end.outcomes().size(), "asset"),
        Format.seconds(seconds()),
        per);
  }

  private void document(Output out, int code) {
    out.document()
        .putObject("run")
        .put("id", runId)
        .put("status", status(code))
        .put("seconds", seconds());
    ArrayNode assets = out.document().putArray("assets");
    for (Outcome o : end.outcomes()) {
      ObjectNode asset = assets.addObject();
      asset.put("asset", o.asset()).put("status", o.status().key());
      ObjectNode rows = asset.putObject("rows");
      o.rows().forEach(rows::put);
      asset
          .put("rejected", o.rejected())
          .put("pages", o.pages())
          .put("requests", o.requests())
          .put("bytes", o.bytes())
          .put("segments", o.segments());
      ArrayNode loads = asset.putArray("load_ids");
      o.loadIds().forEach(loads::add);
      ArrayNode changes = asset.putArray("schema_changes");
      o.schemaChanges().forEach(changes::add);
      if (o.notes() != null) {
        asset.set("notes", Wire.mapper().valueToTree(o.notes()));
      }
      if (o.restarted() != null) {
        asset.put("restarted", o.restarted());
      }
      asset.putObject("checkpoint").set("cursor", cursor(o.cursor()));
      if (o.failure() == null) {
        asset.putNull("failure");
      } else {
        asset
            .putObject("failure")
            .put("code", o.failure().code())
            .put("message", o.failure().message())
            .putNull("file")
            .putNull("line");
      }
    }
    ArrayNode notes = out.document().putArray("notes");
    end.notes().forEach(notes::add);
  }

  private static JsonNode cursor(String text) {
    if (text == null) {
      return Wire.mapper().nullNode();
    }
    try {
      return Wire.mapper().readTree(text);
    } catch (JsonProcessingException e) {
      return Wire.mapper().getNodeFactory().textNode(text);
    }
  }
}
