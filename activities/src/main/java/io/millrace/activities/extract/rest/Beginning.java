package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.extract.Extractor;
import io.millrace.source.Paginator;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

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
      Validators known = none ? null : position.known();
      boolean same = known != null && known.asked().equals(asked(plan, order));
      return Position.beginning(
          plan.first(plan.paginator), configured, none ? 0 : position.tries(), same ? known : null);
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

  /**
   * What the next window begins with after the page that was the last: what the server said of it,
   * where it stands for the whole resource; {@code null} for nothing.
   */
  static JsonNode next(
      RequestPlan plan, Extractor.Order order, Position here, Http.Answer answer, PageScan page) {
    boolean only = here.pages() == 0 && answer.status() == 200;
    if (!only || !plan.endpoint.method().equals("GET") || !standsForAll(plan, answer, page)) {
      return null;
    }
    Validators known = Validators.of(answer.headers(), asked(plan, order));
    return known == null ? null : Position.beginning(Step.PLAIN, null, 0, known).json();
  }

  /**
   * Whether a second page would change the first one. It does where the way to it is in the body.
   * It need not where it is in a header; a detected single page may be the first of such pages, but
   * only when it is a full one, and that has a number of records that people choose, or when it
   * tells of more.
   */
  private static boolean standsForAll(RequestPlan plan, Http.Answer answer, PageScan page) {
    Paginator paginator = plan.paginator;
    if (paginator instanceof Paginator.Auto) {
      Detection detected = page.detect(Links.parse(answer.headers().values("Link")));
      long records = page.records().records();
      boolean round = records % 5 == 0 || records % 8 == 0 || records % 12 == 0;
      boolean full = page.records().kind() == JsonScan.Kind.LIST && records > 0 && round;
      return !detected.type().equals("single_page") || !full && page.told(answer.headers()) == null;
    }
    return !(paginator instanceof Paginator.HeaderLink)
        && !(paginator instanceof Paginator.HeaderCursor)
        && !(paginator instanceof Paginator.Custom);
  }

  /** Identifies the question: the resource as it is configured, where it begins and its address. */
  private static String asked(RequestPlan plan, Extractor.Order order) {
    String address = plan.shown(plan.url(plan.first(plan.paginator), plan.paginator));
    String all =
        order.resource()
            + "\n"
            + plan.client.headers()
            + "\n"
            + order.windowStart()
            + "\n"
            + address;
    return UUID.nameUUIDFromBytes(plan.masked(all).getBytes(StandardCharsets.UTF_8)).toString();
  }

  private static MillraceException lost(RequestPlan plan, String why) {
    return new MillraceException(Failure.WINDOW_LOST, "Cannot resume " + plan.asset + ": " + why);
  }
}
