package io.millrace.project;

import io.millrace.plugin.Plugins;
import io.millrace.project.shape.Keys;
import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import io.millrace.project.shape.Variants;
import io.millrace.source.Paginator;
import java.util.Locale;

/** The keys of {@code paginator}, and the types that plugins bring. */
final class PaginatorKeys {
  /** {@code null} switches a total off, as the records want it. */
  private static final Shape<String> TOTAL = Shapes.orNull(Paths.ANY, "");

  private static final String EMPTY_PAGE = "Whether a page without records is the last.";
  private static final String TOTAL_IS = "What the total counts.";
  private static final String END_STATUS =
      "Statuses that mean, from the second page on, that there is no more, for example 404.";
  private static final String HAS_MORE = "JSONPath of a field that is false on the last page.";

  static final Shape<Paginator> PAGINATOR =
      withPlugins(
          new Variants<Paginator>("paginator", "auto", true)
              .with(
                  "auto",
                  Keys.of(
                      "paginator auto",
                      "Looks for a Link header, a next link, a number of pages, a cursor; else one page.",
                      k -> v -> new Paginator.Auto()))
              .with(
                  "single_page",
                  Keys.of(
                      "paginator single_page",
                      "One request.",
                      k -> v -> new Paginator.SinglePage()))
              .with(
                  "json_link",
                  Keys.of(
                      "paginator json_link",
                      "A link to the next page in the body.",
                      k -> {
                        var path =
                            k.key("next_url_path", Paths.ANY, "next", "JSONPath of the link.");
                        return v -> new Paginator.JsonLink(v.get(path));
                      }))
              .alias("json_response", "json_link")
              .with(
                  "header_link",
                  Keys.of(
                      "paginator header_link",
                      "A link in the Link header.",
                      k -> {
                        var rel = k.key("links_next_key", Shapes.TEXT, "next", "The link's `rel`.");
                        return v -> new Paginator.HeaderLink(v.get(rel));
                      }))
              .with("cursor", cursor())
              .with("offset", offset())
              .with("page_number", pageNumber())
              .with(
                  "header_cursor",
                  Keys.of(
                      "paginator header_cursor",
                      "A cursor in a header, sent back with the next request.",
                      k -> {
                        var key = k.key("cursor_key", Shapes.TEXT, "next", "The header's name.");
                        var param =
                            k.key(
                                "cursor_param",
                                Shapes.TEXT,
                                "cursor",
                                "Query parameter it goes to.");
                        return v -> new Paginator.HeaderCursor(v.get(key), v.get(param));
                      })));

  private PaginatorKeys() {}

  private static Shape<Paginator> withPlugins(Variants<Paginator> paginators) {
    for (String type : Plugins.ofPaginators().keySet()) {
      paginators.plugin(
          type, Shapes.mapOf(Shapes.SENSITIVE).as(options -> new Paginator.Custom(type, options)));
    }
    return paginators;
  }

  private static Keys<Paginator.Cursor> cursor() {
    return Keys.of(
        "paginator cursor",
        "A cursor in the body, sent back with the next request.",
        k -> {
          var path = k.key("cursor_path", Paths.ANY, "cursors.next", "JSONPath of the cursor.");
          var param =
              k.key(
                  "cursor_param",
                  Shapes.TEXT,
                  "cursor",
                  "Query parameter it goes to. `\"*\"`: the cursor is an object, and each of its"
                      + " fields goes to the parameter of its name.");
          var body = k.key("cursor_body_path", Paths.FIELD, "Or its path in the JSON body.");
          var params =
              k.key(
                  "cursor_params",
                  Shapes.mapOf(Paths.ANY),
                  "Or several cursors: query parameters, and the JSONPath of each one's value. The"
                      + " page without any of them is the last.");
          var empty = k.key("stop_after_empty_page", Shapes.YES_OR_NO, "false", EMPTY_PAGE);
          var more = k.key("has_more_path", Paths.ANY, HAS_MORE);
          return v -> {
            onlyOne(v.spot(), v.get(param), v.get(body), "cursor_param", "cursor_body_path");
            if (v.said(params)) {
              onlyOne(v.spot(), v.get(param), "", "cursor_param", "cursor_params");
              onlyOne(v.spot(), v.get(body), "", "cursor_body_path", "cursor_params");
              onlyOne(v.spot(), v.get(path), "", "cursor_path", "cursor_params");
            }
            return new Paginator.Cursor(
                v.get(path), v.get(param), v.get(body), v.get(empty), v.get(more), v.get(params));
          };
        });
  }

  private static Keys<Paginator.Offset> offset() {
    return Keys.of(
        "paginator offset",
        "A number of records to skip.",
        k -> {
          var limit = k.required("limit", Shapes.count(1), "Records of one page.");
          var offset = k.key("offset", Shapes.count(0), "0", "Where to begin.");
          var param = k.key("offset_param", Shapes.TEXT, "offset", "Query parameter it goes to.");
          var body = k.key("offset_body_path", Paths.FIELD, "Or its path in the JSON body.");
          var limitParam =
              k.key("limit_param", Shapes.TEXT, "limit", "Query parameter of the limit.");
          var limitBody =
              k.key("limit_body_path", Paths.FIELD, "Or the limit's path in the JSON body.");
          var total =
              k.key("total_path", TOTAL, "total", "JSONPath of the number of records; null: none.");
          var counts = k.key("total_is", Shapes.words("rows", "pages"), "rows", TOTAL_IS);
          var over = k.key("end_status", Shapes.oneOrMany(Shapes.count(400)), "none", END_STATUS);
          var maximum = k.key("maximum_offset", Shapes.whole(1), "Where to stop.");
          var empty = k.key("stop_after_empty_page", Shapes.YES_OR_NO, "true", EMPTY_PAGE);
          var more = k.key("has_more_path", Paths.ANY, HAS_MORE);
          return v -> {
            onlyOne(v.spot(), v.get(param), v.get(body), "offset_param", "offset_body_path");
            onlyOne(
                v.spot(), v.get(limitParam), v.get(limitBody), "limit_param", "limit_body_path");
            ends(v.spot(), v.get(total), v.get(maximum), v.get(empty), v.get(more));
            return new Paginator.Offset(
                v.get(limit),
                v.get(offset),
                v.get(param),
                v.get(body),
                v.get(limitParam),
                v.get(limitBody),
                v.get(total),
                v.get(maximum),
                v.get(empty),
                v.get(more),
                totalIs(v.get(counts)),
                v.get(over));
          };
        });
  }

  private static Keys<Paginator.PageNumber> pageNumber() {
    return Keys.of(
        "paginator page_number",
        "A page's number.",
        k -> {
          var base = k.key("base_page", Shapes.count(0), "0", "Number of the first page.");
          var page = k.key("page", Shapes.count(0), "base_page", "Where to begin.");
          var param = k.key("page_param", Shapes.TEXT, "page", "Query parameter it goes to.");
          var body = k.key("page_body_path", Paths.FIELD, "Or its path in the JSON body.");
          var total =
              k.key("total_path", TOTAL, "total", "JSONPath of the number of pages; null: none.");
          var counts = k.key("total_is", Shapes.words("rows", "pages"), "pages", TOTAL_IS);
          var over = k.key("end_status", Shapes.oneOrMany(Shapes.count(400)), "none", END_STATUS);
          var maximum = k.key("maximum_page", Shapes.whole(1), "Where to stop.");
          var empty = k.key("stop_after_empty_page", Shapes.YES_OR_NO, "true", EMPTY_PAGE);
          var more = k.key("has_more_path", Paths.ANY, HAS_MORE);
          return v -> {
            onlyOne(v.spot(), v.get(param), v.get(body), "page_param", "page_body_path");
            ends(v.spot(), v.get(total), v.get(maximum), v.get(empty), v.get(more));
            return new Paginator.PageNumber(
                v.get(base),
                v.get(page),
                v.get(param),
                v.get(body),
                v.get(total),
                v.get(maximum),
                v.get(empty),
                v.get(more),
                totalIs(v.get(counts)),
                v.get(over));
          };
        });
  }

  private static Paginator.TotalIs totalIs(String word) {
    return word == null ? null : Paginator.TotalIs.valueOf(word.toUpperCase(Locale.ROOT));
  }

  private static void onlyOne(
      Spot spot, String first, String second, String firstKey, String secondKey) {
    if (first != null && second != null) {
      spot.refuse(firstKey + " and " + secondKey + " exclude each other", "keep one of them");
    }
  }

  private static void ends(Spot spot, String total, Long maximum, Boolean empty, String more) {
    if ("".equals(total) && maximum == null && Boolean.FALSE.equals(empty) && more == null) {
      spot.refuse(
          "nothing would end it",
          "keep stop_after_empty_page, or name total_path, has_more_path or a maximum");
    }
  }
}
