package io.millrace.worker.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.asset.AssetKey;
import io.millrace.run.Outcome;
import io.millrace.worker.Backend;
import io.millrace.worker.Logging;
import io.millrace.worker.Opened;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code status}: what each asset does now, or how it ended. */
@CommandLine.Command(
    name = "status",
    description = "Show what runs, waits (for what, until when) and how the rest ended.")
final class StatusCommand extends Command {
  @Parameters(arity = "0..*", paramLabel = "SELECTION", description = "assets (default: all)")
  private List<String> selection = List.of();

  StatusCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    Opened opened = millrace.open();
    millrace.logging(Logging.Volume.QUIET);
    List<AssetKey> assets = opened.select(Wanted.of(selection), null);
    String project = opened.project().name();
    out.document().put("project", project);
    if (millrace.address() != null) {
      try (Backend backend = millrace.connect("show the status")) {
        show(out, assets.stream().map(a -> Live.of(backend, project, a.toString())).toList());
      }
      return 0;
    }
    LastRun last = LastRun.read(opened.folder());
    out.say(
        last.id() == null
            ? "Nothing was run here yet (--address shows what a Temporal server runs)"
            : "As " + last.id() + " left it (--address shows what a Temporal server runs)");
    show(out, assets.stream().map(a -> here(last, a.toString())).toList());
    return 0;
  }

  static Live here(LastRun last, String asset) {
    Outcome outcome =
        last.assets().stream().filter(o -> o.asset().equals(asset)).findFirst().orElse(null);
    return new Live(asset, false, outcome, null, last.id(), null, null);
  }

  private static void show(Output out, List<Live> found) {
    ArrayNode array = out.document().putArray("assets");
    List<List<String>> rows = new ArrayList<>();
    for (Live live : found) {
      describe(array.addObject(), live);
      rows.add(
          List.of(
              live.asset(),
              live.state(),
              live.outcome() == null ? "" : Format.count(Format.sum(live.outcome().rows())),
              live.wakeAt() == null ? "" : live.wakeAt().toString(),
              live.why()));
    }
    out.print(
        Format.table(List.of("asset", "state", "rows", "wakes at", "why"), rows, List.of("rows")));
  }

  /** The same in the document. */
  static void describe(ObjectNode node, Live live) {
    node.put("asset", live.asset())
        .put("state", live.state())
        .put("running", live.running())
        .put("rows", live.outcome() == null ? 0 : Format.sum(live.outcome().rows()))
        .put("wake_at", live.wakeAt() == null ? null : live.wakeAt().toString())
        .put("why", live.why().isEmpty() ? null : live.why())
        .put("run", live.run())
        .put("began", live.began() == null ? null : live.began().toString())
        .put("ended", live.ended() == null ? null : live.ended().toString());
  }
}
