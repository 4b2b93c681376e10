package io.millrace.activities.cursor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.Failure;
import io.millrace.MillraceException;
import java.util.Arrays;

/**
 * The keys of the records whose cursor is exactly at a boundary, in the order in which they came:
 * some are a list in the state, many are one long text, which the destination keeps beside the
 * state. Twenty bytes of memory per key.
 */
public final class BoundaryKeys {
  /** Characters of a key; all are ASCII. */
  public static final int LENGTH = 12;

  /** As many are a list in the state, so that it stays far below 64 KB. */
  static final int LISTED = 1_000;

  /** More are refused: their text would no longer pass as one JSON value. */
  static final int MAX = 1_500_000;

  private long[] heads = new long[16];
  private int[] tails = new int[16];
  private int[] slots = new int[32];
  private int size;

  /** The keys that {@link #json} wrote; none for {@code null}. */
  public static BoundaryKeys read(JsonNode json) {
    BoundaryKeys keys = new BoundaryKeys();
    if (json != null && json.isTextual()) {
      String all = json.textValue();
      for (int i = 0; i + LENGTH <= all.length(); i += LENGTH) {
        keys.add(all.substring(i, i + LENGTH));
      }
    } else if (json != null) {
      json.forEach(key -> keys.add(key.asText()));
    }
    return keys;
  }

  public int size() {
    return size;
  }

  public boolean contains(String key) {
    return slots[slot(head(key), tail(key))] != 0;
  }

  public void addAll(BoundaryKeys others) {
    for (int i = 0; i < others.size; i++) {
      add(others.heads[i], others.tails[i]);
    }
  }

  /** {@code POLICY_REFUSED} when there are more than anybody should need. */
  public void add(String key) {
    add(head(key), tail(key));
  }

  private void add(long head, int tail) {
    int slot = slot(head, tail);
    if (slots[slot] != 0) {
      return;
    }
    if (size == MAX) {
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot remember the records at the cursor's boundary: more than "
              + MAX
              + " have the same cursor value (choose a finer cursor_path, range_start: open, or"
              + " primary_key: [] of the incremental where records may come twice)");
    }
    if (size == heads.length) {
      heads = Arrays.copyOf(heads, 2 * size);
      tails = Arrays.copyOf(tails, 2 * size);
    }
    heads[size] = head;
    tails[size] = tail;
    slots[slot] = ++size;
    if (2 * size > slots.length) {
      slots = new int[2 * slots.length];
      for (int i = 0; i < size; i++) {
        slots[slot(heads[i], tails[i])] = i + 1;
      }
    }
  }

  /** Where the key is, or where it belongs. */
  private int slot(long head, int tail) {
    long mixed = (head ^ Integer.toUnsignedLong(tail) << 17) * 0x9E3779B97F4A7C15L;
    int at = (int) (mixed >>> 33) & slots.length - 1;
    while (slots[at] != 0 && (heads[slots[at] - 1] != head || tails[slots[at] - 1] != tail)) {
      at = at + 1 & slots.length - 1;
    }
    return at;
  }

  /** A list while they are few, else one text. */
  public JsonNode json() {
    StringBuilder all = new StringBuilder(size * LENGTH);
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < size; i++) {
      int from = all.length();
      chars(heads[i], 8, all);
      chars(tails[i], 4, all);
      if (size <= LISTED) {
        list.add(all.substring(from));
      }
    }
    return size <= LISTED ? list : JsonNodeFactory.instance.textNode(all.toString());
  }

  private static void chars(long packed, int count, StringBuilder into) {
    for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) {
      into.append((char) (packed >>> shift & 0x7F));
    }
  }

  private static long head(String key) {
    long packed = 0;
    for (int i = 0; i < 8; i++) {
      packed = packed << 8 | key.charAt(i) & 0x7F;
    }
    return packed;
  }

  private static int tail(String key) {
    int packed = 0;
    for (int i = 8; i < LENGTH; i++) {
      packed = packed << 8 | key.charAt(i) & 0x7F;
    }
    return packed;
  }
}
