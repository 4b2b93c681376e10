package io.millrace.activities.normalize;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.millrace.activities.normalize.value.PyNumbers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The tokens of one JSON document as a reader sees them, with their values.
 *
 * @param all numbers as their value or, where that is not exact, as they are written
 * @param refused why the document is no JSON; {@code null} when it is
 * @param at the byte of the mistake, -1 where the reader cannot tell
 * @param unpaired whether it has half a surrogate pair
 */
record Tokens(List<String> all, String refused, long at, boolean unpaired) {
  private static final JsonFactory JACKSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNestingDepth(100_000)
                  .build())
          .build();

  /** As the scanner sees them, all bytes in its window. */
  static Tokens ours(byte[] doc) {
    return new Ours(doc, doc.length).read();
  }

  /**
   * As the scanner sees them while only so many bytes have come; {@code null} when it asks for
   * more.
   */
  static Tokens ours(byte[] doc, int come) {
    try {
      return new Ours(doc, come).read();
    } catch (Refused.More e) {
      return null;
    }
  }

  /** As Jackson's parser sees them, the JDK having looked at the UTF-8 first. */
  static Tokens jackson(byte[] doc) throws IOException {
    int valid = validUtf8(doc);
    if (valid < doc.length) {
      Tokens before = parse(doc, valid);
      boolean earlier = before.refused != null && before.at >= 0 && before.at < valid - 1;
      return earlier ? before : new Tokens(before.all, "invalid UTF-8", valid, before.unpaired);
    }
    return parse(doc, doc.length);
  }

  /** How many bytes the JDK's decoder takes before it finds a mistake. */
  static int validUtf8(byte[] doc) {
    ByteBuffer in = ByteBuffer.wrap(doc);
    CoderResult end =
        StandardCharsets.UTF_8.newDecoder().decode(in, CharBuffer.allocate(doc.length), true);
    return end.isError() ? in.position() : doc.length;
  }

  private static Tokens parse(byte[] doc, int length) throws IOException {
    List<String> all = new ArrayList<>();
    boolean unpaired = false;
    try (JsonParser p = JACKSON.createParser(doc, 0, length)) {
      int depth = 0;
      for (JsonToken t; (t = p.nextToken()) != null; ) {
        depth += t.isStructStart() ? 1 : t.isStructEnd() ? -1 : 0;
        all.add(
            switch (t) {
              case FIELD_NAME -> "key " + paired(p.currentName());
              case VALUE_STRING -> "text " + paired(p.getText());
              case VALUE_NUMBER_INT -> "int " + p.getBigIntegerValue();
              case VALUE_NUMBER_FLOAT -> "real " + Double.parseDouble(p.getText());
              default -> t.asString();
            });
        unpaired |= t == JsonToken.VALUE_STRING && !paired(p.getText()).equals(p.getText());
        if (depth == 0 && p.nextToken() != null) {
          return new Tokens(
              all, "more than one value", p.currentTokenLocation().getByteOffset(), unpaired);
        }
        if (depth == 0) {
          return new Tokens(all, null, -1, unpaired);
        }
      }
      return new Tokens(all, "nothing there", length, unpaired);
    } catch (JsonProcessingException e) {
      long at = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
      return new Tokens(all, e.getOriginalMessage(), at, unpaired);
    }
  }

  /** With U+FFFD for half a surrogate pair, as the scanner has it. */
  private static String paired(String s) {
    StringBuilder out = new StringBuilder();
    s.codePoints().forEach(c -> out.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
    return out.toString();
  }

  /** Walks over a document as the product does. */
  private static final class Ours {
    private final Scanner in = new Scanner();
    private final List<String> all = new ArrayList<>();

    Ours(byte[] doc, int come) {
      in.window = new Window(new ByteArrayInputStream(doc, 0, come), 1 << 24);
      in.maxDepth = 100_000;
      try {
        while (!in.window.end) {
          in.window.more(0);
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      in.attach();
      in.window.end = come == doc.length;
    }

    Tokens read() {
      try {
        value();
        int c = in.peek();
        return c == -1
            ? new Tokens(all, null, -1, in.surrogates > 0)
            : new Tokens(all, "more than one value", in.pos, in.surrogates > 0);
      } catch (Refused e) {
        return new Tokens(all, e.getMessage(), e.position(), in.surrogates > 0);
      }
    }

    private void value() {
      int c = in.peek();
      in.tape.clear();
      switch (c) {
        case '"' -> {
          in.pos++;
          in.string();
          all.add("text " + text(in.escaped ? in.tape.scratch : in.buf));
        }
        case '{' -> object();
        case '[' -> list();
        default -> {
          if (c == '-' || c >= '0' && c <= '9') {
            int from = in.pos;
            all.add(number(in.number(), from));
          } else {
            int kind = in.word();
            all.add(kind == Tape.NULL ? "null" : kind == Tape.TRUE ? "true" : "false");
          }
        }
      }
    }

    private void object() {
      all.add("{");
      in.pos++;
      if (in.peek() == '}') {
        in.pos++;
      } else {
        do {
          all.add("key " + text(in.key()));
          in.colon();
          value();
        } while (in.another('}'));
      }
      all.add("}");
    }

    private void list() {
      all.add("[");
      in.pos++;
      if (in.peek() == ']') {
        in.pos++;
      } else {
        do {
          value();
        } while (in.another(']'));
      }
      all.add("]");
    }

    private String number(int kind, int from) {
      String written = new String(in.buf, from, in.pos - from, StandardCharsets.US_ASCII);
      return switch (kind) {
        case Tape.INT -> "int " + in.number;
        case Tape.BIG -> "int " + new BigInteger(written);
        case Tape.DOUBLE -> "real " + Double.longBitsToDouble(in.number);
        default ->
            "real " + PyNumbers.parseDouble(in.buf, Tape.offset(in.number), Tape.length(in.number));
      };
    }

    private String text(byte[] b) {
      return new String(b, in.off, in.len, StandardCharsets.UTF_8);
    }
  }
}
