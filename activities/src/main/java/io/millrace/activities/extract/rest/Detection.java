package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.source.JsonPath;
import io.millrace.source.Paginator;
import java.util.Map;

/**
 * The paginator that an answer suggests, in dlt's order, in a form that fits a position.
 *
 * @param type as in the configuration
 * @param path of the link, the cursor or the number of pages; {@code null} where there is none
 * @param base number of the first page; {@code null} where it means nothing
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Detection(String type, String path, Integer base) {

  /** Link header, link in the body, number of pages, cursor in the body, single page. */
  static Detection of(JsonScan scan, Map<String, String> links) {
    if (links.containsKey("next")) {
      return new Detection("header_link", null, null);
    }
    JsonPath next = scan.nextPath();
    if (next != null && looksLikeLink(scan.nextText())) {
      return new Detection("json_link", next.toString(), null);
    }
    if (scan.totalPagesPath() != null) {
      // dlt counts from 0 always and so reads the first page of most APIs twice; the page says it
      boolean fromOne = scan.pageNumber() != null && scan.pageNumber() == 1;
      return new Detection("page_number", scan.totalPagesPath().toString(), fromOne ? 1 : 0);
    }
    return next == null
        ? new Detection("single_page", null, null)
        : new Detection("cursor", next.toString(), null);
  }

  /** Where the body says nothing. */
  static Detection of(Map<String, String> links) {
    return new Detection(links.containsKey("next") ? "header_link" : "single_page", null, null);
  }

  Paginator paginator() {
    return switch (type) {
      case "header_link" -> new Paginator.HeaderLink(null);
      case "json_link" -> new Paginator.JsonLink(path);
      case "page_number" ->
          new Paginator.PageNumber(base, null, null, null, path, null, null, null);
      case "cursor" -> new Paginator.Cursor(path, null, null, null, null);
      default -> new Paginator.SinglePage();
    };
  }

  /**
   * Whether {@link #paginator} can go on with it: what the configuration says of a paginator is not
   * kept here, only what an answer suggested.
   */
  boolean complete() {
    return switch (type) {
      case "header_link", "single_page" -> true;
      case "offset" -> false;
      default -> path != null;
    };
  }

  private static boolean looksLikeLink(String text) {
    return text.startsWith("http") || text.startsWith("/") || text.startsWith("?");
  }
}
