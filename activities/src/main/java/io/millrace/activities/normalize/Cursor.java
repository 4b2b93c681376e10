package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.normalize.value.RowIds;
import io.millrace.run.Wire;
import io.millrace.source.Incremental;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * dlt's {@code incremental} over one segment: which records are in the window, and where the next
 * window begins. The window moves only when the workflow turns {@code running_max} into {@code
 * window_start}: pages need not come in order.
 */
final class Cursor {
  private static final Pattern STEP =
      Pattern.compile("\\.?([^.\\[\\]'\"$]+)|\\[(\\d+)]|\\[['\"]([^'\"]*)['\"]]");

  /** Keys at the boundary; more are not remembered. */
  private static final int MAX_KEYS = 100_000;

  private static final int KEY_LENGTH = 12;

  private final Incremental said;
  private final List<Object> path;
  private final int direction;
  private final JsonNode windowStart;
  private final JsonNode start;
  private final Set<String> startKeys = new LinkedHashSet<>();
  private final boolean dedup;
  private final List<String> primaryKey;
  private JsonNode running;
  private Set<String> keys = new LinkedHashSet<>();

  Cursor(Incremental said, List<String> resourceKey, JsonNode state) {
    this.said = said;
    this.path = path(said.cursorPath());
    this.direction = said.lastValueFunc().equals("min") ? -1 : 1;
    boolean stored =
        said.endValue() == null && there(state == null ? null : state.get("window_start"));
    this.windowStart = stored ? state.get("window_start") : value(said.initialValue());
    this.start = stored ? lagged(said, windowStart) : windowStart;
    this.primaryKey = said.primaryKey() != null ? said.primaryKey() : resourceKey;
    boolean off = said.primaryKey() != null && said.primaryKey().isEmpty();
    this.dedup = !off && said.lag() == null && said.rangeStart().equals("closed");
    if (state != null && said.endValue() == null) {
      state.path("start_keys").forEach(k -> startKeys.add(k.asText()));
      state.path("keys").forEach(k -> keys.add(k.asText()));
      running = value(state.get("running_max"));
    }
    if (running == null) {
      running = windowStart;
      keys.addAll(startKeys);
    }
  }

  private static JsonNode value(JsonNode n) {
    return there(n) ? n : null;
  }

  private static boolean there(JsonNode n) {
    return n != null && !n.isNull() && !n.isMissingNode();
  }

  /** Whether the path is one key, so that it names a column. */
  static boolean simple(String path) {
    return path != null && path.matches("[^.\\[\\]$*'\"]+");
  }

  private static List<Object> path(String text) {
    String rest = text.startsWith("$") ? text.substring(1) : text;
    List<Object> steps = new java.util.ArrayList<>();
    Matcher m = STEP.matcher(rest);
    int at = 0;
    while (at < rest.length() && m.find(at) && m.start() == at) {
      steps.add(
          m.group(2) != null
              ? (Object) Integer.valueOf(m.group(2))
              : m.group(1) != null ? m.group(1) : m.group(3));
      at = m.end();
    }
    if (at < rest.length() || steps.isEmpty()) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot use cursor_path: it may hold keys and list positions only: " + text);
    }
    return steps;
  }

  /** The value that the window really begins at: {@code lag} before the stored one. */
  static JsonNode lagged(Incremental said, JsonNode stored) {
    if (said.lag() == null || said.lag() == 0 || !there(stored)) {
      return value(stored);
    }
    double lag = said.lastValueFunc().equals("min") ? -said.lag() : said.lag();
    JsonNode moved = stored;
    if (stored.isNumber()) {
      BigDecimal d = stored.decimalValue().subtract(BigDecimal.valueOf(lag));
      boolean whole = stored.isIntegralNumber() && d.stripTrailingZeros().scale() <= 0;
      JsonNodeFactory f = JsonNodeFactory.instance;
      moved = whole ? f.numberNode(d.longValue()) : f.numberNode(d.doubleValue());
    } else if (stored.isTextual()) {
      moved = JsonNodeFactory.instance.textNode(lagged(stored.asText(), lag));
    }
    JsonNode initial = value(said.initialValue());
    if (initial != null) {
      int c = compare(moved, initial);
      return (said.lastValueFunc().equals("min") ? -c : c) < 0 ? initial : moved;
    }
    return moved;
  }

  private static String lagged(String text, double lag) {
    long micros = Math.round(lag * 1_000_000);
    try {
      if (text.length() == 10) {
        return LocalDate.parse(text).minusDays((long) lag).toString();
      }
      String iso = text.replace(' ', 'T');
      String moved;
      if (iso.matches(".*(Z|[+-]\\d\\d:?\\d\\d)$")) {
        OffsetDateTime t = OffsetDateTime.parse(iso).minusNanos(micros * 1000);
        boolean z = iso.endsWith("Z") && t.getOffset().equals(ZoneOffset.UTC);
        moved = DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(t) + (z ? "Z" : t.getOffset().getId());
      } else {
        moved =
            DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
                LocalDateTime.parse(iso).minusNanos(micros * 1000));
      }
      return text.indexOf(' ') == 10 ? moved.replace('T', ' ') : moved;
    } catch (DateTimeParseException e) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot apply lag: the cursor is no number, date or ISO timestamp: " + text);
    }
  }

  /** Whether the record on the tape is loaded. Moves {@code running_max}. */
  boolean admits(Rows rows, Shape root) {
    JsonNode v = find(rows, root);
    if (v == null) {
      return switch (said.onCursorValueMissing()) {
        case "include" -> true;
        case "exclude" -> false;
        default ->
            throw new MillraceException(
                Failure.DATA_INVALID,
                "Cannot find the cursor value: record "
                    + rows.record
                    + " has nothing at "
                    + said.cursorPath()
                    + " (set on_cursor_value_missing: include or exclude)");
      };
    }
    if (there(said.endValue())) {
      int c = direction * compare(v, said.endValue());
      if (c > 0 || (c == 0 && said.rangeEnd().equals("open"))) {
        return false;
      }
    }
    String key = null;
    if (start != null) {
      int c = direction * compare(v, start);
      if (c < 0 || (c == 0 && said.rangeStart().equals("open"))) {
        return false;
      }
      if (c == 0 && dedup && !startKeys.isEmpty()) {
        key = key(rows, root);
        if (startKeys.contains(key)) {
          return false;
        }
      }
    }
    if (said.endValue() == null) {
      int c = running == null ? 1 : direction * compare(v, running);
      if (c >= 0) {
        if (c > 0) {
          running = v;
          keys = new LinkedHashSet<>();
        }
        if (dedup && keys.size() < MAX_KEYS) {
          keys.add(key == null ? key(rows, root) : key);
        }
      }
    }
    return true;
  }

  private JsonNode find(Rows rows, Shape root) {
    int at = entry(rows, root, path.get(0));
    for (int i = 1; at >= 0 && i < path.size(); i++) {
      Tape tape = rows.in.tape;
      Field f = rows.shapes.fields[tape.tag[at] >>> Tape.KIND_BITS];
      int kind = tape.tag[at] & Tape.KIND;
      if (kind == Tape.DICT && path.get(i) instanceof String) {
        int inner = entry(rows, f.object(), path.get(i));
        at = inner > at && inner < tape.value[at] ? inner : -1;
      } else {
        return kind == Tape.JSON || kind == Tape.LIST ? parsed(rows) : null;
      }
    }
    return at < 0 ? null : node(rows, at);
  }

  private static int entry(Rows rows, Shape shape, Object key) {
    byte[] b = key.toString().getBytes(StandardCharsets.UTF_8);
    Field f = shape.find(b, 0, b.length);
    Tape tape = rows.in.tape;
    boolean here = f != null && f.at < tape.size && tape.tag[f.at] >>> Tape.KIND_BITS == f.id;
    return here ? f.at : -1;
  }

  private static JsonNode node(Rows rows, int at) {
    Tape tape = rows.in.tape;
    long v = tape.value[at];
    JsonNodeFactory f = JsonNodeFactory.instance;
    switch (tape.tag[at] & Tape.KIND) {
      case Tape.NULL:
      case Tape.DICT:
      case Tape.LIST:
      case Tape.JSON:
        return null;
      case Tape.INT:
        return f.numberNode(v);
      case Tape.DOUBLE:
        return f.numberNode(Double.longBitsToDouble(v));
      default:
        Out out = new Out();
        rows.print(at, out);
        try {
          return Wire.mapper().readTree(out.array(), 0, out.size());
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
    }
  }

  /** For values inside what is kept as json, and positions in lists. */
  private JsonNode parsed(Rows rows) {
    try {
      JsonNode n =
          Wire.mapper().readTree(rows.in.buf, rows.recordStart, rows.recordEnd - rows.recordStart);
      for (Object step : path) {
        n = step instanceof Integer i ? n.path(i) : n.path(step.toString());
      }
      return n.isValueNode() && there(n) ? n : null;
    } catch (IOException e) {
      throw Refused.record("cannot be read for its cursor: " + e.getMessage());
    }
  }

  private static int compare(JsonNode a, JsonNode b) {
    if (a.isNumber() && b.isNumber()) {
      return a.isIntegralNumber()
              && b.isIntegralNumber()
              && a.canConvertToLong()
              && b.canConvertToLong()
          ? Long.compare(a.longValue(), b.longValue())
          : a.decimalValue().compareTo(b.decimalValue());
    }
    if (a.isTextual() && b.isTextual()) {
      return Arrays.compareUnsigned(
          a.asText().getBytes(StandardCharsets.UTF_8), b.asText().getBytes(StandardCharsets.UTF_8));
    }
    throw new MillraceException(
        Failure.DATA_INVALID,
        "Cannot compare cursor values: they are of different types: "
            + a
            + " and "
            + b
            + " (choose a cursor_path whose values are all numbers or all texts)");
  }

  private String key(Rows rows, Shape root) {
    Out out = new Out();
    out.one('[');
    boolean all = !primaryKey.isEmpty();
    for (String k : primaryKey) {
      int at = entry(rows, root, k);
      all &= at >= 0 && (rows.in.tape.tag[at] & Tape.KIND) < Tape.DICT;
      if (all) {
        rows.print(at, out);
        out.one(',');
      }
    }
    if (!all) {
      out.clear();
      rows.compact.sorted(rows.in.buf, rows.recordStart, rows.recordEnd, out, null);
    }
    byte[] id = new byte[RowIds.LENGTH];
    rows.ids.hash(id, 0, out.array(), 0, out.size());
    return new String(id, 0, KEY_LENGTH, StandardCharsets.US_ASCII);
  }

  /** For the next segment; the window stays where it is. */
  void write(ObjectNode into) {
    into.set("window_start", windowStart);
    into.set("running_max", running);
    array(into.putArray("start_keys"), startKeys);
    array(into.putArray("keys"), keys);
  }

  private static void array(ArrayNode into, Set<String> keys) {
    keys.forEach(into::add);
  }
}
