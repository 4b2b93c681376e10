package io.millrace.activities.extract.rest;

import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.secret.Secrets;
import io.millrace.activities.staging.RawSegmentWriter;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

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

  /** A host and how many fetches read from it now. */
  private static final class Crowd {
    final Pace pace;
    final Semaphore places;
    final Retries retries;
    final Circuit circuit;
    final AtomicInteger fetches = new AtomicInteger();

    Crowd(Pace pace, int places, Retries retries, Circuit circuit) {
      this.pace = pace;
      this.places = new Semaphore(Math.max(1, places), true);
      this.retries = retries;
      this.circuit = circuit;
    }
  }

  /** One for a process that has its limits to itself. */
  public RestExtractor(Secrets secrets) {
    this(secrets, Clock.systemUTC(), Pause.SLEEP);
  }

  /**
   * @param leases of the limits that it shares with other processes
   */
  public RestExtractor(Secrets secrets, Leases leases) {
    this(secrets, Clock.systemUTC(), Pause.SLEEP, leases);
  }

  /**
   * @param clock for bounds, rate limits and the expiry of tokens
   * @param pause how short waits pass
   */
  public RestExtractor(Secrets secrets, Clock clock, Pause pause) {
    this(secrets, clock, pause, null);
  }

  RestExtractor(Secrets secrets, Clock clock, Pause pause, Leases leases) {
    this.shared = new Caller.Shared(new Http(), new Tokens(clock), secrets, clock, pause);
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
    Crowd crowd = hosts.computeIfAbsent(plan.origin.toString(), k -> crowd(plan, order));
    Map<String, Long> notes = new ConcurrentHashMap<>();
    Caller.Host host =
        new Caller.Host(crowd.pace, crowd.places, crowd.retries, crowd.circuit, notes);
    if (order.woken()) {
      crowd.pace.wake();
      crowd.circuit.wake();
    }
    crowd.fetches.incrementAndGet();
    try {
      return noted(new RestFetch(plan, shared, host, order, out, progress).run(), notes);
    } finally {
      if (crowd.fetches.decrementAndGet() == 0) {
        crowd.pace.rest();
      }
    }
  }

  private Crowd crowd(RequestPlan plan, Order order) {
    String host = plan.origin.host();
    Clock clock = shared.clock();
    Borrowed borrowed =
        leases == null || order.project() == null
            ? null
            : new Borrowed(leases, order.project().name(), host + ":" + plan.origin.port(), clock);
    return new Crowd(
        new Pace(host, clock, borrowed),
        plan.client.concurrency(),
        new Retries(clock),
        new Circuit(host, clock));
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
