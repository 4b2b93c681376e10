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
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

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
    Map<String, Long> notes = new ConcurrentHashMap<>();
    RequestPlan plan = new RequestPlan(order, shared.secrets());
    return at(
        plan,
        order,
        notes,
        host -> noted(new RestFetch(plan, shared, host, order, out, progress).run(), notes));
  }

  /** Does something with the host, as one of those who read from it. */
  private <T> T at(
      RequestPlan plan, Order order, Map<String, Long> notes, Function<Caller.Host, T> work) {
    Crowd crowd = crowd(plan.origin, order);
    int concurrency = Math.max(1, plan.client.concurrency());
    if (order.woken()) {
      crowd.wake();
    }
    crowd.joined(concurrency);
    try {
      return work.apply(
          new Caller.Host(crowd, url -> crowd(Origin.of(url, List.of()), order).pace, notes));
    } finally {
      crowd.left(concurrency);
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
    crowd(plan.origin, order).wake(); // somebody wants to see what it says now
    return at(
        plan,
        order,
        new ConcurrentHashMap<>(),
        host -> new RestProbe(plan, shared, host).run(order));
  }

  private Crowd crowd(Origin origin, Order order) {
    return hosts.computeIfAbsent(origin.toString(), k -> made(origin, order));
  }

  private Crowd made(Origin origin, Order order) {
    Clock clock = shared.clock();
    Borrowed borrowed =
        leases == null || order.project() == null
            ? null
            : new Borrowed(
                leases, order.project().name(), origin.host() + ":" + origin.port(), clock);
    return new Crowd(origin.host(), clock, borrowed);
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
