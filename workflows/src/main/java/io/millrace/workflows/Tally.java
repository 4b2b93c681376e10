package io.millrace.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.run.Carried;
import io.millrace.run.Fetch;
import io.millrace.run.Load;
import io.millrace.run.Outcome;
import io.millrace.run.Renormalize;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Counts what became of an asset. Bounded, because it travels: at most so many names and so many
 * bytes of them, whatever the source sends.
 */
final class Tally {
  private static final int MAX_BYTES = 3000;
  private static final int MAX_LINE = 200;
  private static final int MAX_WHY = 600;

  private final String asset;
  private final Map<String, Long> rows = new LinkedHashMap<>();
  private final Deque<String> loadIds = new ArrayDeque<>();
  private final List<String> schemaChanges = new ArrayList<>();
  private final Map<String, Long> notes = new LinkedHashMap<>();
  private int tableBytes;
  private int changeBytes;
  private long rejected;
  private long pages;
  private long requests;
  private long bytes;
  private int segments;
  private String cursor;
  private String restarted;

  /** Goes on from an earlier execution's outcome; {@code null} for none. */
  Tally(String asset, Outcome before) {
    this.asset = asset;
    if (before != null) {
      before.rows().forEach(this::addRows);
      loadIds.addAll(before.loadIds());
      before.schemaChanges().forEach(this::addChange);
      rejected = before.rejected();
      pages = before.pages();
      requests = before.requests();
      bytes = before.bytes();
      segments = before.segments();
      cursor = before.cursor();
      noted(before.notes());
      restarted = before.restarted();
    }
  }

  /** What fetching or normalizing a committed segment noted; a handful of kinds. */
  void noted(Map<String, Long> noted) {
    if (noted != null) {
      noted.forEach((kind, count) -> notes.merge(kind, count, Long::sum));
    }
  }

  void fetched(Fetch.Result fetched) {
    pages += fetched.pages();
    requests += fetched.requests();
    bytes += fetched.bytes();
  }

  /** Requests of a fetch that failed. */
  void spent(long inVain) {
    requests += inVain;
  }

  /** Its pages will be fetched again; its requests and bytes were spent all the same. */
  void dropped(Fetch.Result fetched) {
    pages -= fetched.pages();
  }

  /**
   * The window begins again, so its pages count anew. What it has in the destination stays there
   * until the next load.
   *
   * @param why a sentence
   */
  void begunAgain(String why) {
    restarted = "Read its open window again from its start: " + Details.cut(why, MAX_WHY);
    pages = 0;
  }

  void committed(Load.Receipt receipt, Carried cursorAfter) {
    if (receipt.removed() != null) {
      removed(receipt.removed());
    }
    noted(receipt.notes());
    segments++;
    rejected += receipt.rejected();
    loadIds.addLast(receipt.loadId());
    while (loadIds.size() > Outcome.MAX_NAMES) {
      loadIds.removeFirst();
    }
    if (receipt.rows() != null) {
      receipt.rows().forEach(this::addRows);
    }
    if (receipt.schemaChanges() != null) {
      receipt.schemaChanges().forEach(this::addChange);
    }
    if (cursorAfter != null && cursorAfter.json() != null) {
      JsonNode max = cursorAfter.json().get("running_max");
      cursor = max == null || max.isNull() ? cursor : Details.cut(max.toString(), MAX_LINE);
    }
  }

  /** A run has one window: with it went everything that this run had committed. */
  private void removed(Map<String, Long> gone) {
    rows.clear();
    loadIds.clear();
    notes.clear();
    tableBytes = 0;
    rejected = 0;
    segments = 0;
    List<String> tables = new ArrayList<>();
    gone.forEach(
        (table, count) -> tables.add(String.format(Locale.ROOT, "%,d of %s", count, table)));
    restarted +=
        tables.isEmpty()
            ? "; it had no rows yet"
            : "; the rows that it had were removed: "
                + Details.cut(String.join(", ", tables), MAX_WHY);
  }

  /** The shadow tables with everything so far are dropped: nothing of it will be seen. */
  void forgotten() {
    rows.clear();
    loadIds.clear();
    schemaChanges.clear();
    notes.keySet().retainAll(Set.of(Renormalize.NOTE)); // what it does stays what it does
    notes.replaceAll((kind, count) -> 0L);
    tableBytes = 0;
    changeBytes = 0;
    rejected = 0;
    pages = 0;
    segments = 0;
  }

  long pages() {
    return pages;
  }

  int segments() {
    return segments;
  }

  long requests() {
    return requests;
  }

  long rows() {
    long sum = 0;
    for (long count : rows.values()) {
      sum += count;
    }
    return sum;
  }

  /**
   * @param phase {@code null} when it has ended
   * @param problem {@code null} unless it failed
   */
  Outcome outcome(Outcome.Status status, String phase, Outcome.Problem problem) {
    return new Outcome(
        asset,
        status,
        phase,
        rows,
        rejected,
        pages,
        requests,
        bytes,
        segments,
        List.copyOf(loadIds),
        schemaChanges,
        cursor,
        problem,
        notes.isEmpty() ? null : notes,
        restarted);
  }

  private void addRows(String table, Long count) {
    boolean known = rows.containsKey(table);
    boolean room = rows.size() < Outcome.MAX_NAMES && tableBytes + bytes(table) <= MAX_BYTES;
    if (!known && room) {
      tableBytes += bytes(table);
    }
    rows.merge(known || room ? table : Outcome.OTHERS, count, Long::sum);
  }

  private void addChange(String change) {
    String line = Details.cut(change, MAX_LINE);
    if (schemaChanges.size() < Outcome.MAX_NAMES && changeBytes + bytes(line) <= MAX_BYTES) {
      changeBytes += bytes(line);
      schemaChanges.add(line);
    }
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
