package io.millrace.activities.destination.postgres;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * JSON as {@code jsonb} can hold it: without the character NUL and without halves of surrogate
 * pairs, which it refuses. Texts outside of JSON come without them already.
 */
final class StoredJson {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  /** An escape, so that a backslash that is escaped itself begins none. */
  private static final Pattern ESCAPE =
      Pattern.compile(
          "\\\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)");

  private StoredJson() {}

  /** The JSON text at that place, as it can be stored. */
  static byte[] storable(byte[] from, int offset, int length) {
    return escapes(from, offset, length)
        ? cleaned(new String(from, offset, length, StandardCharsets.UTF_8))
            .getBytes(StandardCharsets.UTF_8)
        : Arrays.copyOfRange(from, offset, offset + length);
  }

  /** Whether there is an escape of a code, without which every JSON text can be stored. */
  static boolean escapes(byte[] from, int offset, int length) {
    for (int i = offset; i < offset + length - 1; i++) {
      if (from[i] == '\\' && from[i + 1] == 'u') {
        return true;
      }
    }
    return false;
  }

  /** The same for a text that may be no JSON: then it becomes a JSON string. */
  static byte[] lenient(byte[] text) {
    if (text == null) {
      return null;
    }
    if (valid(text)) {
      return storable(text, 0, text.length);
    }
    String plain = new String(text, StandardCharsets.UTF_8).replace("\0", "");
    String quoted = '"' + new String(JsonStringEncoder.getInstance().quoteAsString(plain)) + '"';
    return quoted.getBytes(StandardCharsets.UTF_8);
  }

  private static String cleaned(String json) {
    return ESCAPE
        .matcher(json)
        .replaceAll(
            found -> {
              String escape = found.group();
              boolean single = escape.length() == 6;
              String code = single ? escape.substring(2).toLowerCase(Locale.ROOT) : "";
              String kept =
                  code.equals("0000") ? "" : code.matches("d[89a-f]..") ? "\\ufffd" : escape;
              return Matcher.quoteReplacement(kept);
            });
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
