package io.millrace.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.run.Attach;
import io.millrace.run.Carried;
import io.millrace.run.Checkpoint;
import io.millrace.run.Fetch;
import io.millrace.run.Kept;
import io.millrace.run.Load;
import io.millrace.run.Normalize;
import io.millrace.run.Outcome;
import io.millrace.run.Plan;
import io.millrace.run.ReadState;
import io.millrace.run.Segment;
import io.millrace.run.StagedRef;
import io.millrace.run.Wire;
import io.temporal.activity.Activity;
import io.temporal.client.WorkflowClient;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * A source, a staging store and a destination in memory, with the rules of the protocol: first
 * published wins, a load follows its predecessor or starts a higher epoch, a receipt answers for a
 * load that is there already. Records are the numbers of a source's pages, so that a missing or a
 * doubled one shows.
 */
class FakeWorld implements Plan, ReadState, Fetch, Kept, Normalize, Load, Attach {
  /** Runs before or after a step; may throw, block or change the world. */
  interface Hook {
    void run(Segment segment);
  }

  /** What a destination has of an asset. */
  static final class Stored {
    int epoch;
    int seq;
    Checkpoint checkpoint = Checkpoint.START;
    final List<Integer> rows = new ArrayList<>();
    final List<Integer> shadow = new ArrayList<>();

    /** How many rows there were when the window was opened. */
    int before;
  }

  private record Raw(List<Integer> records, Fetch.Result result) {}

  private record Package(List<Integer> records, int schema) {}

  final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  final Map<String, Stored> destination = new ConcurrentHashMap<>();
  final Map<String, String> receipts = new ConcurrentHashMap<>();
  final Map<String, Long> removed = new ConcurrentHashMap<>();
  final Map<String, Integer> pages = new HashMap<>();
  final List<Plan.Step> steps = new ArrayList<>();
  final List<Object> inputs = Collections.synchronizedList(new ArrayList<>());
  int pagesPerSegment = 1;

  /** Raw segments that one answer of {@code kept} names. */
  int keptAtOnce = 2;

  boolean wholeRun;
  int schema = 1;
  WorkflowClient client;
  private final Map<String, Raw> raws = new TreeMap<>();
  private final Map<String, Package> packages = new TreeMap<>();
  private final Map<String, UnaryOperator<Fetch.Result>> edits = new ConcurrentHashMap<>();
  private final Map<String, Hook> before = new ConcurrentHashMap<>();
  private final Map<String, Hook> after = new ConcurrentHashMap<>();

  /** An asset whose source has so many pages of one record. */
  FakeWorld asset(String asset, int sourcePages, String... upstream) {
    pages.put(asset, sourcePages);
    steps.add(new Plan.Step(asset, List.of(upstream), asset + " -> memory"));
    return this;
  }

  /** {@code step} is for example {@code load shop.orders 2}; runs before the step does anything. */
  void before(String step, Hook hook) {
    before.put(step, hook);
  }

  /** Runs when the step is done and before its caller hears of it. */
  void after(String step, Hook hook) {
    after.put(step, hook);
  }

  /** Changes what a fetch answers. */
  void answer(String step, UnaryOperator<Fetch.Result> edit) {
    edits.put(step, edit);
  }

  /** Throws the first so many times. */
  static Hook failing(int times, Failure failure, String message) {
    int[] left = {times};
    return segment -> {
      if (left[0]-- > 0) {
        throw failure(failure, message);
      }
    };
  }

  static ApplicationFailure failure(Failure failure, String message) {
    return failure.retryable()
        ? ApplicationFailure.newFailure(message, failure.name())
        : ApplicationFailure.newNonRetryableFailure(message, failure.name());
  }

  Stored stored(String asset) {
    return destination.computeIfAbsent(asset, a -> new Stored());
  }

  /** What a source with so many pages must have left in the destination. */
  static List<Integer> numbers(int count) {
    List<Integer> out = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      out.add(i);
    }
    return out;
  }

  @Override
  public Plan.Result plan(Plan.Request request) {
    inputs.add(request);
    calls.add("plan " + request.select());
    return new Plan.Result("manifest-1", List.copyOf(steps), List.of());
  }

  @Override
  public synchronized ReadState.Result readState(ReadState.Request request) {
    inputs.add(request);
    calls.add("state " + request.asset());
    Stored stored = stored(request.asset());
    Checkpoint checkpoint = request.refresh() == null ? stored.checkpoint : Checkpoint.START;
    return new ReadState.Result(
        stored.epoch,
        stored.seq,
        checkpoint,
        checkpoint.opened(wholeRun || request.restart()),
        new StagedRef("schema/" + schema, "s"),
        wholeRun);
  }

  @Override
  public Fetch.Result fetch(Fetch.Request request) {
    inputs.add(request);
    Segment segment = request.segment();
    begin("fetch", segment);
    Fetch.Result result;
    synchronized (this) {
      Raw published = raws.get(segment.loadId());
      if (published == null) {
        Carried position = request.from().position();
        int from = position == null ? 0 : position.json().asInt();
        int start = windowStart(request.from());
        int last = pages.get(segment.asset());
        int take = pagesPerSegment;
        if (request.pagesLeft() != null) {
          take = (int) Math.min(take, request.pagesLeft());
        }
        List<Integer> records = new ArrayList<>();
        int at = Math.max(from, start);
        while (at < last && records.size() < take) {
          records.add(++at);
        }
        result =
            new Fetch.Result(
                new StagedRef("raw/" + segment.loadId(), "r"),
                Carried.of(Wire.mapper().getNodeFactory().numberNode(at)),
                at >= last,
                false,
                records.size(),
                Math.max(1, records.size()),
                100L * records.size(),
                0,
                null);
        published = new Raw(records, edit(segment, result));
        raws.put(segment.loadId(), published);
      }
      result = published.result();
    }
    end("fetch", segment);
    return result;
  }

  private Fetch.Result edit(Segment segment, Fetch.Result result) {
    UnaryOperator<Fetch.Result> edit = edits.get("fetch " + segment.asset() + " " + segment.seq());
    return edit == null ? result : edit.apply(result);
  }

  static Fetch.Result waiting(Fetch.Result result, Duration wait, String reason) {
    return new Fetch.Result(
        result.raw(),
        result.position(),
        result.done(),
        false,
        result.pages(),
        result.requests(),
        result.bytes(),
        wait.toMillis(),
        reason);
  }

  static Fetch.Result unchanged(Fetch.Result result) {
    return new Fetch.Result(result.raw(), null, true, true, 0, 1, 0, 0, null);
  }

  @Override
  public synchronized Kept.Result kept(Kept.Request request) {
    inputs.add(request);
    calls.add("kept " + request.asset() + " " + request.skip());
    List<Kept.Raw> all = new ArrayList<>();
    receipts.keySet().stream()
        .sorted()
        .forEach(
            id -> {
              Fetch.Result raw = raws.get(id).result();
              Carried cursor = Carried.of(Wire.mapper().createObjectNode().put("window_start", 0));
              all.add(new Kept.Raw(id, raw.raw(), cursor, raw.done(), raw.pages(), raw.bytes()));
            });
    int end = Math.min(all.size(), request.skip() + keptAtOnce);
    return new Kept.Result(
        Kept.Extent.ALL,
        all.size(),
        new StagedRef("schema/" + schema, "s"),
        all.subList(Math.min(end, request.skip()), end));
  }

  /** Nothing of an earlier load shows before the last of them. */
  private Load.Receipt again(Load.Request request, Package load) {
    Segment segment = request.segment();
    Stored stored = stored(segment.asset());
    boolean there = segment.epoch() == stored.epoch && segment.seq() == stored.seq;
    boolean follows =
        segment.epoch() == stored.epoch && segment.seq() == stored.seq + 1
            || segment.epoch() > stored.epoch && segment.seq() == 1;
    boolean stays =
        request.before().equals(stored.checkpoint) && request.after().equals(stored.checkpoint);
    if (!there && !(follows && stays)) {
      throw failure(
          Failure.LOAD_REFUSED, "Cannot load " + segment.loadId() + ": does not follow the state");
    }
    if (!there) {
      if (segment.seq() == 1) {
        stored.shadow.clear();
      }
      load.records().forEach(record -> stored.shadow.add(record * 10 + load.schema()));
      if (request.finish()) {
        stored.rows.clear();
        stored.rows.addAll(stored.shadow);
        stored.shadow.clear();
      }
      stored.epoch = segment.epoch();
      stored.seq = segment.seq();
    }
    return receipt(segment, load, request, there);
  }

  @Override
  public Normalize.Result normalize(Normalize.Request request) {
    inputs.add(request);
    Segment segment = request.segment();
    begin("normalize", segment);
    Normalize.Result result;
    synchronized (this) {
      Raw raw = raws.get(segment.loadId());
      if (raw == null) {
        throw failure(Failure.STAGING_LOST, "Cannot read raw segment: gone");
      }
      int version = Integer.parseInt(request.schema().path().substring("schema/".length()));
      String path = "load/" + segment.loadId() + "/" + version;
      packages.putIfAbsent(path, new Package(raw.records(), version));
      result =
          new Normalize.Result(
              new StagedRef(path, "p"),
              request.schema(),
              cursor(request.cursor(), raw.records()),
              raw.records().size(),
              0);
    }
    end("normalize", segment);
    return result;
  }

  private static Carried cursor(Carried before, List<Integer> records) {
    ObjectNode cursor =
        before == null ? Wire.mapper().createObjectNode() : ((ObjectNode) before.json()).deepCopy();
    records.forEach(r -> cursor.put("running_max", r));
    return Carried.of(cursor);
  }

  private static int windowStart(Checkpoint from) {
    JsonNode start = from.cursor() == null ? null : from.cursor().json().get("window_start");
    return start == null ? 0 : start.asInt();
  }

  @Override
  public Load.Receipt load(Load.Request request) {
    inputs.add(request);
    Segment segment = request.segment();
    begin("load", segment);
    Load.Receipt receipt = commit(request);
    end("load", segment);
    return receipt;
  }

  private synchronized Load.Receipt commit(Load.Request request) {
    Segment segment = request.segment();
    Package load = packages.get(request.load().path());
    if (load == null) {
      throw failure(Failure.STAGING_LOST, "Cannot read load package: gone");
    }
    if (load.schema() < schema) {
      throw failure(Failure.SCHEMA_MOVED, "Cannot load " + segment.asset() + ": schema moved");
    }
    if (request.renormalized() != null) {
      return again(request, load);
    }
    String digest = load.records().toString();
    Stored stored = stored(segment.asset());
    String there = receipts.get(segment.loadId());
    if (there != null && there.equals(digest)) {
      return receipt(segment, load, request, true);
    }
    boolean follows =
        segment.epoch() == stored.epoch && segment.seq() == stored.seq + 1
            || segment.epoch() > stored.epoch && segment.seq() == 1;
    boolean same = request.refresh() != null || request.before().equals(stored.checkpoint);
    if (there != null || !follows || !same) {
      throw failure(
          Failure.LOAD_REFUSED, "Cannot load " + segment.loadId() + ": does not follow the state");
    }
    if (request.refresh() != null) {
      stored.rows.clear();
    }
    if (stored.checkpoint.done()) {
      stored.before = stored.rows.size();
    }
    if (request.restart()) {
      List<Integer> window = stored.rows.subList(stored.before, stored.rows.size());
      removed.put(segment.loadId(), (long) window.size());
      window.clear();
    }
    if (!wholeRun) {
      stored.rows.addAll(load.records());
    } else {
      if (segment.seq() == 1) {
        stored.shadow.clear();
      }
      stored.shadow.addAll(load.records());
      if (request.finish()) {
        if (!request.unchanged()) {
          stored.rows.clear();
          stored.rows.addAll(stored.shadow);
        }
        stored.shadow.clear();
      }
    }
    stored.epoch = segment.epoch();
    stored.seq = segment.seq();
    stored.checkpoint = request.after();
    receipts.put(segment.loadId(), digest);
    return receipt(segment, load, request, false);
  }

  private Load.Receipt receipt(
      Segment segment, Package load, Load.Request request, boolean replayed) {
    return new Load.Receipt(
        segment.loadId(),
        Map.of("numbers", (long) load.records().size()),
        segment.seq() == 1 ? List.of("new table numbers") : List.of(),
        0,
        request.after(),
        replayed,
        request.restart() ? Map.of("numbers", removed.get(segment.loadId())) : null,
        null);
  }

  /** Everything staged is gone, as after the loss of a disk. */
  synchronized void loseStaging() {
    raws.clear();
    packages.clear();
  }

  @Override
  public Outcome attach(String workflowId) {
    calls.add("attach " + workflowId);
    try {
      return client.newUntypedWorkflowStub(workflowId).getResult(Outcome.class);
    } catch (RuntimeException e) {
      return Outcome.of(workflowId, e);
    }
  }

  private void begin(String step, Segment segment) {
    Activity.getExecutionContext().heartbeat(step);
    String name = step + " " + segment.asset() + " " + segment.seq();
    calls.add(name);
    Hook hook = before.get(name);
    if (hook != null) {
      hook.run(segment);
    }
  }

  private void end(String step, Segment segment) {
    Hook hook = after.get(step + " " + segment.asset() + " " + segment.seq());
    if (hook != null) {
      hook.run(segment);
    }
    calls.add("end " + step + " " + segment.asset() + " " + segment.seq());
  }
}
