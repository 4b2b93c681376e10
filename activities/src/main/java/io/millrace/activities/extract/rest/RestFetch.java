package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.Told;
import io.millrace.activities.staging.RawPage;
import io.millrace.activities.staging.RawSegmentWriter;
import io.millrace.source.DataSelector;
import io.millrace.source.JsonPath;
import io.millrace.source.Paginator;
import io.millrace.source.Resource;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import okhttp3.Headers;
import okhttp3.HttpUrl;

/** One fetch: page after page until a bound, the end or a long wait. Used once. */
final class RestFetch {
  /** Decoded bytes of pages that were asked for before their turn, as far as sizes are alike. */
  private static final long AHEAD_BYTES = 64L << 20;

  private final RequestPlan plan;
  private final Caller caller;
  private final Ahead ahead;
  private final Extractor.Order order;
  private final RawSegmentWriter out;
  private final Progress progress;
  private final Clock clock;
  private final PastRange range;
  private final Circle circle = new Circle();
  private Optional<Counting.Promised> promised = Optional.empty();
  private long pages;
  private long records;
  private Told told;
  private final Map<String, Long> notes = new TreeMap<>();

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
    this.range = new PastRange(order);
    this.caller = new Caller(plan, shared, host, progress, this::report);
    this.ahead =
        new Ahead(
            plan.client.concurrency(),
            () -> new Caller(plan, shared, host, progress, () -> {}),
            this::report);
  }

  /** Why the pages ended. */
  private record Ended(
      JsonNode position, boolean done, boolean unchanged, long waitMillis, String reason) {}

  Extractor.Fetched run() {
    Ended ended;
    try (ahead) {
      ended = pages();
    } catch (MillraceException e) {
      throw new Extractor.Failed(e, requests()); // complete only now, as `ahead` is closed
    }
    return new Extractor.Fetched(
        ended.position(),
        ended.done(),
        ended.unchanged(),
        requests(),
        ended.waitMillis(),
        ended.reason(),
        notes);
  }

  /**
   * What the answer tells of more than came, where it led to no second page; {@code null} for
   * nothing. There once it has run.
   */
  Told told() {
    return told;
  }

  private long requests() {
    return caller.requests() + ahead.requests();
  }

  private Ended pages() {
    long began = clock.millis();
    Position position = Beginning.of(plan, order);
    while (true) {
      limit(position);
      Position here = position;
      Caller.Got got = page(here);
      if (got.waitMillis() > 0) {
        JsonNode json = here.withTries(got.tries()).json();
        return new Ended(json, false, false, got.waitMillis(), got.reason());
      }
      if (got.ended()) {
        boolean unchanged = got.answer().status() == 304 && here.pages() == 0;
        JsonNode known = unchanged && here.known() != null ? here.json() : null;
        return new Ended(known, true, unchanged, 0, null);
      }
      Optional<Position> next = take(here, got);
      report();
      if (next.isEmpty()) {
        JsonNode known = Beginning.next(plan, order, here, got.answer(), got.scan());
        return new Ended(known, true, false, 0, null);
      }
      position = next.get();
      boolean late = clock.millis() - began >= order.bounds().time().toMillis();
      // what has been asked for is taken: to hang up costs a request and loses what its answer says
      if (full() || late && !ahead.asked(position.step()) || progress.draining()) {
        return new Ended(position.json(), false, false, 0, null);
      }
      if (!late) {
        look(position);
      }
    }
  }

  private Caller.Got page(Position here) {
    Caller.Got early = here.step().number() == null ? null : ahead.take(here.step());
    if (early != null) {
      return early;
    }
    boolean resumed = order.resumed() && pages == 0 && here.pages() > 0;
    return get(caller, here, resumed);
  }

  private Caller.Got get(Caller from, Position here, boolean resumed) {
    Paginator active = active(here);
    Caller.Got got =
        from.page(here, active, resumed, () -> new PageScan(plan, selector(here), active));
    if (got.scan() != null) {
      got.scan().pack(out);
    }
    return got;
  }

  /** Asks for pages before their turn, but for none that the segment could not take. */
  private void look(Position next) {
    promised.ifPresent(
        p -> {
          Resource.SegmentBounds bounds = order.bounds();
          long size = Math.max(1, out.bytes() / pages);
          long room =
              Math.min(bounds.pages() - pages, (bounds.staged() - out.bytes() + size - 1) / size);
          room = order.pagesLeft() == null ? room : Math.min(room, order.pagesLeft() - pages);
          room = Math.min(room, plan.client.limits().pages() - next.pages());
          room = Math.min(room, AHEAD_BYTES / size);
          ahead.look(
              p,
              room,
              (from, place) ->
                  get(from, next.ahead(place, Step.number(p.next() + place * p.by())), false));
        });
  }

  private void limit(Position position) {
    if (position.pages() >= plan.client.limits().pages()) {
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot read on in "
              + plan.asset
              + ": more than "
              + plan.client.limits().pages()
              + " pages (raise `limits.pages` if that is right)");
    }
  }

  private void report() {
    progress.report(pages, records, out.bytes());
  }

  private boolean full() {
    Resource.SegmentBounds bounds = order.bounds();
    return pages >= bounds.pages()
        || out.bytes() >= bounds.staged()
        || order.pagesLeft() != null && pages >= order.pagesLeft();
  }

  private Paginator active(Position position) {
    boolean detected = plan.paginator instanceof Paginator.Auto && position.paginator() != null;
    return detected ? position.paginator().paginator() : plan.paginator;
  }

  private DataSelector selector(Position position) {
    return position.selector() == null
        ? plan.selector
        : DataSelector.of(JsonPath.of(position.selector()));
  }

  /** Writes the page; the position after it, empty at the end. */
  private Optional<Position> take(Position here, Caller.Got got) {
    PageScan page = got.scan();
    JsonScan.Found found = page.records();
    if (found == null) {
      throw missing(here, got);
    }
    if (plan.selector == null
        && here.selector() == null
        && ErrorObject.is(found.path(), page.topKeys(), got.answer().body())) {
      throw caller.errorObject(got.answer(), here);
    }
    Detection detected = here.paginator();
    if (active(here) instanceof Paginator.Auto) {
      detected = page.detect(Links.parse(got.answer().headers().values("Link")));
      told = detected.type().equals("single_page") ? page.told(headers(got)) : null;
      notes.putAll(told == null ? Map.of() : told.notes());
    }
    Paginator active = active(here) instanceof Paginator.Auto ? detected.paginator() : active(here);
    String content = Circle.content(active, found, page.body());
    if (content != null && content.equals(here.body())) {
      throw repeated(
          here, got, "the page has the same records as the one before" + fromOne(active, here));
    }
    long rows = here.rows() + found.records();
    PageView view = new PageView(found.records(), rows, page.values(active), headers(got));
    Optional<Step> next = next(here, active, view, got.answer());
    Position after = null;
    if (next.isEmpty()) {
      Step step = current(here, active);
      Counting.of(active).ifPresent(c -> notes.putAll(c.missing(step, view)));
    } else {
      boolean auto = plan.selector == null && here.selector() == null;
      after =
          here.after(
              next.get(),
              detected,
              auto ? found.path() : here.selector(),
              content,
              Beginning.home(plan),
              rows);
      circle(here, after, got);
      promised = Counting.of(active).flatMap(c -> c.promised(next.get(), view));
    }
    if (found.kind() != JsonScan.Kind.NULL) {
      out.page(page.format(), found.path(), shown(got), null, page.packed());
    }
    if (page.errors()) {
      notes.merge("answers_with_errors", 1L, Long::sum);
    }
    pages++;
    records += found.records();
    boolean left = page.format() == RawPage.Format.JSON && range.left(page.body(), found.path());
    return left ? Optional.empty() : Optional.ofNullable(after);
  }

  private Step current(Position here, Paginator active) {
    return here.step().equals(Step.PLAIN) ? plan.first(active) : here.step();
  }

  private Optional<Step> next(Position here, Paginator active, PageView view, Http.Answer answer) {
    try {
      Optional<Step> next =
          active instanceof Paginator.Custom
              ? plan.pager.next(current(here, active), view, answer)
              : Paging.next(active, current(here, active), view);
      return next.map(step -> plan.storable(answer.url(), step));
    } catch (MillraceException e) {
      throw new MillraceException(
          e.failure(),
          plan.masked(e.getMessage())
              + " on page "
              + (here.pages() + 1)
              + " of "
              + plan.shown(answer.url()));
    }
  }

  private void circle(Position here, Position after, Caller.Got got) {
    Step step = after.step();
    circle.went(here.step());
    if (step.url() != null) {
      HttpUrl url = got.answer().url();
      circle.went(Step.url(plan.storable(url, url.toString())));
    }
    if (circle.closes(step, after.mark())) {
      String way = RequestPlan.cut(plan.masked(step.told()));
      throw repeated(here, got, "the way to the next page was taken already: " + way);
    }
  }

  /** Page 1 that brings page 0 again: pages without a number are the first, and that is 1. */
  private static String fromOne(Paginator active, Position here) {
    return active instanceof Paginator.PageNumber p && p.basePage() == 0 && here.pages() == 1
        ? "; pages are counted from 1 here, as it seems: say `base_page: 1` in a paginator of type"
            + " page_number"
        : "";
  }

  private MillraceException repeated(Position here, Caller.Got got, String why) {
    return new MillraceException(
        Failure.POLICY_REFUSED,
        "Cannot read on after page "
            + (here.pages() + 1)
            + " of "
            + shown(got)
            + ": "
            + why
            + " (the server leads in a circle: check the `paginator`, its parameter and its path)");
  }

  private MillraceException missing(Position here, Caller.Got got) {
    String keys =
        got.scan().topKeys().stream()
            .map(key -> key.length() > 40 ? key.substring(0, 40) + "…" : key)
            .collect(Collectors.joining(", "));
    return new MillraceException(
        Failure.RESPONSE_INVALID,
        "Cannot find the records on page "
            + (here.pages() + 1)
            + " of "
            + shown(got)
            + ": there is nothing at the data_selector: "
            + selector(here)
            + " (the answer has "
            + (keys.isEmpty() ? "no keys" : plan.masked(keys))
            + "; check `data_selector`, or say `on_records_missing: empty` when such an answer is an"
            + " empty page)");
  }

  private String shown(Caller.Got got) {
    return plan.shown(got.answer().url());
  }

  private static Headers headers(Caller.Got got) {
    return got.answer().headers();
  }
}
