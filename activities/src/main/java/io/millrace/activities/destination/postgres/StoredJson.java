package io.millrace.activities.destination.postgres;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * JSON as {@code jsonb} can hold it. It refuses the character NUL and halves of surrogate pairs,
 * and numbers that {@code numeric} cannot hold: those are left out, become U+FFFD and become texts,
 * and the first and the last are counted. A key that would meet another then gets a {@code _}
 * behind it. Texts outside of JSON come without NUL already.
 */
final class StoredJson {
  /** What {@code numeric} has at most before and behind its point. */
  private static final int WHOLE_DIGITS = 131_072;

  private static final int SCALE = 16_383;

  /** An exponent of fewer digits is never too large for it. */
  private static final int EXPONENT_DIGITS = 4;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          // a table of names would have to defend itself against names that were made to collide
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .streamWriteConstraints(
              StreamWriteConstraints.builder().maxNestingDepth(Integer.MAX_VALUE).build())
          .build();

  private long nuls;
  private long numbers;

  /** Texts that held NUL, and numbers that became texts, by kind; only those that happened. */
  Map<String, Long> notes() {
    Map<String, Long> notes = new TreeMap<>();
    notes.put("nul_characters", nuls);
    notes.put("numbers_as_text", numbers);
    notes.values().removeIf(n -> n == 0);
    return notes;
  }

  /**
   * Whether there is an escape of a code, or a long exponent: without, every JSON can be stored.
   */
  static boolean odd(byte[] from, int offset, int length) {
    int end = offset + length;
    for (int i = offset; i < end - 1; i++) {
      byte b = from[i];
      if (b == '\\' && from[i + 1] == 'u' || (b == 'e' || b == 'E') && exponent(from, i, end)) {
        return true;
      }
    }
    return false;
  }

  private static boolean exponent(byte[] from, int e, int end) {
    int i = e + 1;
    if (i < end && (from[i] == '-' || from[i] == '+')) {
      i++;
    }
    int digits = 0;
    while (i < end && digits < EXPONENT_DIGITS && from[i] >= '0' && from[i] <= '9') {
      i++;
      digits++;
    }
    return digits == EXPONENT_DIGITS;
  }

  /** The {@link #odd} text at that place as it can be stored; what is no JSON stays as it is. */
  byte[] storable(byte[] from, int offset, int length) {
    try {
      return written(from, offset, length);
    } catch (IOException noJson) {
      return Arrays.copyOfRange(from, offset, offset + length);
    }
  }

  private byte[] written(byte[] from, int offset, int length) throws IOException {
    Iterator<Set<String>> names = names(from, offset, length).iterator();
    Deque<Set<String>> open = new ArrayDeque<>();
    ByteArrayOutputStream to = new ByteArrayOutputStream(length);
    try (JsonParser in = JSON.createParser(from, offset, length);
        JsonGenerator out = JSON.createGenerator(to)) {
      for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
        if (token == JsonToken.START_OBJECT) {
          open.push(names.next());
        } else if (token == JsonToken.END_OBJECT) {
          open.pop();
        }
        if (token == JsonToken.FIELD_NAME) {
          out.writeFieldName(apart(in.currentName(), open.peek()));
        } else if (token == JsonToken.VALUE_STRING) {
          out.writeString(text(in.getText()));
        } else if (token.isNumeric() && !fits(in.getText())) {
          numbers++;
          out.writeString(in.getText());
        } else if (token.isNumeric()) {
          out.writeNumber(in.getText());
        } else {
          out.copyCurrentEvent(in);
        }
      }
    }
    return to.toByteArray();
  }

  /** The same for a text that may be no JSON: then it becomes a JSON string. */
  byte[] lenient(byte[] text) {
    if (text == null) {
      return null;
    }
    if (valid(text)) {
      return odd(text, 0, text.length) ? storable(text, 0, text.length) : text;
    }
    String plain = text(new String(text, StandardCharsets.UTF_8));
    String quoted = '"' + new String(JsonStringEncoder.getInstance().quoteAsString(plain)) + '"';
    return quoted.getBytes(StandardCharsets.UTF_8);
  }

  /** For each object, in their order, the names in it that stay as they are. */
  private static List<Set<String>> names(byte[] from, int offset, int length) throws IOException {
    List<Set<String>> all = new ArrayList<>();
    Deque<Set<String>> open = new ArrayDeque<>();
    try (JsonParser in = JSON.createParser(from, offset, length)) {
      for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
        if (token == JsonToken.START_OBJECT) {
          open.push(new HashSet<>());
          all.add(open.peek());
        } else if (token == JsonToken.END_OBJECT) {
          open.pop();
        } else if (token == JsonToken.FIELD_NAME
            && in.currentName().equals(clean(in.currentName()))) {
          open.peek().add(in.currentName());
        }
      }
    }
    return all;
  }

  /**
   * @param taken the names that the object has
   */
  private String apart(String name, Set<String> taken) {
    String free = text(name);
    if (!free.equals(name)) {
      while (!taken.add(free)) {
        free += "_";
      }
    }
    return free;
  }

  private String text(String text) {
    if (text.indexOf('\0') >= 0) {
      nuls++;
    }
    return clean(text);
  }

  /** Without NUL, and U+FFFD for each half of a surrogate pair. */
  private static String clean(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints()
        .filter(c -> c != 0)
        .map(c -> half(c) ? 0xFFFD : c)
        .forEach(clean::appendCodePoint);
    return clean.toString();
  }

  private static boolean half(int c) {
    return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
  }

  /** Whether {@code numeric} holds a number, whose exponent may have any length. */
  private static boolean fits(String number) {
    BigDecimal value;
    try {
      value = new BigDecimal(number);
    } catch (NumberFormatException e) {
      return false;
    }
    return value.scale() <= SCALE
        && (value.signum() == 0 || (long) value.precision() - value.scale() <= WHOLE_DIGITS);
  }

  private static boolean valid(byte[] text) {
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }
}
