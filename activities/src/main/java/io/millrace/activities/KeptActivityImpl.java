package io.millrace.activities;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.Fence;
import io.millrace.activities.destination.Ledger;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.staging.Published;
import io.millrace.activities.staging.Staging;
import io.millrace.project.Project;
import io.millrace.run.Checkpoint;
import io.millrace.run.Kept;
import io.millrace.run.Refresh;
import io.millrace.run.Wire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Puts the loads that the destination has beside the raw pages that staging has. All of them must
 * be there before the first is normalized.
 */
final class KeptActivityImpl extends StepActivityImpl implements Kept {
  /** Of what one answer says of loads, which may have long cursors. */
  private static final int PAGE_BYTES = Wire.MAX_PAYLOAD_BYTES / 2;

  KeptActivityImpl(Engine engine) {
    super(engine);
  }

  @Override
  public Result kept(Request request) {
    return step(request.asset(), null, progress -> kept(request, progress));
  }

  Result kept(Request request, Progress progress) {
    Staging staging = engine.staging();
    Project project = engine.definitions().project(request.project(), request.manifest());
    Project.Located located = Definitions.locate(project, request.asset());
    boolean wholeRun = Engine.wholeRun(located.resource());
    Loader loader = engine.loader(project, located.resource());
    Ledger.Past past =
        loader
            .ledger()
            .past(
                new Ledger.Choice(
                    project.name(),
                    request.asset(),
                    located.source().name(),
                    located.resource().hints().disposition(),
                    wholeRun,
                    request.renormalize()));
    List<Published> raw = new ArrayList<>();
    for (Ledger.PastLoad load : past.loads()) {
      raw.add(raw(request.asset(), load));
      // the keep of all begins anew: the last may have its turn in hours
      staging.loaded(request.asset(), load.loadId(), Instant.now());
    }
    refuseGone(request.asset(), past.loads(), raw);
    // anew: what was in the tables does not count
    Loader.Stored stored =
        loader.read(
            project.name(),
            request.asset(),
            request.partition(),
            located.source().name(),
            past.extent() == Extent.ALL ? Refresh.DROP_RESOURCES : null);
    Map<String, String> keys =
        loader
            .read(
                project.name(), request.asset(), request.partition(), located.source().name(), null)
            .keys();
    List<Raw> next = new ArrayList<>();
    int bytes = 0;
    for (int i = request.skip();
        i < past.loads().size() && next.size() < PAGE && bytes < PAGE_BYTES;
        i++) {
      Ledger.PastLoad load = past.loads().get(i);
      Checkpoint from =
          Checkpoints.opened(
              Checkpoints.inline(before(request.asset(), load, keys)),
              located.resource(),
              load.first() && (wholeRun || load.again()));
      JsonNode body = raw.get(i).body();
      Raw one =
          new Raw(
              load.loadId(),
              raw.get(i).ref(),
              Checkpoints.carry(from, staging).cursor(),
              body.path("done").asBoolean(),
              body.path("pages").asLong(),
              body.path("bytes").asLong());
      next.add(one);
      bytes += Wire.bytes(one);
    }
    return new Result(
        past.extent(),
        past.loads().size(),
        staging.document(SchemaFile.bytes(stored.schema())),
        next);
  }

  /** The raw segment that the load was made of; {@code null} when it is gone. */
  private Published raw(String asset, Ledger.PastLoad load) {
    JsonNode end = end(load.after().path("position"), load.after().path("done").asBoolean());
    return engine.staging().raw(asset, load.loadId()).stream()
        .filter(raw -> ends(raw.body(), end))
        .findFirst()
        .orElse(null);
  }

  /** Whether a fetch ended where the load went on. A run with a limit may end before its end. */
  private static boolean ends(JsonNode body, JsonNode end) {
    return Fence.same(end(body.path("position"), body.path("done").asBoolean()), end);
  }

  private static JsonNode end(JsonNode position, boolean done) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("done", done)
        .set("position", position.isMissingNode() ? null : position);
  }

  private static void refuseGone(String asset, List<Ledger.PastLoad> loads, List<Published> raw) {
    int last = raw.lastIndexOf(null);
    if (last < 0) {
      return;
    }
    long gone = raw.stream().filter(r -> r == null).count();
    String instead =
        last + 1 < loads.size()
            ? "choose those behind it with --from %s, or ".formatted(loads.get(last + 1).loadId())
            : "";
    throw new MillraceException(
        Failure.POLICY_REFUSED,
        "Cannot renormalize %s: the raw pages of %d of %d loads are not kept any more, the newest of them is %s (%sfetch it again with --refresh drop_data; staging.keep says how long raw pages are kept)"
            .formatted(asset, gone, loads.size(), loads.get(last).loadId(), instead));
  }

  private static JsonNode before(String asset, Ledger.PastLoad load, Map<String, String> keys) {
    try {
      return Spill.in(load.before(), keys);
    } catch (MillraceException e) {
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot renormalize %s: more than a thousand records were at the cursor's boundary when load %s began, and what tells them apart is gone (choose a later load with --from)"
              .formatted(asset, load.loadId()),
          e);
    }
  }
}
