package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.run.Quota;
import io.millrace.source.Client;
import io.millrace.worker.Backend;
import io.millrace.worker.RealServer;
import io.millrace.worker.TemporalLeases;
import io.millrace.worker.WorkerProcess;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three that share one limit by a real Temporal server, each with a pace and a lease of its own.
 */
@Timeout(120)
@SuppressWarnings("try") // the worker is held, not used
class SharedPaceTest {
  private static final int REQUESTS = 20;
  private static final int EACH = 30;
  private static final Duration PER = Duration.ofSeconds(2);

  /** A thread of this test may be held up between its turn and its mark in the host's book. */
  private static final long HELD_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Map<String, Integer> waits = new ConcurrentHashMap<>();

  @Test
  void threeWorkersNeverExceedTheLimitOfTheirHost() throws Exception {
    String queue = "quota-" + UUID.randomUUID();
    String project = "p" + UUID.randomUUID().toString().substring(0, 8);
    List<Long> seen = Collections.synchronizedList(new ArrayList<>());
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try (Backend backend = Backend.connect(RealServer.address(), null, Map.of());
        WorkerProcess worker =
            new WorkerProcess(backend, queue, 2, List.of(new Object[0]), () -> {})) {
      long began = System.nanoTime();
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Leases leases = new TemporalLeases(backend.client(), queue);
        Clock clock = Clock.systemUTC();
        Pace pace = new Pace("x", clock, new Borrowed(leases, project, "x:443", clock));
        ends.add(
            threads.submit(
                () -> {
                  for (int request = 0; request < EACH; request++) {
                    turn(pace);
                    seen.add(System.nanoTime());
                  }
                  pace.rest();
                  return null;
                }));
      }
      for (Future<?> end : ends) {
        try {
          end.get(80, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
          throw new AssertionError(seen.size() + " were sent; waits: " + waits, e);
        }
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      seen.sort(null);
      assertThat(seen).hasSize(3 * EACH);
      for (int i = 0; i + REQUESTS < seen.size(); i++) {
        assertThat(seen.get(i + REQUESTS) - seen.get(i))
            .as("request %d of %d, %.1f s in all", i, seen.size(), seconds)
            .isGreaterThanOrEqualTo(PER.toNanos() - HELD_UP_NANOS);
      }
      assertThat(backend.client().fetchHistory(Quota.id(project, "x:443")).getEvents().size())
          .as("asked for in bulk")
          .isLessThan(400);
      backend
          .client()
          .newUntypedWorkflowStub(Quota.id(project, "x:443"))
          .terminate("the test is over");
    } finally {
      threads.shutdownNow();
    }
  }

  private void turn(Pace pace) throws InterruptedException {
    List<Client.RateLimit> limits = List.of(new Client.RateLimit(REQUESTS, PER));
    for (Pace.Wait wait = pace.take(limits); wait.millis() > 0; wait = pace.take(limits)) {
      waits.merge(wait.why(), 1, Integer::sum);
      TimeUnit.MILLISECONDS.sleep(wait.millis());
    }
  }
}
