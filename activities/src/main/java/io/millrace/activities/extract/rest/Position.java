package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.Wire;
import java.util.List;

/**
 * Where the next request begins.
 *
 * @param pages read since the window began
 * @param paginator that the step belongs to; with its path when it was detected
 * @param selector where the records were found; {@code null} when the configuration says it or
 *     nothing was read
 * @param mark for finding cycles
 * @param body what identifies the last page's content, for paginators that count; {@code null}
 *     otherwise
 * @param tries that failed since the last page
 * @param home what identifies the address that the configuration begins with; {@code null} where
 *     nothing was read
 * @param rows read since the window began
 * @param known what the last window's only page was, to ask whether it still is; {@code null} for
 *     nothing
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Position(
    long pages,
    Step step,
    Detection paginator,
    List<String> selector,
    Mark mark,
    String body,
    int tries,
    String home,
    long rows,
    Validators known) {

  /**
   * Brent's way to find a cycle of any length with one remembered step: the mark moves to the
   * current step whenever the distance to it has doubled.
   *
   * @param seen digest of the remembered step
   * @param span steps until the mark moves
   * @param since steps since it moved
   */
  record Mark(String seen, long span, long since) {
    static final Mark NONE = new Mark("", 1, 0);

    Mark after(String digest) {
      return since + 1 >= span ? new Mark(digest, 2 * span, 0) : new Mark(seen, span, since + 1);
    }
  }

  static Position read(JsonNode json) {
    try {
      Position position = Wire.mapper().treeToValue(json, Position.class);
      if (position.step() != null && (position.pages() == 0 || position.paginator() != null)) {
        return position;
      }
    } catch (JsonProcessingException e) {
      // the same as a position without a step: another type of source left it
    }
    throw new MillraceException(
        Failure.WINDOW_LOST,
        "Cannot resume: the stored position is not one of a REST API: the source had another type"
            + " when the window was opened");
  }

  JsonNode json() {
    return Wire.mapper().valueToTree(this);
  }

  Position withTries(int failed) {
    return new Position(pages, step, paginator, selector, mark, body, failed, home, rows, known);
  }

  /** The place of the page that is next in the way {@code then}. */
  Position after(
      Step then,
      Detection detected,
      List<String> records,
      String content,
      String address,
      long rowsNow) {
    Mark moved = (mark == null ? Mark.NONE : mark).after(Circle.digest(step));
    return new Position(
        pages + 1, then, detected, records, moved, content, 0, address, rowsNow, null);
  }

  /** The place of a page that may come later, in a known way. */
  Position ahead(long by, Step then) {
    return new Position(pages + by, then, paginator, selector, null, null, 0, home, rows, null);
  }

  /** The beginning of a window. */
  static Position beginning(Step first, Detection paginator, int tries, Validators known) {
    return new Position(0, first, paginator, null, null, null, tries, null, 0, known);
  }
}
