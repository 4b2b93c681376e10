package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.activities.extract.Told;
import io.millrace.source.JsonPath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The first fields of an answer that look like paging, by dlt's names. Components may be null. */
final class PagingFields {
  private static final Set<String> TOTAL_PAGES = Set.of("total_pages", "pages", "totalpages");
  private static final Set<String> CURRENT_PAGE =
      Set.of("page", "current_page", "currentpage", "page_number", "pagenumber");

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

  /** Fields that may tell how many there are; an answer has a handful. */
  private static final int MOST_TOLD = 20;

  private final List<Count> counts = new ArrayList<>();
  List<String> next;
  String nextText;
  List<String> totalPages;
  Integer currentPage;

  /** A field that may tell how many there are. */
  private record Count(Told.What what, List<String> path, long number) {}

  /**
   * Looks at the field whose value the parser is at; says whether it is named like "next".
   *
   * @param insideNext whether the object that it is in is
   */
  boolean notice(String key, List<String> path, boolean insideNext, JsonParser parser)
      throws IOException {
    JsonToken token = parser.currentToken();
    String name = key.length() > 40 ? "" : key.toLowerCase(Locale.ROOT);
    boolean isNext = name.startsWith("next") || name.endsWith("odata.nextlink"); // dlt stops there
    count(name, path, parser);
    boolean link = insideNext && (name.startsWith("href") || name.startsWith("url"));
    if (token != JsonToken.VALUE_STRING && !token.isNumeric()) {
      return isNext;
    }
    if (next == null && (isNext || link)) {
      next = List.copyOf(path);
      nextText = parser.getText();
    }
    if (totalPages == null && TOTAL_PAGES.contains(name) && whole(parser.getText())) {
      totalPages = List.copyOf(path);
    }
    if (currentPage == null && CURRENT_PAGE.contains(name) && whole(parser.getText())) {
      currentPage = Integer.valueOf(parser.getText());
    }
    return isNext;
  }

  private void count(String name, List<String> path, JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    boolean flag = token == JsonToken.VALUE_TRUE;
    boolean number = token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_STRING;
    if (path.size() > 2 || counts.size() >= MOST_TOLD || !flag && !number) {
      return;
    }
    Told.What what = Told.named(name);
    if (what != null && flag == (what == Told.What.FLAG) && (flag || whole(parser.getText()))) {
      counts.add(new Count(what, List.copyOf(path), flag ? 1 : Long.parseLong(parser.getText())));
    }
  }

  /**
   * What tells of more than the records that came: of several fields the one that counts records,
   * and of these the largest, as one of them may count the page. {@code null} for nothing.
   */
  Told told(List<String> records, long came) {
    return counts.stream()
        .filter(count -> isBeside(count.path(), records))
        .map(c -> new Told(c.what(), JsonPath.of(c.path()).toString(), c.number(), came))
        .filter(Told::more)
        .min(
            Comparator.comparing(Told::what).thenComparing(Told::number, Comparator.reverseOrder()))
        .orElse(null);
  }

  private static boolean isBeside(List<String> count, List<String> records) {
    List<String> in = count.subList(0, count.size() - 1);
    return in.isEmpty()
        || records.size() > 1 && in.equals(records.subList(0, 1))
        || AROUND.contains(Told.plain(in.get(0)));
  }

  private static boolean whole(String text) {
    return text.matches("\\d{1,9}");
  }
}
