package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.source.JsonPath;
import io.millrace.source.Paginator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * dlt's paginators as pure functions: from the step that gave a page and what is on it to the next
 * step, or to the end.
 */
final class Paging {
  private Paging() {}

  /** The first step of a paginator. */
  static Step first(Paginator paginator) {
    if (paginator instanceof Paginator.Offset o) {
      return Step.number(o.offset());
    }
    if (paginator instanceof Paginator.PageNumber p) {
      return Step.number(p.page());
    }
    return Step.PLAIN;
  }

  /** The paths in an answer that the paginator reads. */
  static List<JsonPath> paths(Paginator paginator) {
    List<JsonPath> paths = new ArrayList<>();
    if (paginator instanceof Paginator.JsonLink j) {
      add(paths, "next_url_path", j.nextUrlPath());
    } else if (paginator instanceof Paginator.Cursor c) {
      add(paths, "cursor_path", c.cursorPath());
      add(paths, "has_more_path", c.hasMorePath());
    } else if (paginator instanceof Paginator.Offset o) {
      add(paths, "total_path", o.totalPath());
      add(paths, "has_more_path", o.hasMorePath());
    } else if (paginator instanceof Paginator.PageNumber p) {
      add(paths, "total_path", p.totalPath());
      add(paths, "has_more_path", p.hasMorePath());
    }
    return paths;
  }

  /**
   * The step after a page; empty at the end.
   *
   * @throws MillraceException {@code RESPONSE_INVALID} when the answer lacks what the paginator
   *     needs
   */
  static Optional<Step> next(Paginator paginator, Step current, PageView page) {
    if (paginator instanceof Paginator.JsonLink j) {
      return link(j, page);
    }
    if (paginator instanceof Paginator.HeaderLink h) {
      return Optional.ofNullable(page.links().get(h.linksNextKey())).map(Step::url);
    }
    if (paginator instanceof Paginator.Cursor c) {
      return cursor(c, page);
    }
    if (paginator instanceof Paginator.Offset o) {
      Range range =
          new Range(
              "offset",
              0,
              o.totalPath(),
              o.maximumOffset(),
              o.stopAfterEmptyPage(),
              o.hasMorePath());
      // servers cap the page's size without saying so: what came is what was passed
      long step = page.records() > 0 ? page.records() : o.limit() == null ? 1 : o.limit();
      return range.next(current.number() + step, page);
    }
    if (paginator instanceof Paginator.PageNumber p) {
      Range range =
          new Range(
              "page_number",
              p.basePage(),
              p.totalPath(),
              p.maximumPage(),
              p.stopAfterEmptyPage(),
              p.hasMorePath());
      return range.next(current.number() + 1, page);
    }
    return Optional.empty(); // single_page
  }

  private static Optional<Step> link(Paginator.JsonLink paginator, PageView page) {
    JsonNode link = value(paginator.nextUrlPath(), page);
    if (link == null || link.isNull() || link.asText().isBlank() && link.isTextual()) {
      return Optional.empty();
    }
    if (!link.isTextual()) {
      throw invalid("next_url_path", paginator.nextUrlPath(), "it is not a text");
    }
    return Optional.of(Step.url(link.asText().strip()));
  }

  private static Optional<Step> cursor(Paginator.Cursor paginator, PageView page) {
    if (paginator.stopAfterEmptyPage() && page.records() == 0) {
      return Optional.empty();
    }
    if (paginator.hasMorePath() != null && !hasMore(paginator.hasMorePath(), page)) {
      return Optional.empty();
    }
    JsonNode cursor = value(paginator.cursorPath(), page);
    if (cursor == null || cursor.isContainerNode()) {
      if (cursor != null) {
        throw invalid("cursor_path", paginator.cursorPath(), "it is not a text or a number");
      }
      return Optional.empty();
    }
    boolean falsy =
        cursor.isNull()
            || cursor.asText().isEmpty()
            || cursor.isBoolean()
            || cursor.isNumber() && cursor.asText().equals("0");
    return falsy ? Optional.empty() : Optional.of(Step.cursor(cursor.asText()));
  }

  /** What offset and page_number share. */
  private record Range(
      String type, long base, String totalPath, Long maximum, boolean stopEmpty, String morePath) {

    Optional<Step> next(long number, PageView page) {
      if (stopEmpty && page.records() == 0) {
        return Optional.empty();
      }
      boolean more = morePath == null || hasMore(morePath, page);
      Long total = total(page);
      if (total == null && maximum == null && morePath == null && !stopEmpty) {
        throw invalid(
            "total_path", totalPath, "it is missing, and nothing else says where to stop");
      }
      boolean ended =
          !more || total != null && number >= total + base || maximum != null && number >= maximum;
      return ended ? Optional.empty() : Optional.of(Step.number(number));
    }

    /** {@code null} when the answer does not tell: then an empty page is the end. */
    private Long total(PageView page) {
      JsonNode total = totalPath.isEmpty() ? null : value(totalPath, page);
      if (total == null || total.isNull()) {
        return null;
      }
      try {
        return Long.valueOf(total.asText().strip());
      } catch (NumberFormatException e) {
        throw invalid("total_path", totalPath, "it is not a whole number: " + total.asText());
      }
    }
  }

  private static boolean hasMore(String path, PageView page) {
    JsonNode more = value(path, page);
    if (more == null || more.isNull()) {
      throw invalid("has_more_path", path, "it is missing");
    }
    if (more.isBoolean()) {
      return more.asBoolean();
    }
    return switch (more.asText().strip().toLowerCase(Locale.ROOT)) {
      case "true", "yes", "t", "y", "on", "1" -> true;
      case "false", "no", "f", "n", "off", "0" -> false;
      default -> throw invalid("has_more_path", path, "it is not true or false: " + more.asText());
    };
  }

  private static void add(List<JsonPath> paths, String key, String path) {
    if (path != null && !path.isEmpty()) {
      paths.add(JsonPath.parse(key, path));
    }
  }

  private static JsonNode value(String path, PageView page) {
    return page.values().get(JsonPath.parse("path", path).toString());
  }

  private static MillraceException invalid(String key, String path, String why) {
    String shown = why.length() > 160 ? why.substring(0, 160) + "…" : why;
    return new MillraceException(
        Failure.RESPONSE_INVALID,
        "Cannot find the next page: "
            + shown
            + ": "
            + path
            + " (check the paginator's "
            + key
            + ")");
  }
}
