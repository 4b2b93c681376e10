package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.Probe;
import io.millrace.activities.extract.Told;
import io.millrace.activities.staging.RawPage;
import io.millrace.activities.staging.RawSegmentWriter;
import io.millrace.run.Wire;
import io.millrace.source.JsonPath;
import io.millrace.source.Paginator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One look at an endpoint: a fetch of one page that is not tried again, with the page kept in
 * memory instead of staged. So it goes the way that a run goes, guard, credentials and pace
 * included.
 */
final class RestProbe {
  private static final int HEADER_CHARACTERS = 120;
  private static final int MOST_HEADERS = 20;

  /** More tries than anything allows. */
  private static final int NO_MORE = 1_000_000;

  private final RequestPlan plan;
  private final Caller.Shared shared;
  private final Caller.Host host;
  private final Watched http;

  RestProbe(RequestPlan plan, Caller.Shared shared, Caller.Host host) {
    this.plan = plan;
    this.shared = shared;
    this.host = host;
    this.http = new Watched(shared.clock());
  }

  Probe.Page run(Extractor.Order order) {
    Caller.Shared watched =
        new Caller.Shared(
            http, shared.tls(), shared.tokens(), shared.secrets(), shared.clock(), shared.pause());
    Kept page = new Kept();
    try {
      Extractor.Order once = once(order);
      RestFetch fetch = new RestFetch(plan, watched, host, once, page, Progress.NONE);
      Extractor.Fetched fetched = fetch.run();
      if (page.body == null) {
        return new Probe.Page(plan.endpoint.method(), answer(), null, null, null, null);
      }
      Sample sample = Sample.of(page.format, page.body, page.selector);
      String said = plan.endpoint.dataSelector();
      String selector = said == null ? JsonPath.of(page.selector).toString() : said;
      Probe.Records records = new Probe.Records(selector, sample.count(), sample.records());
      return new Probe.Page(
          plan.endpoint.method(),
          answer(),
          records,
          way(fetched.done() ? null : fetched.position(), fetch.told()),
          sample.envelope(),
          null);
    } catch (MillraceException e) {
      return new Probe.Page(plan.endpoint.method(), answer(), null, null, null, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // the page was read well a moment ago
    }
  }

  /** One page, and a first failure is the last: all other tries are counted as done. */
  private Extractor.Order once(Extractor.Order order) {
    ObjectNode from = Wire.mapper().createObjectNode().put("pages", 0);
    from.putObject("step");
    if (order.position() != null) {
      from = order.position().deepCopy();
    }
    from.put("tries", NO_MORE);
    return order.at(from, 1);
  }

  private Probe.Answer answer() {
    Http.Answer last = http.last();
    if (last == null) {
      return null;
    }
    Map<String, String> limits = new TreeMap<>();
    for (String name : last.headers().names()) {
      String key = name.toLowerCase(Locale.ROOT);
      boolean tells = key.contains("ratelimit") || key.contains("rate-limit");
      if ((tells || key.equals("retry-after")) && limits.size() < MOST_HEADERS) {
        limits.put(shown(key), shown(last.header(name)));
      }
    }
    String type = last.header("Content-Type");
    return new Probe.Answer(
        plan.shown(last.url()),
        last.status(),
        http.millis(),
        last.body().length,
        http.requests(),
        type == null ? null : shown(type),
        limits);
  }

  /**
   * @param json {@code null} after the last page
   */
  private Probe.Way way(JsonNode json, Told told) {
    boolean auto = plan.paginator instanceof Paginator.Auto;
    Position next = json == null ? null : Position.read(json);
    Paginator active = plan.paginator;
    if (auto) {
      active = next == null ? new Paginator.SinglePage() : next.paginator().paginator();
    }
    String type = next == null ? Paging.type(active) : next.paginator().type();
    List<JsonPath> paths = Paging.paths(Paging.written(active));
    return new Probe.Way(
        type,
        auto,
        paths.isEmpty() ? null : paths.get(0).toString(),
        next == null ? null : asked(next.step(), active),
        json,
        told);
  }

  /** How the next page is asked for; what lies in the body of the request is told beside it. */
  private String asked(Step step, Paginator active) {
    okhttp3.HttpUrl from = http.last() == null ? null : http.last().url();
    Step whole = step;
    if (step.url() != null && from != null && from.resolve(step.url()) != null) {
      whole = step.at(from.resolve(step.url()).toString());
    }
    String url = plan.shown(plan.url(whole, active));
    String place = null;
    String value = step.cursor() == null ? String.valueOf(step.number()) : step.cursor();
    if (active instanceof Paginator.Cursor c) {
      place = c.cursorBodyPath();
    } else if (active instanceof Paginator.Offset o) {
      place = o.offsetBodyPath();
    } else if (active instanceof Paginator.PageNumber p) {
      place = p.pageBodyPath();
    } else if (step.body() != null) {
      return url + " with " + shown(step.body().toString());
    }
    return place == null ? url : url + " with " + place + ": " + shown(value);
  }

  private String shown(String text) {
    String line = plan.masked(text).replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() > HEADER_CHARACTERS ? line.substring(0, HEADER_CHARACTERS) + "…" : line;
  }

  /** Takes the page. */
  private static final class Kept implements RawSegmentWriter {
    private RawPage.Format format;
    private byte[] body;
    private List<String> selector;

    @Override
    public void page(
        RawPage.Format format, List<String> selector, String origin, String included, byte[] body) {
      if (this.body == null) {
        this.format = format;
        this.selector = List.copyOf(selector);
        this.body = body;
      }
    }

    @Override
    public void page(
        RawPage.Format format,
        List<String> selector,
        String origin,
        byte[] body,
        int offset,
        int length) {
      page(format, selector, origin, null, Arrays.copyOfRange(body, offset, offset + length));
    }

    @Override
    public void range(RawPage.Format format, List<String> selector, Path file, long from, long to) {
      throw new IllegalStateException("an API has no files");
    }

    @Override
    public long pages() {
      return body == null ? 0 : 1;
    }

    @Override
    public long bytes() {
      return body == null ? 0 : body.length;
    }
  }
}
