package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.Parents;
import io.millrace.activities.staging.RawSegmentWriter;
import io.millrace.run.Visits;
import io.millrace.source.Parent;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Reads a resource once for each record of its parent: several at the same time, written in the
 * parents' order. What is ahead of its turn waits in memory, a few pages for each of at most {@code
 * concurrency} parents, so memory does not grow with their number. The position is within the first
 * parent that is not done. Used once.
 */
final class Children {
  /** Bytes that a parent ahead of its turn may read before it waits. */
  private static final long AHEAD_BYTES = 4_000_000;

  private static final Extractor.Fetched PASSED_OVER =
      new Extractor.Fetched(null, true, false, 0, 0, null, Map.of("parents_without_field", 1L));

  private final Extractor.Order order;
  private final Parent parent;
  private final Inner inner;
  private final RawSegmentWriter out;
  private final Progress progress;
  private final Clock clock;
  private final int concurrency;
  private final Deque<Visit> ahead = new ArrayDeque<>();
  private Parents.Rows rows;
  private boolean rowsEnded;
  private long visited;
  private long requests;
  private final Map<String, Long> notes = new LinkedHashMap<>();

  /** Reads pages of one parent; called from several threads. */
  interface Inner {
    Extractor.Fetched fetch(Extractor.Order order, RawSegmentWriter out, Progress progress);
  }

  /** A parent whose pages are being read, or wait for their turn. */
  private record Visit(Parents.Row row, Future<Pages> pages) {}

  private record Pages(Extractor.Fetched fetched, HeldPages held, String included) {}

  Children(
      Extractor.Order order, Inner inner, RawSegmentWriter out, Progress progress, Clock clock) {
    this.order = order;
    this.parent = Parent.of(order.resource()).orElseThrow();
    this.inner = inner;
    this.out = out;
    this.progress = progress;
    this.clock = clock;
    int most = ((Source.RestApi) order.source()).client().concurrency();
    // a limit of pages is exact only for one after the other
    this.concurrency = order.pagesLeft() == null ? Math.max(1, most) : 1;
  }

  Extractor.Fetched run() {
    Visits from = position();
    Visits.Mark passed = from == null ? null : from.passed();
    if (from == null || from.to() == null) {
      Parents.Window window = order.parents().open(passed);
      boolean none = window.after().equals(window.to());
      from = new Visits(window.after(), window.to(), null, null);
      if (none) {
        return nothing(from);
      }
    }
    Visits.Mark after = from.passed() == null ? Visits.Mark.NONE : from.passed();
    Parents.Window window = new Parents.Window(after, from.to());
    if (order.resumed()) {
      window = order.parents().resume(window);
      from = new Visits(from.passed(), window.to(), from.at(), from.inner());
    }
    ExecutorService threads =
        Executors.newFixedThreadPool(
            concurrency,
            task -> {
              Thread thread = new Thread(task, "millrace-children");
              thread.setDaemon(true);
              return thread;
            });
    try (Parents.Rows all = order.parents().rows(window, from.at())) {
      rows = all;
      return visit(from, threads);
    } finally {
      end(threads);
    }
  }

  private Visits position() {
    if (order.position() == null || order.position().isNull()) {
      return null;
    }
    Visits visits = Visits.read(order.position());
    if (visits == null) {
      throw new MillraceException(
          Failure.WINDOW_LOST,
          "Cannot resume: the stored position is not one of a resource with a parent: it had none"
              + " when the window was opened");
    }
    return visits;
  }

  /** An incremental parent without news says that nothing is to be replaced. */
  private Extractor.Fetched nothing(Visits window) {
    Resource of = order.source().resource(parent.resource()).orElseThrow();
    return new Extractor.Fetched(
        window.json(), true, of.incremental() != null, 0, 0, null, Map.of("no_parents", 1L));
  }

  private Extractor.Fetched visit(Visits window, ExecutorService threads) {
    long began = clock.millis();
    JsonNode first = window.inner();
    while (true) {
      boolean full = full(began);
      if (full && ahead.isEmpty()) {
        // a parent that is there is where the next segment begins
        Parents.Row next = rows.next();
        return next == null ? done(window) : at(window, next.here(), null, null);
      }
      while (!full && !rowsEnded && ahead.size() < concurrency && room()) {
        Parents.Row row = rows.next();
        rowsEnded = row == null;
        if (row != null) {
          ahead.addLast(start(row, first, threads));
          first = null;
        }
      }
      if (ahead.isEmpty()) {
        if (rowsEnded) {
          return done(window);
        }
        continue;
      }
      Visit head = ahead.removeFirst();
      Pages pages;
      try {
        pages = get(head);
      } catch (MillraceException e) {
        requests += Extractor.Failed.requests(e);
        if (visited == 0) {
          throw new Extractor.Failed(e, requests);
        }
        return at(window, head.row().here(), null, null); // the next segment says it
      }
      Extractor.Fetched fetched = pages.fetched();
      requests += fetched.requests();
      fetched.notes().forEach((kind, count) -> notes.merge(kind, count, Long::sum));
      pages.held().write(pages.included());
      report();
      if (fetched.done()) {
        visited++;
      } else if (fetched.waitMillis() > 0) {
        return at(window, head.row().here(), fetched.position(), fetched);
      } else if (full(began)) {
        return at(window, head.row().here(), fetched.position(), null);
      } else {
        ahead.addFirst(start(head.row(), fetched.position(), threads));
      }
    }
  }

  /** Whether one more parent may begin, when each brings a page. */
  private boolean room() {
    long pages = out.pages() + ahead.size();
    return ahead.isEmpty()
        || pages < order.bounds().pages() && visited + ahead.size() < order.bounds().pages();
  }

  private Visit start(Parents.Row row, JsonNode position, ExecutorService threads) {
    return new Visit(row, threads.submit(() -> read(row, position)));
  }

  private Pages read(Parents.Row row, JsonNode position) {
    if (order.resource().endpoint().skipsParentsWithout() && ParentValues.lacks(parent, row)) {
      return new Pages(PASSED_OVER, new HeldPages(out), null);
    }
    Resource.SegmentBounds bounds = order.bounds();
    long pages = Math.max(1, (bounds.pages() - out.pages()) / concurrency);
    HeldPages held = new HeldPages(out);
    Extractor.Order one =
        of(
            order,
            parent,
            row,
            position,
            new Resource.SegmentBounds(
                Math.min(AHEAD_BYTES, bounds.staged()), (int) pages, bounds.time()),
            order.pagesLeft() == null ? null : Math.max(1, order.pagesLeft() - out.pages()));
    String included = ParentValues.included(parent, row, name());
    return new Pages(inner.fetch(one, held, new Quiet()), held, included);
  }

  /** What is read for one record of the parent. */
  static Extractor.Order of(
      Extractor.Order order,
      Parent parent,
      Parents.Row row,
      JsonNode position,
      Resource.SegmentBounds bounds,
      Long pagesLeft) {
    return new Extractor.Order(
        order.project(),
        order.source(),
        order.resource(),
        order.windowStart(),
        position,
        bounds,
        pagesLeft,
        order.resumed(),
        order.woken(),
        null,
        ParentValues.of(parent, row, name(order)));
  }

  private String name() {
    return name(order);
  }

  static String name(Extractor.Order order) {
    return order.source().name() + "." + order.resource().name();
  }

  private Pages get(Visit visit) {
    try {
      return visit.pages().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MillraceException(
          Failure.CANCELLED, "Cannot read on in " + name() + ": it was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MillraceException m) {
        throw new MillraceException(
            m.failure(), m.getMessage() + ParentValues.shown(parent, visit.row()), m);
      }
      if (e.getCause() instanceof RuntimeException r) {
        throw r;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private Extractor.Fetched at(
      Visits window, Visits.Place place, JsonNode position, Extractor.Fetched wait) {
    JsonNode json = new Visits(window.passed(), window.to(), place, position).json();
    return wait == null
        ? new Extractor.Fetched(json, false, false, requests, 0, null, notes)
        : new Extractor.Fetched(
            json, false, false, requests, wait.waitMillis(), wait.waitReason(), notes);
  }

  private Extractor.Fetched done(Visits window) {
    JsonNode json = new Visits(window.passed(), window.to(), null, null).json();
    return new Extractor.Fetched(json, true, false, requests, 0, null, notes);
  }

  private boolean full(long began) {
    Resource.SegmentBounds bounds = order.bounds();
    return progress.draining()
        || out.pages() >= bounds.pages()
        || visited >= bounds.pages()
        || out.bytes() >= bounds.staged()
        || clock.millis() - began >= bounds.time().toMillis()
        || order.pagesLeft() != null && out.pages() >= order.pagesLeft();
  }

  private void report() {
    progress.report(out.pages(), visited, out.bytes());
  }

  private static void end(ExecutorService threads) {
    threads.shutdownNow();
    try {
      threads.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A parent's part of the step's progress: it lives while all do, and counts with all. */
  private final class Quiet implements Progress {
    @Override
    public void report(long pages, long rows, long bytes) {
      Children.this.report();
    }

    @Override
    public boolean draining() {
      return progress.draining();
    }
  }
}
