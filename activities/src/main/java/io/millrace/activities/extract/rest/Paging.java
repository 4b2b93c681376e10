package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.source.DataSelector;
import io.millrace.source.JsonPath;
import io.millrace.source.Paginator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * dlt's paginators as pure functions: from the step that gave a page and what is on it to the next
 * step, or to the end. Those that count are in {@link Counting}, those with cursors in {@link
 * Cursors}.
 */
final class Paging {
  private Paging() {}

  /** The name in the configuration; {@code null} when the paginator is to be detected. */
  static String type(Paginator paginator) {
    if (paginator instanceof Paginator.Auto) {
      return null;
    }
    if (paginator instanceof Paginator.Custom custom) {
      return custom.type();
    }
    String name = paginator.getClass().getSimpleName();
    return name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }

  /** The first step of a paginator. */
  static Step first(Paginator paginator) {
    return Counting.of(paginator).map(c -> Step.number(c.first())).orElse(Step.PLAIN);
  }

  /** The paths that one pass over an answer finds. */
  static List<JsonPath> paths(List<String> written) {
    return written.stream().flatMap(path -> JsonPath.read(path).stream()).toList();
  }

  /** The others, which need a tree of the answer; their values are kept under their texts. */
  static List<DataSelector> selectors(List<String> written) {
    return written.stream()
        .filter(path -> JsonPath.read(path).isEmpty())
        .map(path -> DataSelector.parse("a path of the paginator", path))
        .toList();
  }

  /** The paths in an answer that the paginator reads. */
  static List<String> written(Paginator paginator) {
    Stream<String> paths =
        paginator instanceof Paginator.JsonLink j
            ? Stream.of(j.nextUrlPath())
            : paginator instanceof Paginator.Cursor c
                ? Cursors.paths(c)
                : Counting.of(paginator)
                    .map(c -> Stream.of(c.totalPath(), c.morePath() == null ? "" : c.morePath()))
                    .orElse(Stream.of());
    return paths.filter(path -> path != null && !path.isEmpty()).toList();
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
      return Optional.ofNullable(page.links().get(Links.name(h.linksNextKey()))).map(Step::url);
    }
    if (paginator instanceof Paginator.HeaderCursor h) {
      String cursor = page.headers().get(h.cursorKey());
      return Optional.ofNullable(cursor).filter(c -> !c.isBlank()).map(Step::cursor);
    }
    if (paginator instanceof Paginator.Cursor c) {
      return Cursors.next(c, page);
    }
    return Counting.of(paginator).flatMap(c -> c.next(current, page)); // else single_page
  }

  /**
   * Whether a status on the page after {@code pages} pages says that there is no more. Never on the
   * first one: there it means that the address is wrong.
   */
  static boolean ends(Paginator paginator, long pages, int status) {
    return pages > 0
        && Counting.of(paginator).filter(c -> c.endStatus().contains(status)).isPresent();
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

  /** The value at a path; {@code null} when it is absent. */
  static JsonNode value(String path, PageView page) {
    return page.values().get(JsonPath.read(path).map(JsonPath::toString).orElse(path));
  }

  /** A flag as dlt reads it. */
  static boolean hasMore(String path, PageView page) {
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

  static MillraceException invalid(String key, String path, String why) {
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
