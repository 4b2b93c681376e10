package io.millrace.activities.normalize;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** What holds of the scanner for all input, with Jackson's parser and the JDK as judges. */
class ScannerPropertiesTest {
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  private static final String SECOND = "more than one value";

  /** What Jackson says at the byte where it sees it, and not behind the token or character. */
  private static final Pattern COMPARABLE =
      Pattern.compile(
          "^(Unexpected (character(?!.* in numeric value)|close marker|end-of-input(?! in a N))|Illegal unquoted|Invalid numeric)");

  /** What is done to a document: some bytes at a place give way to others. */
  record Edit(int at, int gone, byte[] come) {}

  @Property(tries = 2000)
  void readsTheTokensThatJacksonReads(@ForAll("documents") String doc) throws IOException {
    Tokens ours = Tokens.ours(doc.getBytes(UTF_8));
    assertThat(ours.refused()).as("a document").isNull();
    agree(doc.getBytes(UTF_8));
  }

  @Property(tries = 5000)
  void judgesDamagedDocumentsAsJacksonDoes(
      @ForAll("documents") String doc, @ForAll("edits") List<Edit> edits) throws IOException {
    byte[] b = doc.getBytes(UTF_8);
    for (Edit e : edits) {
      b = edited(b, e);
    }
    agree(b);
  }

  @Property(tries = 5000)
  void judgesAnySoupOfTokensAsJacksonDoes(@ForAll("soup") String soup) throws IOException {
    agree(soup.getBytes(UTF_8));
  }

  @Property(tries = 5000)
  void judgesAnyBytesAsJacksonDoes(@ForAll @Size(max = 24) byte[] bytes) throws IOException {
    agree(bytes);
  }

  @Property(tries = 10_000)
  void readsNumbersAsTheGrammarHasThem(@ForAll("numbers") String number) throws IOException {
    boolean valid = NUMBER.matcher(number).matches();
    Tokens ours = Tokens.ours(number.getBytes(UTF_8));
    assertThat(ours.refused() == null).as("accepts %s", number).isEqualTo(valid);
    agree(number.getBytes(UTF_8));
  }

  /** All that is UTF-8, and nothing else; the mistake is where the JDK finds it. */
  @Property(tries = 10_000)
  void takesTheUtf8ThatTheJdkTakes(@ForAll("almostUtf8") byte[] inside) throws IOException {
    byte[] doc = quoted(inside);
    int valid = Tokens.validUtf8(doc);
    Tokens ours = Tokens.ours(doc);
    assertThat(ours.refused() == null).as("valid to byte %d", valid).isEqualTo(valid == doc.length);
    if (ours.refused() != null) {
      assertThat(ours.at()).as("the mistake").isBetween((long) valid, valid + 3L);
    }
    agree(doc);
  }

  /** A window that ends early never decides what more bytes would change. */
  @Property(tries = 5000, shrinking = ShrinkingMode.BOUNDED)
  void decidesNothingBeforeTheBytesHaveCome(
      @ForAll("documents") String doc,
      @ForAll("edits") List<Edit> edits,
      @ForAll @IntRange(max = 1 << 20) int cut) {
    byte[] b = doc.getBytes(UTF_8);
    for (Edit e : edits) {
      b = edited(b, e);
    }
    Tokens whole = Tokens.ours(b);
    Tokens part = Tokens.ours(b, cut % (b.length + 1));
    if (part != null) {
      assertThat(part.refused()).as("decides early").isEqualTo(whole.refused());
      assertThat(part.at()).isEqualTo(whole.at());
    }
  }

  /** Both take it, with the same tokens, or both refuse it, at the same place. */
  static void agree(byte[] doc) throws IOException {
    Tokens ours = Tokens.ours(doc);
    Tokens jackson = Tokens.jackson(doc);
    if (ours.unpaired() || jackson.unpaired()) {
      // Jackson refuses half a surrogate pair in keys and takes it in values
      assertThat(ours.refused() != null || jackson.refused() == null || ours.unpaired()).isTrue();
      return;
    }
    String what = new String(doc, UTF_8);
    if (jackson.refused() == null || ours.refused() == null) {
      assertThat(ours.refused()).as("%s: %s", what, jackson.refused()).isEqualTo(jackson.refused());
      assertThat(ours.all()).as(what).isEqualTo(jackson.all());
      return;
    }
    assertThat(ours.at()).as("where the mistake is in: %s", what).isNotNegative();
    boolean ascii = what.chars().allMatch(c -> c < 0x80);
    if (ascii && !ours.refused().equals(SECOND) && COMPARABLE.matcher(jackson.refused()).find()) {
      assertThat(ours.at())
          .as("%s: %s: %s", what, ours.refused(), jackson.refused())
          .isBetween(jackson.at() - 1, jackson.at() + 1);
    }
  }

  private static byte[] edited(byte[] doc, Edit e) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int at = e.at % (doc.length + 1);
    int end = Math.min(doc.length, at + e.gone);
    out.write(doc, 0, at);
    out.writeBytes(e.come);
    out.write(doc, end, doc.length - end);
    return out.toByteArray();
  }

  private static byte[] quoted(byte[] inside) {
    byte[] doc = new byte[inside.length + 2];
    doc[0] = '"';
    System.arraycopy(inside, 0, doc, 1, inside.length);
    doc[doc.length - 1] = '"';
    return doc;
  }

  @Provide
  Arbitrary<String> documents() {
    return value(4);
  }

  private Arbitrary<String> value(int depth) {
    Arbitrary<String> scalar =
        Arbitraries.oneOf(
            Arbitraries.of("true", "false", "null", "\"\"", "0", "-0", "{}", "[]", "{ }", "[ ]"),
            numbers().filter(n -> NUMBER.matcher(n).matches()),
            Arbitraries.longs().map(String::valueOf),
            Arbitraries.doubles().map(String::valueOf),
            texts());
    if (depth == 0) {
      return scalar;
    }
    Arbitrary<String> inner = Arbitraries.lazy(() -> value(depth - 1));
    Arbitrary<String> list =
        blank(inner).list().ofMaxSize(4).map(all -> "[" + String.join(",", all) + "]");
    Arbitrary<String> entry =
        Combinators.combine(blank(texts()), blank(inner)).as((k, v) -> k + ":" + v);
    Arbitrary<String> object =
        entry.list().ofMaxSize(4).map(all -> "{" + String.join(",", all) + "}");
    return Arbitraries.frequencyOf(
        net.jqwik.api.Tuple.of(3, scalar),
        net.jqwik.api.Tuple.of(1, list),
        net.jqwik.api.Tuple.of(2, object));
  }

  private static Arbitrary<String> blank(Arbitrary<String> inner) {
    Arbitrary<String> blank = Arbitraries.of("", "", "", " ", "\n", "\t", "\r\n", "        \n  ");
    return Combinators.combine(blank, inner, blank).as((a, b, c) -> a + b + c);
  }

  private static Arbitrary<String> texts() {
    Arbitrary<String> piece =
        Arbitraries.oneOf(
            Arbitraries.of(
                "\\n", "\\\"", "\\\\", "\\/", "\\u0041", "\\ud83d\\ude00", "\\u0000", "\\uFFFF"),
            Arbitraries.of("é", "日本", "😀", "\u007f", "\ud7ff", "\ue000", "\uffff", "\u0080"),
            Arbitraries.strings().withCharRange('#', '[').ofMaxLength(20));
    return piece.list().ofMaxSize(5).map(all -> '"' + String.join("", all) + '"');
  }

  @Provide
  Arbitrary<String> numbers() {
    Arbitrary<String> digits = Arbitraries.strings().withCharRange('0', '9').ofMaxLength(25);
    Arbitrary<String> some = Arbitraries.strings().withChars("01789+-.eE").ofMaxLength(12);
    Arbitrary<String> edges =
        Arbitraries.of(
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "-9223372036854775809",
            "18446744073709551616",
            "9007199254740993",
            "2.2250738585072011e-308",
            "4.9e-324",
            "2.4703282292062327e-324",
            "1.7976931348623159e308",
            "1e400",
            "0.1e-400",
            "123456789012345e22",
            "1234567890123456e-22");
    Arbitrary<String> shaped =
        Combinators.combine(
                Arbitraries.of("", "-", "+"),
                digits,
                Arbitraries.of("", "."),
                digits,
                Arbitraries.of("", "e", "E+", "e-"),
                Arbitraries.strings().withCharRange('0', '9').ofMaxLength(4))
            .as((sign, a, point, b, e, c) -> sign + a + point + b + e + c);
    return Arbitraries.oneOf(some, edges, shaped);
  }

  @Provide
  Arbitrary<List<Edit>> edits() {
    Arbitrary<byte[]> bytes =
        Arbitraries.oneOf(
            Arbitraries.of("\"", "\\", "{", "}", "[", "]", ",", ":", "0", "-", ".", "e", " ", "\n")
                .map(s -> s.getBytes(UTF_8)),
            Arbitraries.of("\\u", "\\ud800", "tru", "01", "1.", "\0", "\u0001", "é", "null")
                .map(s -> s.getBytes(UTF_8)),
            Arbitraries.bytes().array(byte[].class).ofMaxSize(3));
    return Combinators.combine(
            Arbitraries.integers().between(0, 1 << 20), Arbitraries.integers().between(0, 3), bytes)
        .as(Edit::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(3);
  }

  @Provide
  Arbitrary<String> soup() {
    return Arbitraries.of(
            "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"b\":", "1", "-1", "0", "1.5", "1e5",
            "true", "false", "null", " ", "\n", "\\", "x", "{}", "[]", "é", "\0")
        .list()
        .ofMaxSize(14)
        .map(all -> String.join("", all));
  }

  @Provide
  Arbitrary<byte[]> almostUtf8() {
    Arbitrary<byte[]> good =
        Arbitraries.of("a", "longer than a word", "é", "日", "😀", "\u0080", "\u07ff", "\u0800")
            .map(s -> s.getBytes(UTF_8));
    Arbitrary<byte[]> bad =
        Arbitraries.of(
                0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0x9F, 0xA0, 0xED, 0xEF, 0xF0, 0x8F, 0x90,
                0xF4, 0xF5, 0xFF)
            .list()
            .ofMinSize(1)
            .ofMaxSize(4)
            .map(ScannerPropertiesTest::bytes);
    return Arbitraries.oneOf(good, good, bad)
        .list()
        .ofMaxSize(6)
        .map(
            all -> {
              ByteArrayOutputStream out = new ByteArrayOutputStream();
              all.forEach(out::writeBytes);
              return out.toByteArray();
            });
  }

  private static byte[] bytes(List<Integer> all) {
    byte[] b = new byte[all.size()];
    for (int i = 0; i < b.length; i++) {
      b[i] = all.get(i).byteValue();
    }
    return b;
  }
}
