package io.millrace.workflows;

import io.millrace.run.Materialize;
import io.millrace.run.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What the Temporal UI shows of a workflow: Markdown of an outcome. Costs no history. */
final class Details {
  /** Temporal's limit for a summary is 400 bytes, whatever the characters. */
  private static final int SUMMARY = 90;

  private static final int ROWS_SHOWN = 50;

  private Details() {}

  /** A summary: one line, short, without control characters. */
  static String line(String text) {
    return cut(text.replaceAll("\\p{Cntrl}+", " "), SUMMARY);
  }

  static String cut(String text, int characters) {
    if (text.length() <= characters) {
      return text;
    }
    int end = characters - 1;
    // half a surrogate pair cannot be written as JSON
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
  }

  /**
   * @param waiting {@code null} when it works
   */
  static String of(Outcome outcome, Materialize.Waiting waiting) {
    StringBuilder out = new StringBuilder();
    out.append("**").append(plain(outcome.asset())).append("** ");
    out.append(outcome.phase() == null ? outcome.status().key() : outcome.phase());
    out.append("\n\n| | |\n|---|---|\n");
    row(out, "rows", rows(outcome.rows()));
    row(out, "pages", String.valueOf(outcome.pages()));
    row(out, "requests", String.valueOf(outcome.requests()));
    row(out, "segments", String.valueOf(outcome.segments()));
    if (outcome.rejected() > 0) {
      row(out, "rejected", String.valueOf(outcome.rejected()));
    }
    if (outcome.cursor() != null) {
      row(out, "cursor", outcome.cursor());
    }
    if (waiting != null) {
      String reason = waiting.reason() == null ? "" : " " + waiting.reason();
      String asset = outcome.asset();
      switch (waiting.phase()) {
        case "paused" -> row(out, "waits", "paused: millrace resume " + asset + " goes on");
        case "queued" -> row(out, "waits", "for a place:" + reason);
        case "parked" -> row(out, "waits", "parked: millrace retry " + asset + " tries again");
        default -> {
          row(out, "wakes at", Instant.ofEpochMilli(waiting.wakeAt()) + reason);
          row(out, "sooner", "millrace wake " + asset);
        }
      }
    }
    if (outcome.restarted() != null) {
      row(out, "again", outcome.restarted());
    }
    if (outcome.failure() != null) {
      row(out, outcome.failure().code(), outcome.failure().message());
    }
    return out.toString();
  }

  /** The assets of a run, in the order of its plan. */
  static String of(List<Outcome> assets) {
    StringBuilder out = new StringBuilder("| asset | status | rows |\n|---|---|---|\n");
    for (Outcome asset : assets.subList(0, Math.min(ROWS_SHOWN, assets.size()))) {
      String state = asset.phase() == null ? asset.status().key() : asset.phase();
      out.append("| ").append(plain(asset.asset())).append(" | ").append(state).append(" | ");
      out.append(asset.rows().values().stream().mapToLong(Long::longValue).sum()).append(" |\n");
    }
    if (assets.size() > ROWS_SHOWN) {
      out.append("\nand ").append(assets.size() - ROWS_SHOWN).append(" more\n");
    }
    return out.toString();
  }

  private static String rows(Map<String, Long> rows) {
    StringBuilder out = new StringBuilder();
    rows.forEach(
        (table, count) ->
            out.append(out.length() == 0 ? "" : ", ").append(table).append(' ').append(count));
    return out.length() == 0 ? "0" : out.toString();
  }

  private static void row(StringBuilder out, String name, String value) {
    out.append("| ").append(name).append(" | ").append(cut(plain(value), 2000)).append(" |\n");
  }

  /** Names and messages come from outside: they may not break the table or become markup. */
  private static String plain(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ").replaceAll("([\\\\`*\\[\\]<>|])", "\\\\$1");
  }
}
