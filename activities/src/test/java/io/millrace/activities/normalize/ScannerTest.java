package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The scanner against Jackson's parser. */
class ScannerTest {
  private static final ObjectMapper JACKSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNumberLength(100_000).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final String[] SCRAPS = {
    "\"",
    "\\",
    "\\u",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\\n",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "0",
    "-",
    "1",
    ".",
    "e",
    "+",
    "true",
    "nul",
    "\n",
    " ",
    "\t",
    "ü",
    "😀",
    "\u0001",
    "a",
    "/",
    "01",
    "1.5",
    "-0",
    "1e5",
    "null"
  };

  private boolean unpaired;

  @Test
  void readsWhatJacksonReadsAndRefusesWhatItRefuses() throws IOException {
    Random r = new Random(20240501);
    int accepted = 0;
    for (int i = 0; i < 100_000; i++) {
      StringBuilder s = new StringBuilder();
      document(s, r, 0);
      for (int k = r.nextInt(3); k > 0; k--) {
        mutate(s, r);
      }
      byte[] doc = s.toString().getBytes(StandardCharsets.UTF_8);
      JsonNode expected = jackson(doc);
      JsonNode got = ours(doc);
      if (expected == null && unpaired) {
        // Jackson refuses them in keys and takes them in values; the scanner replaces them
        continue;
      }
      boolean endless = expected != null && expected.toString().contains("Infinity");
      if (!(endless ? got != null : Objects.equals(text(got), text(expected)))) {
        assertThat(text(got)).as("document %d: %s", i, s).isEqualTo(text(expected));
      }
      accepted += expected == null ? 0 : 1;
    }
    assertThat(accepted).as("accepted documents").isBetween(40_000, 90_000);
  }

  /** With unpaired surrogates as the scanner reads them. */
  private static String text(JsonNode n) {
    if (n == null) {
      return null;
    }
    StringBuilder out = new StringBuilder();
    n.toString()
        .codePoints()
        .forEach(c -> out.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
    return out.toString();
  }

  private static JsonNode jackson(byte[] doc) {
    try {
      JsonNode n = JACKSON.readTree(doc);
      return n.isMissingNode() ? null : n;
    } catch (IOException e) {
      return null;
    }
  }

  private JsonNode ours(byte[] doc) throws IOException {
    Scanner s = new Scanner();
    s.window = new Window(new ByteArrayInputStream(doc), 1 << 20);
    s.window.more(0);
    s.attach();
    unpaired = false;
    try {
      s.skip(0);
      unpaired = s.surrogates > 0;
      int end = s.pos;
      if (s.peek() != -1) {
        return null;
      }
      Out out = new Out();
      new CompactJson(false).compact(s.buf, 0, end, out);
      return JACKSON.readTree(Arrays.copyOf(out.array(), out.size()));
    } catch (Refused e) {
      return null;
    }
  }

  private static void mutate(StringBuilder s, Random r) {
    int at = s.length() == 0 ? 0 : r.nextInt(s.length());
    switch (r.nextInt(3)) {
      case 0 -> s.insert(at, SCRAPS[r.nextInt(SCRAPS.length)]);
      case 1 -> {
        if (s.length() > 0 && !Character.isSurrogate(s.charAt(at))) {
          s.deleteCharAt(at);
        }
      }
      default ->
          s.setLength(s.length() == 0 || Character.isSurrogate(s.charAt(at)) ? s.length() : at);
    }
  }

  static void document(StringBuilder s, Random r, int depth) {
    switch (depth > 4 ? r.nextInt(6) : r.nextInt(9)) {
      case 0 -> s.append(r.nextInt());
      case 1 -> s.append(r.nextLong());
      case 2 -> s.append(r.nextGaussian() * Math.pow(10, r.nextInt(40) - 20));
      case 3 -> s.append(new String[] {"true", "false", "null"}[r.nextInt(3)]);
      case 4, 5 -> string(s, r);
      case 6, 7 -> {
        s.append('{');
        for (int i = r.nextInt(5); i > 0; i--) {
          blank(s, r);
          string(s, r);
          blank(s, r);
          s.append(':');
          document(s, r, depth + 1);
          s.append(i > 1 ? "," : "");
        }
        s.append('}');
      }
      default -> {
        s.append('[');
        for (int i = r.nextInt(5); i > 0; i--) {
          blank(s, r);
          document(s, r, depth + 1);
          blank(s, r);
          s.append(i > 1 ? "," : "");
        }
        s.append(']');
      }
    }
  }

  private static void blank(StringBuilder s, Random r) {
    if (r.nextInt(6) == 0) {
      s.append(" \n\t\r".charAt(r.nextInt(4)));
    }
  }

  private static void string(StringBuilder s, Random r) {
    s.append('"');
    String[] parts = {
      "abc",
      "longer text here",
      "ü",
      "😀",
      "\\n",
      "\\\"",
      "\\\\",
      "\\u0041",
      "\\ud83d\\ude00",
      "\\/",
      "日本",
      "x"
    };
    for (int i = r.nextInt(5); i > 0; i--) {
      s.append(parts[r.nextInt(parts.length)]);
    }
    s.append('"');
  }
}
