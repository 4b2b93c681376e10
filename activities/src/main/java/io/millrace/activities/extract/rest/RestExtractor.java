package io.millrace.activities.extract.rest;

import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.Parents;
import io.millrace.activities.extract.Probe;
import io.millrace.activities.secret.Secrets;
import io.millrace.activities.staging.RawSegmentWriter;
import io.millrace.source.Parent;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads REST APIs. One instance per process: connections, tokens and the pace of a host are shared
 * by all its fetches.
 *
 * <p>{@code Order.windowStart} is the committed cursor; {@code lag} is applied here. A wait of more
 * than 30 seconds ends the fetch with {@code waitMillis}, also when no page came before it.
 */
public final class RestExtractor implements Extractor {
  private final Caller.Shared shared;
  private final Leases leases;
  private final Map<String, Crowd> hosts = new ConcurrentHashMap<>();

  /** One for a process that has its limits to itself. */
  public RestExtractor(Secrets secrets) {
    this(secrets, Clock.systemUTC(), Pause.SLEEP);
  }

  /**
   * @param leases of the limits that it shares with other processes
   */
  public RestExtractor(Secrets secrets, Leases leases) {
    this(new Http(), secrets, Clock.systemUTC(), Pause.SLEEP, leases);
  }

  /**
   * @param clock for bounds, rate limits and the expiry of tokens
   * @param pause how short waits pass
   */
  public RestExtractor(Secrets secrets, Clock clock, Pause pause) {
    this(new Http(), secrets, clock, pause, null);
  }

  RestExtractor(Http http, Secrets secrets, Clock clock, Pause pause, Leases leases) {
    this.shared = new Caller.Shared(http, new Tls(), new Tokens(clock), secrets, clock, pause);
    this.leases = leases;
  }

  @Override
  public String type() {
    return "rest_api";
  }

  @Override
  public Fetched fetch(Order order, RawSegmentWriter out, Progress progress) {
    return order.parents() == null
        ? pages(order, out, progress)
        : new Children(order, this::pages, out, progress, shared.clock()).run();
  }

  private Fetched pages(Order order, RawSegmentWriter out, Progress progress) {
    RequestPlan plan = new RequestPlan(order, shared.secrets());
    Crowd crowd = crowd(plan, order);
    Map<String, Long> notes = new ConcurrentHashMap<>();
    Caller.Host host = crowd.host(plan.client.concurrency(), notes);
    if (order.woken()) {
      crowd.wake();
    }
    crowd.joined();
    try {
      return noted(new RestFetch(plan, shared, host, order, out, progress).run(), notes);
    } finally {
      crowd.left();
    }
  }

  @Override
  public Probe.Page probe(Order order) {
    if (order.parents() == null) {
      return probed(order);
    }
    Parent parent = Parent.of(order.resource()).orElseThrow();
    Parents.Window all = order.parents().open(null);
    try (Parents.Rows rows = order.parents().rows(all, null)) {
      Parents.Row first = rows.next();
      Order one =
          Children.of(order, parent, first, order.position(), order.bounds(), order.pagesLeft());
      String included = ParentValues.included(parent, first, Children.name(order));
      return probed(one).including(ParentValues.members(included));
    }
  }

  private Probe.Page probed(Order order) {
    RequestPlan plan = new RequestPlan(order, shared.secrets());
    Caller.Host host =
        crowd(plan, order).host(plan.client.concurrency(), new ConcurrentHashMap<>());
    return new RestProbe(plan, shared, host).run(order);
  }

  private Crowd crowd(RequestPlan plan, Order order) {
    return hosts.computeIfAbsent(plan.origin.toString(), k -> made(plan, order));
  }

  private Crowd made(RequestPlan plan, Order order) {
    String host = plan.origin.host();
    Clock clock = shared.clock();
    Borrowed borrowed =
        leases == null || order.project() == null
            ? null
            : new Borrowed(leases, order.project().name(), host + ":" + plan.origin.port(), clock);
    return new Crowd(host, clock, borrowed);
  }

  private static Fetched noted(Fetched fetched, Map<String, Long> notes) {
    if (notes.isEmpty()) {
      return fetched;
    }
    Map<String, Long> all = new LinkedHashMap<>(fetched.notes());
    notes.forEach((kind, count) -> all.merge(kind, count, Long::sum));
    return new Fetched(
        fetched.position(),
        fetched.done(),
        fetched.unchanged(),
        fetched.requests(),
        fetched.waitMillis(),
        fetched.waitReason(),
        all);
  }
}
