package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.cursor.BoundaryKeys;
import io.millrace.activities.cursor.CursorReader;
import io.millrace.activities.cursor.CursorValue;
import io.millrace.activities.normalize.value.RowIds;
import io.millrace.activities.steps.Steps;
import io.millrace.run.Wire;
import io.millrace.source.Incremental;
import io.millrace.source.JsonPath;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * dlt's {@code incremental} over one segment: which records are in the window, and where the next
 * window begins. The window moves only when the workflow turns {@code running_max} into {@code
 * window_start}: pages need not come in order.
 */
final class Cursor {
  private static final ObjectReader EXACT =
      Wire.mapper().reader().with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private static final String LEFT = "left";

  private final Incremental said;
  private final CursorReader reader;
  private final List<Object> path;
  private final JsonNode state;
  private final CursorValue windowStart;
  private final CursorValue start;
  private final CursorValue end;
  private final BoundaryKeys startKeys;
  private final boolean dedup;
  private final List<String> primaryKey;

  /** Whether ordered records end where they leave the window, as for dlt. */
  private final boolean endsOrder;

  private CursorValue running;
  private BoundaryKeys keys;

  /** Whether the records, which are in order, have left the window: dlt reads no further. */
  private boolean left;

  /**
   * @param state as the segment before left it; {@code null} for none
   * @param compat whether values are compared, and ordered records read, as dlt does it
   */
  Cursor(Incremental said, List<String> resourceKey, JsonNode state, boolean compat) {
    this.said = said;
    this.reader = new CursorReader(said, compat);
    this.endsOrder = compat;
    this.left = state != null && state.path(LEFT).asBoolean();
    this.path = JsonPath.parse("cursor_path", said.cursorPath()).steps();
    this.state = state;
    JsonNode mine = said.backfills() || state == null ? MissingNode.getInstance() : state;
    CursorValue stored = reader.read(mine.get("window_start"));
    this.windowStart = stored != null ? stored : reader.read(said.initialValue());
    this.start = reader.start(mine.get("window_start"));
    this.end = reader.read(said.endValue());
    this.primaryKey = said.primaryKey() != null ? said.primaryKey() : resourceKey;
    boolean off = said.primaryKey() != null && said.primaryKey().isEmpty();
    boolean lags = said.lag() != null && said.lag() != 0;
    this.dedup = !off && !lags && said.rangeStart().equals("closed");
    this.startKeys = BoundaryKeys.read(mine.get("start_keys"));
    this.keys = BoundaryKeys.read(mine.get("keys"));
    this.running = reader.read(mine.get("running_max"));
    if (running == null) {
      running = windowStart;
      keys.addAll(startKeys);
    }
  }

  /** Whether the path is one key, so that it names a column. */
  static boolean simple(String path) {
    return path != null && path.matches("[^.\\[\\]$*'\"]+");
  }

  /** Whether the record on the tape is loaded. Moves {@code running_max}. */
  boolean admits(Rows rows, Shape root) {
    if (left) {
      return false;
    }
    CursorValue v = reader.read(find(rows, root));
    return v == null ? admitsMissing(rows.record) : within(v) && isNew(v, () -> key(rows, root));
  }

  /** The value of a record that is no longer on the tape; {@code null} when there is none. */
  CursorValue value(Map<String, Object> record) {
    return reader.read(Steps.scalar(record, path));
  }

  /** Whether a record without the value is loaded. */
  boolean admitsMissing(long record) {
    return switch (said.onCursorValueMissing()) {
      case "include" -> true;
      case "exclude" -> false;
      default ->
          throw new MillraceException(
              Failure.DATA_INVALID,
              "Cannot find the cursor value: record "
                  + record
                  + " has nothing at "
                  + said.cursorPath()
                  + " (set on_cursor_value_missing: include or exclude)");
    };
  }

  /** Whether the value lies in the window. */
  boolean within(CursorValue v) {
    left |= endsOrder && reader.leaves(v, start, end);
    return !left && !reader.behindEnd(v, end) && !reader.beforeStart(v, start);
  }

  /**
   * Whether the record of a value within the window is none of those that an earlier window loaded
   * at its boundary. Moves {@code running_max}.
   *
   * @param key what tells the record apart; asked for only at a boundary
   */
  boolean isNew(CursorValue v, Supplier<String> key) {
    String mine = null;
    if (start != null && dedup && startKeys.size() > 0 && v.compare(start) == 0) {
      mine = key.get();
      if (startKeys.contains(mine)) {
        left |= endsOrder && "desc".equals(said.rowOrder());
        return false;
      }
    }
    if (moved(v) && dedup) {
      keys.add(mine == null ? key.get() : mine);
    }
    return true;
  }

  /** Moves {@code running_max} to the value if it lies behind; whether it is there now. */
  boolean moved(CursorValue v) {
    if (said.backfills()) {
      return false;
    }
    int c = running == null ? 1 : reader.direction(v.compare(running));
    if (c > 0) {
      running = v;
      keys = new BoundaryKeys();
    }
    return c >= 0;
  }

  private JsonNode find(Rows rows, Shape root) {
    int at = entry(rows, root, path.get(0));
    for (int i = 1; at >= 0 && i < path.size(); i++) {
      Tape tape = rows.in.tape;
      Field f = rows.shapes.fields[tape.tag[at] >>> Tape.KIND_BITS];
      int kind = tape.tag[at] & Tape.KIND;
      if (kind == Tape.DICT && path.get(i) instanceof String) {
        int inner = entry(rows, f.object(), path.get(i));
        at = inner > at && inner < tape.after(at) ? inner : -1;
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
      case Tape.BIG:
      case Tape.REAL:
        String digits =
            new String(rows.in.buf, Tape.offset(v), Tape.length(v), StandardCharsets.US_ASCII);
        return f.numberNode(new BigDecimal(digits));
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
      JsonNode n = EXACT.readTree(rows.in.buf, rows.recordStart, rows.recordEnd - rows.recordStart);
      for (Object step : path) {
        n = step instanceof Integer i ? n.path(i) : n.path(step.toString());
      }
      return n.isValueNode() && !n.isNull() ? n : null;
    } catch (IOException e) {
      throw Refused.record("cannot be read for its cursor: " + e.getMessage());
    }
  }

  /**
   * What tells the record on the tape apart from others of the same value, as dlt hashes it: so a
   * state of dlt can be taken over.
   */
  String key(Rows rows, Shape root) {
    Out out = new Out();
    boolean list = primaryKey.size() > 1;
    boolean all = !primaryKey.isEmpty();
    for (String k : primaryKey) {
      int at = entry(rows, root, k);
      all &= at >= 0 && (rows.in.tape.tag[at] & Tape.KIND) < Tape.DICT;
      if (all) {
        if (list) {
          out.one(k.equals(primaryKey.get(0)) ? '[' : ',');
        }
        rows.print(at, out);
      }
    }
    if (all && list) {
      out.one(']');
    }
    if (!all) {
      out.clear();
      rows.compact.sorted(rows.in.buf, rows.recordStart, rows.recordEnd, out, null);
    }
    byte[] id = new byte[RowIds.LENGTH];
    rows.ids.hash(id, 0, out.array(), 0, out.size());
    return new String(id, 0, BoundaryKeys.LENGTH, StandardCharsets.US_ASCII);
  }

  /** For the next segment; the window stays where it is. A backfill leaves the state alone. */
  void write(ObjectNode into) {
    if (left) {
      into.put(LEFT, true);
    }
    if (said.backfills()) {
      for (String name : List.of("window_start", "running_max", "start_keys", "keys")) {
        if (state != null && state.has(name)) {
          into.set(name, state.get(name));
        }
      }
      return;
    }
    into.set("window_start", windowStart == null ? null : windowStart.stored());
    into.set("running_max", running == null ? null : running.stored());
    into.set("start_keys", startKeys.json());
    into.set("keys", keys.json());
  }
}
