package io.millrace.activities.normalize.reference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * JSON as plain maps, lists, {@link String}, {@link Boolean}, {@link BigInteger}, {@link Real} and
 * {@code null}, read by Jackson. Of equal keys the last wins, in the place of the first.
 */
final class Json {
  /** A number with a point or an exponent, and how it was written. */
  record Real(double number, String written) {
    boolean endless() {
      return Double.isInfinite(number);
    }
  }

  /** An object that knows which of its keys came last, too. */
  static final class Members extends LinkedHashMap<String, Object> {
    private static final long serialVersionUID = 1L;
    private final transient Set<String> last = new LinkedHashSet<>();

    @Override
    public Object put(String key, Object value) {
      last.remove(key);
      last.add(key);
      return super.put(key, value);
    }

    /** Its keys, of equal ones in the place of the last. */
    Set<String> entries() {
      return last;
    }
  }

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(5000)
                  .maxNumberLength(10_000_000)
                  .maxNameLength(10_000_000)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  /** Any escape: a surrogate pair, half of one, or another. */
  private static final Pattern ESCAPE =
      Pattern.compile(
          "(\\\\u[dD][89abAB]\\p{XDigit}{2}\\\\u[dD][c-fC-F]\\p{XDigit}{2})"
              + "|(\\\\u[dD][89a-fA-F]\\p{XDigit}{2})|\\\\.");

  /** A backslash that is not escaped, u, and something beyond ASCII among the next four. */
  private static final Pattern WIDE =
      Pattern.compile("(?<!\\\\)(\\\\\\\\)*\\\\u[0-9a-fA-F]{0,3}[^\\x00-\\x7f]");

  /** Escapes of half a surrogate pair; they are read as U+FFFD. */
  int surrogates;

  /** One value and nothing else; throws for anything that is not JSON. */
  Object read(byte[] utf8) throws IOException {
    try {
      return read(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
    } catch (CharacterCodingException e) {
      throw new IOException("no UTF-8", e);
    }
  }

  Object read(String text) throws IOException {
    if (WIDE.matcher(text).find()) {
      // Jackson's parser of characters looks at their lower eight bits only
      throw new IOException("an escape of digits that are not ASCII");
    }
    try (JsonParser p = FACTORY.createParser(paired(text))) {
      if (p.nextToken() == null) {
        throw new IOException("nothing there");
      }
      Object value = value(p);
      if (p.nextToken() != null) {
        throw new IOException("something follows");
      }
      return value;
    }
  }

  private Object value(JsonParser p) throws IOException {
    switch (p.currentToken()) {
      case START_OBJECT:
        Map<String, Object> map = new Members();
        while (p.nextToken() != JsonToken.END_OBJECT) {
          String key = p.currentName();
          p.nextToken();
          map.put(key, value(p));
        }
        return map;
      case START_ARRAY:
        List<Object> list = new ArrayList<>();
        while (p.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(p));
        }
        return list;
      case VALUE_STRING:
        return p.getText();
      case VALUE_NUMBER_INT:
        return new BigInteger(p.getText());
      case VALUE_NUMBER_FLOAT:
        return new Real(Double.parseDouble(p.getText()), p.getText());
      case VALUE_TRUE:
        return Boolean.TRUE;
      case VALUE_FALSE:
        return Boolean.FALSE;
      case VALUE_NULL:
        return null;
      default:
        throw new IOException("no value");
    }
  }

  /** The text with escapes of lonely surrogates replaced, which Jackson refuses in keys. */
  private String paired(String text) {
    if (!text.contains("\\u")) {
      return text;
    }
    Matcher m = ESCAPE.matcher(text);
    StringBuilder out = new StringBuilder();
    while (m.find()) {
      boolean lonely = m.group(1) == null && m.group(2) != null;
      surrogates += lonely ? 1 : 0;
      m.appendReplacement(out, lonely ? "\uFFFD" : Matcher.quoteReplacement(m.group()));
    }
    return m.appendTail(out).toString();
  }

  /** Without white space, as orjson writes it. */
  static String compact(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, false, false, out);
    return out.toString();
  }

  /** The same with numbers as they were written. */
  static String written(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, false, true, out);
    return out.toString();
  }

  /** The same with sorted keys. */
  static String sorted(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, true, false, out);
    return out.toString();
  }

  private static void write(Object value, boolean sort, boolean written, StringBuilder out) {
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> all = sort ? new TreeMap<>(Json::byCodePoint) : new LinkedHashMap<>();
      all.putAll(map);
      String comma = "{";
      for (Map.Entry<Object, Object> e : all.entrySet()) {
        text(e.getKey().toString(), out.append(comma));
        write(e.getValue(), sort, written, out.append(':'));
        comma = ",";
      }
      out.append(all.isEmpty() ? "{}" : "}");
    } else if (value instanceof List<?> list) {
      String comma = "[";
      for (Object item : list) {
        write(item, sort, written, out.append(comma));
        comma = ",";
      }
      out.append(list.isEmpty() ? "[]" : "]");
    } else if (value instanceof String s) {
      text(s, out);
    } else if (value instanceof Real real) {
      out.append(written ? real.written() : Python.json(real.number));
    } else {
      out.append(value);
    }
  }

  private static int byCodePoint(Object a, Object b) {
    int[] x = a.toString().codePoints().toArray();
    int[] y = b.toString().codePoints().toArray();
    return java.util.Arrays.compare(x, y);
  }

  private static void text(String s, StringBuilder out) {
    out.append('"');
    for (char c : s.toCharArray()) {
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append("\\u").append(HexFormat.of().toHexDigits(c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
