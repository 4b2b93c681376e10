package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.activities.extract.Told;
import io.millrace.source.JsonPath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import okhttp3.Headers;

/** What an answer tells of how many records there are, in its fields and in its headers. */
final class Totals {
  /** Objects beside the records that tell of them; others may count something else. */
  private static final Set<String> AROUND =
      Set.of(
          "meta",
          "metadata",
          "page",
          "pageinfo",
          "pages",
          "paging",
          "pagination",
          "pager",
          "info",
          "resultinfo",
          "responsemetadata");

  /** Names that an order or an invoice has as well: there they are a sum of money or of pieces. */
  private static final Set<String> SUMS = Set.of("total", "count", "hits");

  /** What one thing has and a page of things has not, in {@link Told#plain} letters. */
  private static final Pattern OF_A_THING =
      Pattern.compile(
          "id|uuid|tax(es)?|vat|balance|.*(currency|price|amount|subtotal|discount|shipping).*");

  /** What a page has, whatever else it has. */
  private static final Set<String> OF_A_PAGE =
      Set.of("limit", "offset", "page", "currentpage", "perpage", "pagesize", "next", "skip");

  /** Without what people write before it: {@code X-Total-Count}, {@code X-WP-TotalPages}. */
  private static final Pattern HEADER =
      Pattern.compile("(?i)(?:x-)?(?:wp-)?(?:pagination-)?([a-z-]{4,20})");

  private static final Pattern RANGE = Pattern.compile("(?!bytes)(\\w+ +)?\\S+/(\\d{1,9})");

  /** Fields that are kept; an answer has a handful. */
  private static final int MOST = 20;

  private static final int DEPTH = 4;

  private final List<Count> counts = new ArrayList<>();

  /** Objects that are one thing, and those that are a page, by their paths. */
  private final Set<List<String>> things = new HashSet<>();

  private final Set<List<String>> pages = new HashSet<>();

  /** A field that may tell how many there are. */
  private record Count(Told.What what, List<String> path, long number) {}

  /** Looks at the field whose value the parser is at. */
  void notice(String key, List<String> path, JsonParser parser) throws IOException {
    if (path.size() > DEPTH || key.length() > 40) {
      return;
    }
    String plain = Told.plain(key);
    boolean thing = OF_A_THING.matcher(plain).matches();
    if ((thing || OF_A_PAGE.contains(plain)) && things.size() + pages.size() < MOST) {
      (thing ? things : pages).add(around(List.copyOf(path)));
    }
    JsonToken token = parser.currentToken();
    boolean flag = token == JsonToken.VALUE_TRUE;
    boolean number = token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_STRING;
    Told.What what = flag || number ? Told.named(key) : null;
    if (what != null
        && counts.size() < MOST
        && flag == (what == Told.What.FLAG)
        && (flag || PagingFields.whole(parser.getText()))) {
      counts.add(new Count(what, List.copyOf(path), flag ? 1 : Long.parseLong(parser.getText())));
    }
  }

  /** What the fields tell, the records being there. */
  Stream<Told> told(List<String> records, long came) {
    return counts.stream()
        .filter(count -> isBeside(count.path(), records) && !isSum(count.path()))
        .map(c -> new Told(c.what(), JsonPath.of(c.path()).toString(), null, c.number(), came));
  }

  private boolean isSum(List<String> count) {
    return SUMS.contains(Told.plain(count.get(count.size() - 1)))
        && things.contains(around(count))
        && !pages.contains(around(count));
  }

  /** Whether it lies on the way to the records, or on from there in objects that are about them. */
  private static boolean isBeside(List<String> count, List<String> records) {
    List<String> in = around(count);
    int common = 0;
    while (common < Math.min(in.size(), records.size() - 1)
        && in.get(common).equals(records.get(common))) {
      common++;
    }
    return in.stream().skip(common).map(Told::plain).allMatch(AROUND::contains);
  }

  private static List<String> around(List<String> path) {
    return path.subList(0, path.size() - 1);
  }

  /** What the headers tell: {@code X-Total-Count}, {@code Content-Range: items 0-24/319}. */
  static Stream<Told> told(Headers headers, long came) {
    return headers.names().stream()
        .flatMap(
            name -> {
              Told.What what = named(name);
              String value = headers.get(name).strip();
              Matcher range = RANGE.matcher(value);
              boolean ranged = name.equalsIgnoreCase("Content-Range") && range.matches();
              String number = ranged ? range.group(2) : value;
              return (what != null || ranged) && PagingFields.whole(number)
                  ? Stream.of(told(ranged ? Told.What.RECORDS : what, name, number, came))
                  : Stream.empty();
            });
  }

  private static Told told(Told.What what, String header, String number, long came) {
    return new Told(what, null, header, Long.parseLong(number), came);
  }

  /** Fewer names than of fields: "X-Hits" is a cache's. */
  private static Told.What named(String header) {
    Matcher read = HEADER.matcher(header);
    String plain = read.matches() ? Told.plain(read.group(1)) : "";
    return plain.equals("totalpages")
        ? Told.What.PAGES
        : plain.startsWith("total") || plain.contains("page") ? Told.named(plain) : null;
  }
}
