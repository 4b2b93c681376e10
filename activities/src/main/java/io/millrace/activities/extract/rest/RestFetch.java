package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.staging.RawPage;
import io.millrace.activities.staging.RawSegmentWriter;
import io.millrace.source.JsonPath;
import io.millrace.source.Paginator;
import io.millrace.source.Resource;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/** One fetch: page after page until a bound, the end or a long wait. Used once. */
final class RestFetch {
  private final RequestPlan plan;
  private final Caller caller;
  private final Extractor.Order order;
  private final RawSegmentWriter out;
  private final Progress progress;
  private final Clock clock;
  private final PastRange range;
  private final Set<String> seen = new HashSet<>();
  private long pages;
  private long records;

  RestFetch(
      RequestPlan plan,
      Caller.Shared shared,
      Caller.Host host,
      Extractor.Order order,
      RawSegmentWriter out,
      Progress progress) {
    this.plan = plan;
    this.order = order;
    this.out = out;
    this.progress = progress;
    this.clock = shared.clock();
    this.range = new PastRange(plan.incremental, order.windowStart());
    this.caller = new Caller(plan, shared, host, progress, this::report);
  }

  Extractor.Fetched run() {
    long began = clock.millis();
    Position position = start();
    while (true) {
      if (position.pages() >= plan.client.limits().pages()) {
        throw new MillraceException(
            Failure.POLICY_REFUSED,
            "Cannot read on in "
                + plan.asset
                + ": more than "
                + plan.client.limits().pages()
                + " pages (raise `limits.pages` if that is right)");
      }
      Position here = position;
      Paginator active = active(here);
      boolean resumed = order.resumed() && pages == 0 && here.pages() > 0;
      Caller.Got got = caller.page(here, active, resumed, () -> scan(here, active));
      if (got.waitMillis() > 0) {
        JsonNode json = here.withTries(got.tries()).json();
        return new Extractor.Fetched(
            json, false, false, caller.requests(), got.waitMillis(), got.reason());
      }
      if (got.ended()) {
        boolean unchanged = got.answer().status() == 304 && here.pages() == 0;
        return end(unchanged);
      }
      Optional<Position> next = take(here, got);
      report();
      if (next.isEmpty()) {
        return end(false);
      }
      position = next.get();
      if (full(began) || progress.draining()) {
        return new Extractor.Fetched(position.json(), false, false, caller.requests(), 0, null);
      }
    }
  }

  private Extractor.Fetched end(boolean unchanged) {
    return new Extractor.Fetched(null, true, unchanged, caller.requests(), 0, null);
  }

  private void report() {
    progress.report(pages, records, out.bytes());
  }

  private boolean full(long began) {
    Resource.SegmentBounds bounds = order.bounds();
    return pages >= bounds.pages()
        || out.bytes() >= bounds.staged()
        || clock.millis() - began >= bounds.time().toMillis()
        || order.pagesLeft() != null && pages >= order.pagesLeft();
  }

  private Position start() {
    boolean none = order.position() == null || order.position().isNull();
    Position position = none ? null : Position.read(order.position());
    Detection known = configured();
    if (position == null || position.pages() == 0) {
      int tries = position == null ? 0 : position.tries();
      return new Position(0, Paging.first(plan.paginator), known, null, null, null, tries, null);
    }
    Detection was = position.paginator();
    if (known == null ? !was.complete() : !known.type().equals(was.type())) {
      throw new MillraceException(
          Failure.WINDOW_LOST,
          "Cannot resume "
              + plan.asset
              + ": its paginator was "
              + was.type()
              + " when the window was opened and is now "
              + (known == null ? "auto" : known.type()));
    }
    boolean moved = position.home() != null && !position.home().equals(home());
    if (moved && position.step().url() != null) {
      throw new MillraceException(
          Failure.WINDOW_LOST,
          "Cannot resume "
              + plan.asset
              + ": the link to its next page is one of another address than `base_url` has now: "
              + plan.origin);
    }
    return position;
  }

  private String home() {
    return checksum(plan.origin.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** The configured paginator's name; {@code null} when it is to be detected. */
  private Detection configured() {
    Paginator p = plan.paginator;
    String type =
        p instanceof Paginator.SinglePage
            ? "single_page"
            : p instanceof Paginator.JsonLink
                ? "json_link"
                : p instanceof Paginator.HeaderLink
                    ? "header_link"
                    : p instanceof Paginator.Cursor
                        ? "cursor"
                        : p instanceof Paginator.Offset
                            ? "offset"
                            : p instanceof Paginator.PageNumber ? "page_number" : null;
    return type == null ? null : new Detection(type, null, null);
  }

  private Paginator active(Position position) {
    boolean detected = plan.paginator instanceof Paginator.Auto && position.paginator() != null;
    return detected ? position.paginator().paginator() : plan.paginator;
  }

  private PageScan scan(Position position, Paginator active) {
    JsonPath selector =
        position.selector() == null ? plan.selector : JsonPath.of(position.selector());
    return new PageScan(selector, Paging.paths(active), active instanceof Paginator.Auto);
  }

  /** Writes the page; the position after it, empty at the end. */
  private Optional<Position> take(Position here, Caller.Got got) {
    PageScan scan = got.scan();
    String shown = plan.shown(got.answer().url());
    PageScan.Found found = scan.records();
    if (found == null) {
      throw new MillraceException(
          Failure.RESPONSE_INVALID,
          "Cannot find the records on page "
              + (here.pages() + 1)
              + " of "
              + shown
              + ": there is nothing at the data_selector: "
              + (here.selector() == null ? plan.selector : JsonPath.of(here.selector()))
              + " (the answer has "
              + (scan.topKeys().isEmpty() ? "no keys" : keys(scan))
              + "; check `data_selector`)");
    }
    Map<String, String> links = Links.parse(got.answer().headers().values("Link"));
    Paginator active = active(here);
    Detection detected = here.paginator();
    if (active instanceof Paginator.Auto) {
      detected = Detection.of(scan, links);
      active = detected.paginator();
    }
    String content = content(active, found, got.answer().body());
    if (content != null && content.equals(here.body())) {
      throw repeated(here, shown, "the page has the same content as the one before");
    }
    Map<String, JsonNode> values =
        plan.paginator instanceof Paginator.Auto && here.pages() == 0
            ? first(active, scan, got.answer().body(), found)
            : scan.values();
    Step current = here.step().equals(Step.PLAIN) ? Paging.first(active) : here.step();
    PageView view = new PageView(found.records(), values, links);
    Optional<Step> next;
    try {
      next = Paging.next(active, current, view).map(step -> storable(got.answer(), step));
    } catch (MillraceException e) {
      throw new MillraceException(
          e.failure(),
          plan.masked(e.getMessage()) + " on page " + (here.pages() + 1) + " of " + shown);
    }
    Position after = next.isEmpty() ? null : after(here, next.get(), detected, found, content);
    if (after != null) {
      cycle(here, after, got.answer());
    }
    if (found.kind() != PageScan.Kind.NULL) {
      byte[] body = got.answer().body();
      out.page(RawPage.Format.JSON, found.path(), shown, body, 0, body.length);
    }
    pages++;
    records += found.records();
    return range.left(got.answer().body(), found.path())
        ? Optional.empty()
        : Optional.ofNullable(after);
  }

  /** The first page was read before anybody knew which values count: one more pass, once. */
  private static Map<String, JsonNode> first(
      Paginator active, PageScan scan, byte[] body, PageScan.Found found) {
    List<JsonPath> paths = Paging.paths(active);
    if (paths.isEmpty()) {
      return scan.values();
    }
    try {
      return new PageScan(JsonPath.of(found.path()), paths, false).read(body).values();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e); // it was read well a moment ago
    }
  }

  private Step storable(Http.Answer answer, Step step) {
    if (step.cursor() != null) {
      plan.storable(step.cursor());
    }
    return step.url() == null ? step : Step.url(plan.storable(answer.url(), step.url()));
  }

  private Position after(
      Position here, Step next, Detection detected, PageScan.Found found, String content) {
    boolean auto = plan.selector == null && here.selector() == null;
    List<String> selector = auto ? found.path() : here.selector();
    Position.Mark mark = here.mark() == null ? Position.Mark.NONE : here.mark();
    return new Position(
        here.pages() + 1,
        next,
        detected,
        selector,
        mark.after(digest(here.step())),
        content,
        0,
        home());
  }

  /** Within a fetch every way is remembered, across fetches one is: a circle ends all the same. */
  private void cycle(Position here, Position after, Http.Answer answer) {
    Step step = after.step();
    seen.add(digest(here.step()));
    if (step.url() != null) {
      seen.add(digest(Step.url(plan.storable(answer.url(), answer.url().toString()))));
    }
    String next = digest(step);
    if (seen.contains(next) || next.equals(after.mark().seen())) {
      String what = step.url() == null ? String.valueOf(step.cursor()) : step.url();
      throw repeated(
          here,
          plan.shown(answer.url()),
          "the way to the next page was taken already: " + plan.masked(RequestPlan.cut(what)));
    }
  }

  private MillraceException repeated(Position here, String shown, String why) {
    return new MillraceException(
        Failure.POLICY_REFUSED,
        "Cannot read on after page "
            + (here.pages() + 1)
            + " of "
            + shown
            + ": "
            + why
            + " (the server leads in a circle: check the `paginator`, its parameter and its path)");
  }

  private String keys(PageScan scan) {
    return plan.masked(joined(scan));
  }

  private static String joined(PageScan scan) {
    return scan.topKeys().stream()
        .map(key -> key.length() > 40 ? key.substring(0, 40) + "…" : key)
        .collect(java.util.stream.Collectors.joining(", "));
  }

  private static String digest(Step step) {
    return checksum(step.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Only paginators that count themselves cannot see by a link that the server stands still. */
  private static String content(Paginator active, PageScan.Found found, byte[] body) {
    boolean counts = active instanceof Paginator.Offset || active instanceof Paginator.PageNumber;
    return counts && found.records() > 0 ? checksum(body) : null;
  }

  private static String checksum(byte[] bytes) {
    CRC32C one = new CRC32C();
    one.update(bytes);
    java.util.zip.CRC32 other = new java.util.zip.CRC32();
    other.update(bytes);
    return Long.toHexString(one.getValue()) + Long.toHexString(other.getValue()) + bytes.length;
  }
}
