package io.millrace.worker.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.activities.destination.Ledger;
import io.millrace.asset.AssetKey;
import io.millrace.destination.Destination;
import io.millrace.worker.Opened;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code state}: how far the assets are, how they came there, and moving them. */
final class StateCommand {
  private StateCommand() {}

  static CommandLine group(Millrace millrace) {
    return Group.of(
        "state",
        "Show how far each asset is, and move it.",
        List.of(
            new Show(millrace),
            new History(millrace),
            new CorrectCommand.Set(millrace),
            new CorrectCommand.Reset(millrace),
            new CorrectCommand.Rewind(millrace)));
  }

  /** {@code state show}. */
  @CommandLine.Command(name = "show", description = "Show how far each asset is.")
  static final class Show extends BooksCommand {
    @Parameters(arity = "0..*", paramLabel = "SELECTION", description = "assets (default: all)")
    private List<String> selection = List.of();

    Show(Millrace millrace) {
      super(millrace);
    }

    @Override
    int run(Output out, Opened opened) {
      ArrayNode array = out.document().putArray("states");
      List<List<String>> rows = new ArrayList<>();
      byDestination(opened, Wanted.of(selection))
          .forEach((destination, assets) -> show(opened, destination, assets, array, rows));
      out.print(
          Format.table(
              List.of("asset", "at", "epoch", "segment", "last load", "when"),
              rows,
              List.of("epoch", "segment")));
      return 0;
    }

    private void show(
        Opened opened,
        Destination destination,
        List<AssetKey> assets,
        ArrayNode array,
        List<List<String>> rows) {
      Map<String, List<Ledger.State>> states =
          ledger(destination).states(opened.project().name()).stream()
              .collect(Collectors.groupingBy(Ledger.State::asset));
      Set<String> all = new TreeSet<>();
      assets.forEach(a -> all.add(a.toString()));
      for (String asset : all) {
        Ledger.State never = new Ledger.State(asset, null, 0, 0, null, false, null, null);
        for (Ledger.State state : states.getOrDefault(asset, List.of(never))) {
          String words =
              (state.at() == null ? "never loaded" : words(state.checkpoint()))
                  + (state.open() ? ", not applied yet" : "");
          String at = state.at() == null ? null : state.at().toString();
          ObjectNode node = array.addObject().put("asset", asset);
          node.put("partition", state.partition())
              .put("destination", destination.name())
              .put("at", words)
              .put("epoch", state.epoch())
              .put("segment", state.segment());
          node.set("checkpoint", state.checkpoint());
          node.put("open", state.open()).put("load_id", state.loadId()).put("updated_at", at);
          rows.add(
              java.util.Arrays.asList(
                  asset + (state.partition() == null ? "" : "@" + state.partition()),
                  words,
                  String.valueOf(state.epoch()),
                  String.valueOf(state.segment()),
                  state.loadId(),
                  at));
        }
      }
    }
  }

  /** {@code state history}. */
  @CommandLine.Command(
      name = "history",
      description = "List the loads of an asset and what was corrected by hand, newest first.")
  static final class History extends BooksCommand {
    @Parameters(paramLabel = "ASSET", description = "one asset, for example shop.orders")
    private String asset;

    @Option(
        names = "--limit",
        paramLabel = "N",
        description = "loads at the most (default: ${DEFAULT-VALUE})",
        defaultValue = "50")
    private int limit;

    History(Millrace millrace) {
      super(millrace);
    }

    @Override
    int run(Output out, Opened opened) {
      AssetKey key = one(opened, asset);
      List<Ledger.Event> events =
          ledger(opened, key).history(opened.project().name(), key.toString(), Math.max(1, limit));
      out.document().put("asset", key.toString());
      ArrayNode array = out.document().putArray("history");
      List<List<String>> rows = new ArrayList<>();
      for (Ledger.Event event : events) {
        json(array.addObject(), event);
        rows.add(
            java.util.Arrays.asList(
                event.at().toString(),
                event.deed(),
                event.loadId(),
                event.runId() == null ? "" : Format.count(Format.sum(event.rows())),
                event.removed() == null ? "" : Format.count(Format.sum(event.removed())),
                Format.count(event.rejected()),
                words(event.after())));
      }
      if (events.isEmpty()) {
        out.say(
            "Nothing of it was loaded yet (`millrace run" + millrace.sameProject() + "` does it)");
      } else {
        out.print(
            Format.table(
                List.of("when", "what", "load", "rows", "removed", "rejected", "then at"),
                rows,
                List.of("rows", "removed", "rejected")));
      }
      return 0;
    }

    private static void json(ObjectNode node, Ledger.Event event) {
      node.put("what", event.deed())
          .put("load_id", event.loadId())
          .put("run", event.runId())
          .put("epoch", event.epoch())
          .put("segment", event.segment());
      counts(node, "rows", event.rows());
      counts(node, "removed", event.removed());
      ArrayNode changes = node.putArray("schema_changes");
      event.schemaChanges().forEach(changes::add);
      node.put("rejected", event.rejected())
          .put("bytes", event.bytes())
          .put("requests", event.requests());
      node.set("checkpoint_before", event.before());
      node.set("checkpoint_after", event.after());
      node.put("at", event.at().toString());
    }
  }
}
