package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.extract.Extractor;
import java.nio.charset.StandardCharsets;

/** Where a fetch begins: at the start of a window, or where an earlier fetch stopped. */
final class Beginning {
  private Beginning() {}

  /**
   * @throws MillraceException {@code WINDOW_LOST} when the stored position is not one of this
   *     configuration
   */
  static Position of(RequestPlan plan, Extractor.Order order) {
    boolean none = order.position() == null || order.position().isNull();
    Position position = none ? null : Position.read(order.position());
    String type = Paging.type(plan.paginator);
    Detection configured = type == null ? null : new Detection(type, null, null);
    if (position == null || position.pages() == 0) {
      return Position.beginning(
          Paging.first(plan.paginator),
          configured,
          none ? 0 : position.tries(),
          none ? null : position.known());
    }
    Detection was = position.paginator();
    if (type == null ? !was.complete() : !type.equals(was.type())) {
      throw lost(
          plan,
          "its paginator was "
              + was.type()
              + " when the window was opened and is now "
              + (type == null ? "auto" : type));
    }
    boolean moved = position.home() != null && !position.home().equals(home(plan));
    if (moved && position.step().url() != null) {
      throw lost(
          plan,
          "the link to its next page is one of another address than `base_url` has now: "
              + plan.origin);
    }
    return position;
  }

  /** What identifies the address that the configuration begins with. */
  static String home(RequestPlan plan) {
    return Circle.checksum(plan.origin.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** What the next window begins with after the last page; {@code null} for nothing. */
  static JsonNode next(RequestPlan plan, Position here, Http.Answer answer) {
    return null;
  }

  private static MillraceException lost(RequestPlan plan, String why) {
    return new MillraceException(
        Failure.WINDOW_LOST, "Cannot resume " + plan.asset + ": " + why);
  }
}
