package io.millrace.activities.extract.rest;

import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.Probe;
import io.millrace.activities.secret.Secrets;
import io.millrace.activities.staging.RawSegmentWriter;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Reads REST APIs. One instance per process: connections, tokens and the pace of a host are shared
 * by all its fetches.
 *
 * <p>{@code Order.windowStart} is the committed cursor; {@code lag} is applied here. A wait of more
 * than 30 seconds ends the fetch with {@code waitMillis}, also when no page came before it.
 */
public final class RestExtractor implements Extractor {
  private final Caller.Shared shared;
  private final Map<String, Caller.Host> hosts = new ConcurrentHashMap<>();

  public RestExtractor(Secrets secrets) {
    this(secrets, Clock.systemUTC(), Pause.SLEEP);
  }

  /**
   * @param clock for bounds, rate limits and the expiry of tokens
   * @param pause how short waits pass
   */
  public RestExtractor(Secrets secrets, Clock clock, Pause pause) {
    this.shared = new Caller.Shared(new Http(), new Tokens(clock), secrets, clock, pause);
  }

  @Override
  public String type() {
    return "rest_api";
  }

  @Override
  public Fetched fetch(Order order, RawSegmentWriter out, Progress progress) {
    RequestPlan plan = new RequestPlan(order, shared.secrets());
    return new RestFetch(plan, shared, host(plan), order, out, progress).run();
  }

  @Override
  public Probe.Page probe(Order order) {
    RequestPlan plan = new RequestPlan(order, shared.secrets());
    return new RestProbe(plan, shared, host(plan)).run(order);
  }

  private Caller.Host host(RequestPlan plan) {
    return hosts.computeIfAbsent(
        plan.origin.toString(),
        k ->
            new Caller.Host(
                new Pace(shared.clock()),
                new Semaphore(Math.max(1, plan.client.concurrency()), true)));
  }
}
