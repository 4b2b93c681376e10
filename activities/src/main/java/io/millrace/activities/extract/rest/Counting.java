package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.source.Paginator;
import io.millrace.source.Paginator.TotalIs;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The paginators that count: {@code offset} by the records that came, {@code page_number} by one.
 * Pure.
 *
 * @param limit records of a page, as asked for; {@code null} for a page number
 * @param first number to ask for
 * @param base number that stands for the beginning
 * @param totalPath empty for none
 * @param maximum {@code null} for none
 * @param stopEmpty {@code null} when not said
 * @param morePath {@code null} for none
 */
record Counting(
    Integer limit,
    long first,
    long base,
    String totalPath,
    TotalIs totalIs,
    Long maximum,
    Boolean stopEmpty,
    String morePath,
    List<Integer> endStatus) {

  /** Numbers from {@code next} to before {@code end}, each {@code by} after the other. */
  record Promised(long next, long by, long end, long total) {}

  static Optional<Counting> of(Paginator paginator) {
    if (paginator instanceof Paginator.Offset o) {
      return Optional.of(
          new Counting(
              o.limit() == null ? 1 : o.limit(),
              o.offset(),
              0,
              o.totalPath(),
              o.totalIs(),
              o.maximumOffset(),
              o.stopAfterEmptyPage(),
              o.hasMorePath(),
              o.endStatus()));
    }
    if (paginator instanceof Paginator.PageNumber p) {
      return Optional.of(
          new Counting(
              null,
              p.page(),
              p.basePage(),
              p.totalPath(),
              p.totalIs(),
              p.maximumPage(),
              p.stopAfterEmptyPage(),
              p.hasMorePath(),
              p.endStatus()));
    }
    return Optional.empty();
  }

  Optional<Step> next(Step current, PageView page) {
    boolean stops = stopEmpty == null || stopEmpty;
    if (page.records() == 0 && stops) {
      boolean flagged = morePath != null && Paging.value(morePath, page) != null;
      if (flagged && stopEmpty == null && Paging.hasMore(morePath, page)) {
        throw Paging.invalid(
            "has_more_path",
            morePath,
            "the page is empty and yet says that there is more; say stop_after_empty_page: true to"
                + " end here, false to go on");
      }
      return Optional.empty();
    }
    boolean more = morePath == null || Paging.hasMore(morePath, page);
    Long total = total(page);
    if (total == null && maximum == null && morePath == null && !stops) {
      throw Paging.invalid(
          "total_path", totalPath, "it is missing, and nothing else says where to stop");
    }
    long number = current.number() + by(page);
    boolean ended =
        !more
            || total != null && isBehind(number, total, page)
            || maximum != null && number >= maximum;
    return ended ? Optional.empty() : Optional.of(Step.number(number));
  }

  /**
   * The steps from the next one on that a total promises, for asking before their turn. They may
   * turn out wrong: the page before a step decides.
   */
  Optional<Promised> promised(Step next, PageView page) {
    Long total = total(page);
    if (total == null || page.records() == 0) {
      return Optional.empty();
    }
    long left = Math.max(0, total - page.rows());
    long end =
        limit != null
            ? totalIs == TotalIs.ROWS ? total : times(total, limit)
            : totalIs == TotalIs.PAGES
                ? total + base
                : next.number() + (left + page.records() - 1) / page.records();
    end = maximum == null ? end : Math.min(end, maximum);
    return Optional.of(new Promised(next.number(), by(page), end, total));
  }

  /**
   * How much more a total told of than came, where an empty page is the end: a note of a run.
   * Nothing where it told of no more.
   */
  Map<String, Long> missing(Step current, PageView page) {
    JsonNode told = totalPath.isEmpty() ? null : Paging.value(totalPath, page);
    if (page.records() > 0 || told == null || !told.asText().matches("\\d{1,18}")) {
      return Map.of();
    }
    long total = Long.parseLong(told.asText());
    boolean rows = totalIs == TotalIs.ROWS;
    if (!rows && limit != null) {
      return Map.of(); // so long as pages are short nobody knows how many there were
    }
    long missing = rows ? total - page.rows() : total + base - 1 - current.number();
    return missing <= 0 ? Map.of() : Map.of(rows ? "missing_records" : "missing_pages", missing);
  }

  private boolean isBehind(long number, long total, PageView page) {
    if (limit == null) {
      return totalIs == TotalIs.PAGES ? number >= total + base : page.rows() >= total;
    }
    // a total of pages: beyond the first record of the last one, however short a page was
    return totalIs == TotalIs.ROWS ? number >= total : number > times(total - 1, limit);
  }

  /** Servers cap the page's size without saying so: what came is what was passed. */
  private long by(PageView page) {
    return limit == null ? 1 : page.records() > 0 ? page.records() : limit;
  }

  /** {@code null} when the answer does not tell: then an empty page is the end. */
  private Long total(PageView page) {
    JsonNode total = totalPath.isEmpty() ? null : Paging.value(totalPath, page);
    if (total == null || total.isNull()) {
      return null;
    }
    try {
      long told = Long.parseLong(total.asText().strip());
      return told < 0 ? null : told; // -1 is how some say that they did not count
    } catch (NumberFormatException e) {
      throw Paging.invalid("total_path", totalPath, "it is not a whole number: " + total.asText());
    }
  }

  private static long times(long a, long b) {
    return a <= 0 ? a * b : Math.min(a, Long.MAX_VALUE / 2 / b) * b;
  }
}
