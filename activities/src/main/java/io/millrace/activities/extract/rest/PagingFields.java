package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The first fields of an answer that look like paging, by dlt's names. Components may be null. */
final class PagingFields {
  private static final Set<String> TOTAL_PAGES = Set.of("total_pages", "pages", "totalpages");
  private static final Set<String> CURRENT_PAGE =
      Set.of("page", "current_page", "currentpage", "page_number", "pagenumber");

  List<String> next;
  String nextText;
  List<String> totalPages;
  Integer currentPage;

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

  /** A number that may count pages or records. */
  static boolean whole(String text) {
    return text.matches("\\d{1,9}");
  }
}
