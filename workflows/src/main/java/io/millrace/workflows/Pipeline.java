package io.millrace.workflows;

import io.millrace.Failure;
import io.millrace.run.Carried;
import io.millrace.run.Checkpoint;
import io.millrace.run.Fetch;
import io.millrace.run.Kept;
import io.millrace.run.Load;
import io.millrace.run.Normalize;
import io.millrace.run.Outcome;
import io.millrace.run.ReadState;
import io.millrace.run.Refresh;
import io.millrace.run.Renormalize;
import io.millrace.run.Segment;
import io.millrace.run.StagedRef;
import io.millrace.run.Visits;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/**
 * The segments of one epoch: fetch of n+1, normalize of n and load of n-1 run at the same time,
 * each of the three in segment order. A failure at a segment drops it and those after it; those
 * before it are committed.
 *
 * <p>Three workflow threads share the fields without locks: only one of them runs at a time, and
 * they change hands only where a line waits.
 */
final class Pipeline {
  /** Segments that are being fetched, or are fetched and not committed: bounds what is staged. */
  private static final int IN_FLIGHT = 3;

  private static final int SCHEMA_MOVES = 5;

  /**
   * Answers without a page in a row: a source that always says "later", or a position that stays.
   */
  private static final int EMPTY_ANSWERS = 20;

  /** How long a load may go on after a cancellation, so that what commits now is committed. */
  private static final Duration LOAD_GRACE = Duration.ofSeconds(60);

  private static final Duration CANCEL_GRACE = Duration.ofSeconds(5);

  /** How long a step may go on that is not needed any more because of a failure. */
  private static final Duration DROP_GRACE = Duration.ofSeconds(60);

  private static final Map<String, Long> NORMALIZED_AGAIN = Map.of(Renormalize.NOTE, 1L);

  /** What the pipeline needs of the workflow around it. */
  interface Surroundings {
    Segment segment(int seq);

    Promise<ReadState.Result> readState();

    /** More of what earlier loads fetched, behind so many loads. */
    Promise<Kept.Result> kept(int skip);

    /** Whether the next execution should take over after so many segments of this pipeline. */
    boolean full(int fetched);

    /** Whether somebody asked for an end at a segment boundary. */
    boolean stopping();

    void committed();
  }

  /**
   * @param committed what the destination has
   * @param open where the first segment begins
   * @param seq of the newest load of this epoch; 0 for none
   * @param pagesLeft of the run's limit; {@code null} for none
   * @param resumed whether the position was left by a run before, or before something failed
   * @param restart whether the first load removes what the window has in the destination
   * @param kept what earlier loads fetched, which is normalized again; {@code null} to fetch
   * @param remembered the cursor that the segment before left, when {@code kept} goes on
   */
  record Start(
      Checkpoint committed,
      Checkpoint open,
      StagedRef schema,
      int seq,
      Long pagesLeft,
      Refresh refresh,
      boolean resumed,
      boolean restart,
      Kept.Result kept,
      Carried remembered) {}

  /** A fetched segment on its way to the destination. */
  private static final class Work {
    final Segment segment;
    final Fetch.Result fetched;
    final boolean last;

    /** With which an earlier load was normalized; {@code null} for a new one. */
    final Carried cursor;

    Normalize.Result normalized;
    int moved;

    Work(Segment segment, Fetch.Result fetched, boolean last, Carried cursor) {
      this.segment = segment;
      this.fetched = fetched;
      this.last = last;
      this.cursor = cursor;
    }
  }

  private final Surroundings around;
  private final Rests rests;
  private final Tally tally;
  private final Checkpoint open;
  private final Kept.Result kept;
  private final CancellationScope root = CancellationScope.current();
  private final Lane fetching = new Lane();
  private final Lane normalizing = new Lane();
  private final Lane loading = new Lane();
  private final Deque<Work> inFlight = new ArrayDeque<>();

  private int fetchedSeq;
  private Long pagesLeft;
  private boolean resumed;
  private boolean fetchEnded;

  /** {@code null} while it is not known because a sibling moved it. */
  private StagedRef schema;

  private Carried cursor;
  private int schemaMoves;
  private int normalizingSeq;

  private final int firstSeq;
  private int committedSeq;
  private Checkpoint committed;
  private Carried committedCursor;
  private StagedRef committedSchema;
  private Refresh refresh;
  private boolean restart;
  private boolean finished;
  private boolean unchanged;

  private int failedSeq = Integer.MAX_VALUE;
  private TemporalFailure failure;

  Pipeline(Surroundings around, Rests rests, Tally tally, Start start) {
    this.around = around;
    this.rests = rests;
    this.tally = tally;
    this.open = start.open();
    this.kept = start.kept();
    this.schema = start.schema();
    this.committedSchema = schema;
    this.cursor = kept == null ? open.cursor() : start.remembered();
    this.fetchedSeq = start.seq();
    this.pagesLeft = start.pagesLeft();
    this.firstSeq = start.seq();
    this.committedSeq = firstSeq;
    this.committed = start.committed();
    this.committedCursor = cursor;
    this.refresh = start.refresh();
    this.resumed = start.resumed();
    this.restart = start.restart();
  }

  /** Returns when nothing is in flight any more. */
  void run() {
    // The lanes live in a detached scope: a cancellation must not end them before their steps have.
    Workflow.newDetachedCancellationScope(this::lanes).run();
    inFlight.forEach(work -> tally.dropped(work.fetched));
    inFlight.clear();
  }

  /** Whether the last segment of the run is committed. */
  boolean finished() {
    return finished;
  }

  /** Whether the source said that nothing changed. */
  boolean unchanged() {
    return unchanged;
  }

  /** The failure at the earliest segment; {@code null} for none. */
  TemporalFailure failure() {
    return failure;
  }

  /** Of the newest load in this epoch; 0 for none. */
  int committedSeq() {
    return committedSeq;
  }

  boolean committedAny() {
    return committedSeq > firstSeq;
  }

  /** What the newest committed segment left. */
  StagedRef committedSchema() {
    return committedSchema;
  }

  Carried committedCursor() {
    return committedCursor;
  }

  /** What it does now: of several things the one furthest from the destination. */
  String phase() {
    return fetching.busy()
        ? "fetch"
        : normalizing.busy() ? "normalize" : loading.busy() ? "load" : "queued";
  }

  private void lanes() {
    root.getCancellationRequest()
        .thenApply(
            reason -> {
              rests.end();
              fetching.cancelAfter(CANCEL_GRACE);
              normalizing.cancelAfter(CANCEL_GRACE);
              loading.cancelAfter(LOAD_GRACE);
              return reason;
            });
    Promise<Void> normalized = Async.procedure(this::normalizeAll);
    Promise<Void> loaded = Async.procedure(this::loadAll);
    if (kept == null) {
      fetchAll();
    } else {
      keptAll();
    }
    fetchEnded = true;
    Promise.allOf(normalized, loaded).get();
  }

  // ---- fetch: needs the position that the segment before left, and the window's start

  private void fetchAll() {
    Checkpoint from = open;
    int fetched = 0;
    int empty = 0;
    while (true) {
      Workflow.await(() -> inFlight.size() < IN_FLIGHT || halted());
      rests.whilePaused(this::halted);
      if (halted() || around.full(fetched)) {
        return;
      }
      Segment segment = around.segment(fetchedSeq + 1);
      Fetch.Result result = null;
      try {
        result = fetch(segment, from);
      } catch (TemporalFailure e) {
        tally.spent(Problems.requests(e));
        fail(segment.seq(), e);
      }
      if (result == null || failure != null) {
        return;
      }
      fetched++;
      fetchedSeq = segment.seq();
      tally.fetched(result);
      pagesLeft = pagesLeft == null ? null : Math.max(0, pagesLeft - result.pages());
      resumed &= result.pages() == 0;
      boolean last = result.done() || result.unchanged() || Long.valueOf(0).equals(pagesLeft);
      inFlight.addLast(new Work(segment, result, last, null));
      if (last) {
        return;
      }
      boolean went = result.pages() > 0 || Visits.moved(from.position(), result.position());
      empty = went ? 0 : empty + 1;
      if (empty >= EMPTY_ANSWERS) {
        fail(segment.seq() + 1, Problems.noProgress(segment.asset(), empty, result.waitMillis()));
        return;
      }
      from = new Checkpoint(open.cursor(), result.position(), false);
      if (result.waitMillis() > 0) {
        rests.sleep(Duration.ofMillis(result.waitMillis()), result.waitReason(), this::halted);
      }
    }
  }

  // ---- instead of fetch: what earlier loads fetched

  private void keptAll() {
    Deque<Kept.Raw> next = new ArrayDeque<>(kept.next());
    int begun = 0;
    finished = kept.loads() == 0;
    unchanged = finished;
    while (fetchedSeq < kept.loads()) {
      Workflow.await(() -> inFlight.size() < IN_FLIGHT || halted());
      rests.whilePaused(this::halted);
      if (halted() || around.full(begun)) {
        return;
      }
      if (next.isEmpty()) {
        try {
          next.addAll(fetching.run(() -> around.kept(fetchedSeq)).next());
        } catch (TemporalFailure e) {
          fail(fetchedSeq + 1, e);
          return;
        }
      }
      Kept.Raw raw = next.poll();
      if (raw == null) {
        Segment missing = around.segment(fetchedSeq + 1);
        fail(missing.seq(), Problems.fewerLoads(missing.asset(), kept.loads(), fetchedSeq));
        return;
      }
      begun++;
      fetchedSeq++;
      Fetch.Result fetched =
          new Fetch.Result(
              raw.raw(), null, raw.done(), false, raw.pages(), 0, 0, 0, null, NORMALIZED_AGAIN);
      tally.fetched(fetched);
      Segment segment = around.segment(fetchedSeq).of(raw.loadId());
      inFlight.addLast(new Work(segment, fetched, fetchedSeq == kept.loads(), raw.cursor()));
    }
  }

  /** {@code null} when it should end before there was an answer. */
  private Fetch.Result fetch(Segment segment, Checkpoint from) {
    for (int limited = 1; !halted(); limited++) {
      try {
        Fetch.Request request = new Fetch.Request(segment, from, pagesLeft, resumed, rests.woken());
        return fetching.run(() -> Activities.fetch(request));
      } catch (TemporalFailure e) {
        Duration delay = Problems.rateLimit(e, limited);
        if (delay == null || limited >= EMPTY_ANSWERS) {
          throw e;
        }
        rests.sleep(delay, Outcome.Problem.of(e).message(), this::halted);
        rests.whilePaused(this::halted);
      }
    }
    return null;
  }

  // ---- normalize: needs the schema and the cursor that the segment before left

  private void normalizeAll() {
    while (true) {
      Workflow.await(() -> over() || (schema != null && toNormalize() != null));
      if (over()) {
        return;
      }
      Work work = toNormalize();
      int moves = schemaMoves;
      normalizingSeq = work.segment.seq();
      try {
        Normalize.Request request =
            new Normalize.Request(
                work.segment,
                work.fetched.raw(),
                schema,
                kept == null ? cursor : work.cursor,
                work.last,
                kept == null ? null : cursor);
        Normalize.Result result = normalizing.run(() -> Activities.normalize(request));
        if (moves == schemaMoves && inFlight.contains(work)) {
          work.normalized = result;
          schema = result.schema();
          cursor = result.cursor();
        }
      } catch (TemporalFailure e) {
        if (moves == schemaMoves) { // else it was for a schema that is no longer the newest
          fail(work.segment.seq(), e);
        }
      }
      normalizingSeq = 0;
    }
  }

  private Work toNormalize() {
    for (Work work : inFlight) {
      if (work.normalized == null) {
        return work;
      }
    }
    return null;
  }

  // ---- load: each needs the one before it in the destination

  private void loadAll() {
    while (true) {
      Workflow.await(() -> over() || toLoad() != null);
      if (over()) {
        return;
      }
      Work work = toLoad();
      try {
        commit(work);
      } catch (TemporalFailure e) {
        boolean moved = Failure.SCHEMA_MOVED.name().equals(Outcome.Problem.of(e).code());
        // of several loads that wait for their end, those before this one would have to go again
        // too
        if (!moved || kept != null || ++work.moved > SCHEMA_MOVES) {
          fail(work.segment.seq(), e);
        } else {
          normalizeAgain(work);
        }
      }
    }
  }

  private Work toLoad() {
    Work first = inFlight.peekFirst();
    return first == null || first.normalized == null ? null : first;
  }

  private void commit(Work work) {
    // what was fetched before leaves the source where it is
    Checkpoint after =
        kept != null
            ? committed
            : new Checkpoint(
                work.normalized.cursor(), work.fetched.position(), work.fetched.done());
    Load.Request request =
        new Load.Request(
            work.segment,
            work.normalized.load(),
            committed,
            after,
            work.last,
            work.fetched.unchanged(),
            refresh,
            restart,
            work.fetched.requests(),
            work.fetched.bytes(),
            kept == null ? null : kept.extent());
    Load.Receipt receipt = loading.run(() -> Activities.load(request));
    inFlight.removeFirst();
    committed = after;
    committedCursor = work.normalized.cursor();
    committedSchema = work.normalized.schema();
    committedSeq = work.segment.seq();
    refresh = null;
    restart = false;
    finished = work.last;
    unchanged = work.fetched.unchanged();
    tally.committed(receipt, after.cursor());
    tally.noted(work.normalized.notes());
    tally.noted(work.fetched.notes());
    around.committed();
  }

  /** A sibling moved the schema: the same raw segments again, on the newest one. */
  private void normalizeAgain(Work first) {
    schema = null;
    schemaMoves++;
    normalizing.cancelAfter(DROP_GRACE);
    inFlight.forEach(work -> work.normalized = null);
    cursor = committedCursor;
    try {
      schema = loading.run(around::readState).schema();
    } catch (TemporalFailure e) {
      fail(first.segment.seq(), e);
    }
  }

  // ---- ends

  private void fail(int seq, TemporalFailure e) {
    if (seq >= failedSeq) {
      return; // it was stopped because of an earlier one
    }
    failedSeq = seq;
    failure = e;
    while (!inFlight.isEmpty() && inFlight.peekLast().segment.seq() >= seq) {
      tally.dropped(inFlight.removeLast().fetched);
    }
    rests.end();
    fetching.cancelAfter(DROP_GRACE);
    if (normalizingSeq >= seq) {
      normalizing.cancelAfter(DROP_GRACE);
    }
  }

  /** Nothing new is fetched. */
  private boolean halted() {
    return failure != null || around.stopping() || cancelled();
  }

  private boolean cancelled() {
    return root.isCancelRequested();
  }

  /** Nothing is in flight and nothing will come; or what commits now is the last. */
  private boolean over() {
    return cancelled() || (fetchEnded && inFlight.isEmpty());
  }
}
