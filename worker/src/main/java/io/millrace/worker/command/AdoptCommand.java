package io.millrace.worker.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.DltState;
import io.millrace.activities.destination.Ledger;
import io.millrace.asset.AssetKey;
import io.millrace.destination.Destination;
import io.millrace.project.Project;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import io.millrace.worker.Opened;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code adopt}: goes on where dlt stopped, in the dataset that dlt made. */
@CommandLine.Command(
    name = "adopt",
    description = "Take over a dataset that dlt made: go on with its tables and its cursors.")
final class AdoptCommand extends ChangingCommand {
  private static final String DLT = "_dlt";

  @Option(
      names = "--pipeline",
      paramLabel = "NAME",
      description = "dlt's pipeline whose state is meant (default: the only one)")
  private String pipeline;

  @Option(names = "--dry-run", description = "only show what would be done")
  private boolean dryRun;

  AdoptCommand(Millrace millrace) {
    super(millrace);
  }

  /** What becomes of one asset. */
  private record Taken(AssetKey asset, String tables, JsonNode checkpoint, String note) {}

  @Override
  int run(Output out, Opened opened) {
    Project project = opened.project();
    if (!project.systemNames().prefix().equals(DLT)) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot adopt a dataset of dlt: the project uses other names for its columns: system_prefix is %s (write `system_prefix: _dlt` into the project's file)"
              .formatted(project.systemNames().prefix()));
    }
    Map<Destination, List<Taken>> plan = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    for (Source source : project.sources()) {
      for (Resource resource : source.resources()) {
        Destination destination = project.destinationOf(resource);
        Ledger.Foreign foreign = ledger(destination).foreign(source.name(), pipeline);
        if (foreign.schema() == null) {
          missing.add(source.name() + " (stored: " + String.join(", ", foreign.sources()) + ")");
        } else {
          refuseUnclear(foreign, source);
          plan.computeIfAbsent(destination, d -> new ArrayList<>())
              .add(taken(source, resource, foreign));
        }
      }
    }
    if (plan.isEmpty()) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot adopt a dataset of dlt: no schema of the project's sources is in it: "
              + String.join("; ", missing.stream().distinct().toList())
              + " (name the source as dlt's schema, and check path and dataset of the destination)");
    }
    show(out, plan);
    if (dryRun) {
      out.say("Nothing was changed");
      return 0;
    }
    String what = "adopt the dataset";
    alone(
        opened,
        what,
        () -> {
          refuseRunning(
              opened,
              plan.values().stream().flatMap(List::stream).map(Taken::asset).toList(),
              what);
          confirm(
              out,
              "Take over the dataset and go on from there? dlt should not load into it again.");
          plan.forEach((destination, taken) -> adopt(project, destination, taken));
        });
    out.document().put("adopted", true);
    out.say("Adopted; `millrace run" + millrace.sameProject() + "` goes on from there");
    return 0;
  }

  private void adopt(Project project, Destination destination, List<Taken> taken) {
    Map<String, JsonNode> checkpoints = new LinkedHashMap<>();
    taken.stream()
        .filter(t -> t.checkpoint() != null)
        .forEach(t -> checkpoints.put(t.asset().toString(), t.checkpoint()));
    ledger(destination).adopt(project.name(), checkpoints);
  }

  private static void refuseUnclear(Ledger.Foreign foreign, Source source) {
    if (foreign.pipeline() == null && !foreign.pipelines().isEmpty()) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot adopt a dataset of dlt: which pipeline's state of %s is meant is not clear: %s (name one with --pipeline)"
              .formatted(source.name(), String.join(", ", foreign.pipelines())));
    }
  }

  private static Taken taken(Source source, Resource resource, Ledger.Foreign foreign) {
    AssetKey asset = new AssetKey(source.name(), resource.name());
    String tables =
        String.join(
            ", ",
            foreign.schema().tables().stream()
                .filter(t -> resource.name().equals(t.resource()))
                .map(t -> t.name())
                .toList());
    if (resource.incremental() == null) {
      return new Taken(asset, tables, null, "not incremental: reads all");
    }
    String path = resource.incremental().cursorPath();
    JsonNode cursors =
        foreign.state() == null
            ? null
            : foreign.state().path("resources").path(resource.name()).get("incremental");
    JsonNode checkpoint = DltState.checkpoint(cursors == null ? null : cursors.get(path));
    if (checkpoint != null) {
      return new Taken(asset, tables, checkpoint, words(checkpoint));
    }
    return new Taken(
        asset,
        tables,
        null,
        cursors == null || cursors.isEmpty()
            ? "dlt kept no cursor: begins at initial_value"
            : "dlt's cursor is another (%s): begins at initial_value"
                .formatted(String.join(", ", fields(cursors))));
  }

  private static List<String> fields(JsonNode node) {
    return node.properties().stream().map(Map.Entry::getKey).toList();
  }

  private static void show(Output out, Map<Destination, List<Taken>> plan) {
    out.document().put("adopted", false);
    ArrayNode array = out.document().putArray("assets");
    List<List<String>> rows = new ArrayList<>();
    plan.forEach(
        (destination, all) ->
            all.forEach(
                t -> {
                  ObjectNode node = array.addObject().put("asset", t.asset().toString());
                  node.put("destination", destination.name()).put("dataset", destination.dataset());
                  node.put("tables", t.tables()).put("at", t.note());
                  node.set("checkpoint", t.checkpoint());
                  rows.add(
                      List.of(t.asset().toString(), destination.dataset(), t.tables(), t.note()));
                }));
    out.print(Format.table(List.of("asset", "dataset", "tables", "at"), rows, List.of()));
  }
}
