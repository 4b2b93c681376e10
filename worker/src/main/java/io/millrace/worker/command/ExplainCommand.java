package io.millrace.worker.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.Loader;
import io.millrace.asset.AssetKey;
import io.millrace.project.Project;
import io.millrace.worker.Backend;
import io.millrace.worker.Logging;
import io.millrace.worker.Opened;
import io.millrace.worker.Rooms;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code explain}: why an asset runs, waits or is not newer than it is. */
@CommandLine.Command(
    name = "explain",
    description = "Say why an asset runs, waits or is not newer than it is.")
final class ExplainCommand extends Command {
  @Parameters(paramLabel = "ASSET", description = "one asset, for example shop.orders")
  private String asset;

  ExplainCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    Opened opened = millrace.open();
    millrace.logging(Logging.Volume.QUIET);
    List<AssetKey> meant = opened.select(asset, null);
    if (meant.size() != 1) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot explain: one asset is wanted: "
              + asset
              + " means "
              + meant.size()
              + " (`millrace status` shows several)");
    }
    AssetKey key = meant.get(0);
    List<AssetKey> upstream = opened.graph().upstream(key).stream().sorted().toList();
    List<AssetKey> all = new ArrayList<>(upstream);
    all.add(0, key);
    List<Live> found;
    if (millrace.address() == null) {
      LastRun last = LastRun.read(opened.folder());
      found = all.stream().map(a -> StatusCommand.here(last, a.toString())).toList();
    } else {
      try (Backend backend = millrace.connect("explain")) {
        String project = opened.project().name();
        found = all.stream().map(a -> Live.of(backend, project, a.toString())).toList();
      }
    }
    try (Rooms.Engine engine = rooms().engine(opened, env().variables())) {
      out.maskWith(engine::mask);
      Logging.maskWith(engine::mask);
      Loader.Stored stored = stored(opened.project(), key, engine);
      tell(out, found.get(0), found.subList(1, found.size()), stored);
    }
    return 0;
  }

  private static Loader.Stored stored(Project project, AssetKey key, Rooms.Engine engine) {
    Project.Located located = project.locate(key).orElseThrow();
    return engine
        .loader(project.destinationOf(located.resource()))
        .read(project.name(), key.toString(), null, located.source().name(), null);
  }

  private static void tell(Output out, Live live, List<Live> upstream, Loader.Stored stored) {
    ObjectNode document = out.document();
    StatusCommand.describe(document, live);
    ArrayNode before = document.putArray("upstream");
    upstream.forEach(u -> StatusCommand.describe(before.addObject(), u));
    ObjectNode there = document.putObject("destination");
    there.put("epoch", stored.epoch()).put("segment", stored.seq());
    there.set("checkpoint", stored.checkpoint());

    out.print(live.asset() + ": " + now(live));
    if (live.began() != null) {
      out.print("  began " + live.began() + (live.run() == null ? "" : ", in " + live.run()));
    }
    if (live.ended() != null) {
      out.print("  ended " + live.ended());
    }
    if (live.outcome() != null && !live.outcome().rows().isEmpty()) {
      out.print("  committed " + Format.plural(Format.sum(live.outcome().rows()), "row"));
    }
    out.print("  " + window(stored));
    upstream.forEach(u -> out.print("  after " + u.asset() + ": " + now(u)));
  }

  private static String now(Live live) {
    if (live.outcome() == null) {
      return "never ran here, or long ago";
    }
    String why = live.why().isEmpty() ? "" : ": " + live.why();
    if (live.waiting() == null) {
      return (live.running() ? "running, " : "") + live.state() + why;
    }
    return switch (live.waiting().phase()) {
      case "paused" -> "paused (`millrace resume " + live.asset() + "` goes on)";
      case "parked" -> "parked" + why + " (`millrace retry " + live.asset() + "` tries again)";
      default ->
          "waits until " + live.wakeAt() + why + " (`millrace wake " + live.asset() + "` asks now)";
    };
  }

  /** What the destination says, which is the truth. */
  private static String window(Loader.Stored stored) {
    JsonNode checkpoint = stored.checkpoint();
    if (checkpoint == null || checkpoint.isNull() || checkpoint.isEmpty()) {
      return "the destination has nothing of it";
    }
    String cursor =
        checkpoint.path("cursor").isMissingNode() || checkpoint.path("cursor").isNull()
            ? ""
            : ", cursor " + cut(checkpoint.path("cursor").toString());
    return checkpoint.path("done").asBoolean()
        ? "the destination has all of the last run" + cursor
        : "the destination has a part: the next run goes on from there" + cursor;
  }

  private static String cut(String text) {
    return text.length() > 200 ? text.substring(0, 199) + "…" : text;
  }
}
