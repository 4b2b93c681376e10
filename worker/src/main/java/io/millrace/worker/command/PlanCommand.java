package io.millrace.worker.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.activities.destination.Loader;
import io.millrace.asset.AssetKey;
import io.millrace.destination.Destination;
import io.millrace.project.Project;
import io.millrace.schema.TableSchema;
import io.millrace.source.Parent;
import io.millrace.source.Source;
import io.millrace.worker.Logging;
import io.millrace.worker.Opened;
import io.millrace.worker.Rooms;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code plan}: what a run would do. Reads the destination and starts nothing. */
@CommandLine.Command(name = "plan", description = "Show what a run would do, and start nothing.")
final class PlanCommand extends Command {
  private static final int CHANGES = 10;
  private static final String AGAIN = "the beginning, again";

  @Parameters(arity = "0..*", paramLabel = "SELECTION", description = "assets (default: all)")
  private List<String> selection = List.of();

  @Option(names = "--exclude", paramLabel = "SELECTION", description = "assets to leave out")
  private String exclude;

  @Option(names = "--detailed-exitcode", description = "exit with 10 when tables would be made")
  private boolean detailed;

  PlanCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    Opened opened = millrace.open(out);
    Project project = opened.project();
    List<AssetKey> assets = opened.select(Wanted.of(selection), exclude);
    millrace.logging(Logging.Volume.QUIET);
    out.document().put("project", project.name());
    ArrayNode steps = out.document().putArray("assets");
    List<List<String>> rows = new ArrayList<>();
    boolean changes = false;
    try (Rooms.Engine engine = rooms().engine(opened, env().variables())) {
      out.maskWith(engine::mask);
      Set<AssetKey> planned = new HashSet<>(assets);
      for (AssetKey asset : assets) {
        Project.Located located = project.locate(asset).orElse(null);
        if (located == null) {
          continue;
        }
        Destination destination = project.destinationOf(located.resource());
        Loader.Stored stored =
            engine
                .loader(destination)
                .read(project.name(), asset.toString(), null, located.source().name(), null);
        List<String> upstream =
            opened.graph().upstream(asset).stream()
                .filter(planned::contains)
                .map(AssetKey::toString)
                .sorted()
                .toList();
        List<TableSchema> tables = tablesOf(stored, located.resource().name());
        String from = from(located, stored.checkpoint());
        changes |= tables.isEmpty();

        ObjectNode step = steps.addObject();
        step.put("asset", asset.toString());
        step.putArray("upstream").addAll(upstream.stream().map(step::textNode).toList());
        step.put("destination", destination.name()).put("dataset", destination.dataset());
        step.set("checkpoint", stored.checkpoint() == null ? step.nullNode() : stored.checkpoint());
        step.put("new", tables.isEmpty());
        ArrayNode known = step.putArray("tables");
        for (TableSchema table : tables) {
          ObjectNode node = known.addObject().put("table", table.name());
          ArrayNode columns = node.putArray("columns");
          table
              .completeColumns()
              .forEach(
                  c ->
                      columns
                          .addObject()
                          .put("name", c.name())
                          .put("type", c.type().key())
                          .put("nullable", c.acceptsNull()));
        }
        rows.add(
            List.of(
                asset.toString(),
                String.join(", ", upstream),
                from,
                tables.isEmpty()
                    ? "to be made from the data"
                    : tables.stream()
                        .map(
                            t ->
                                t.name()
                                    + " ("
                                    + Format.plural(t.completeColumns().size(), "column")
                                    + ")")
                        .collect(Collectors.joining(", "))));
      }
    }
    out.print(Format.table(List.of("asset", "after", "from", "tables"), rows, List.of()));
    out.say(Format.plural(rows.size(), "asset") + " would run, in this order; nothing was started");
    return detailed && changes ? CHANGES : 0;
  }

  /** The resource's root tables and all that hangs from them. */
  private static List<TableSchema> tablesOf(Loader.Stored stored, String resource) {
    Set<String> ours = new HashSet<>();
    List<TableSchema> tables = new ArrayList<>();
    boolean more = true;
    while (more) {
      more = false;
      for (TableSchema table : stored.schema().tables()) {
        boolean mine =
            table.parent() == null
                ? resource.equals(table.resource())
                : ours.contains(table.parent());
        if (mine && !table.completeColumns().isEmpty() && ours.add(table.name())) {
          tables.add(table);
          more = true;
        }
      }
    }
    return tables;
  }

  private static String from(Project.Located located, JsonNode checkpoint) {
    String from = cursor(checkpoint);
    Source source = located.source();
    Parent parent = Parent.of(located.resource()).orElse(null);
    if (parent != null && (from.equals(AGAIN) || from.equals("the beginning"))) {
      return "each of " + source.name() + "." + parent.resource();
    }
    return from.equals(AGAIN) && source instanceof Source.Filesystem ? "every file, again" : from;
  }

  private static String cursor(JsonNode checkpoint) {
    if (checkpoint == null) {
      return "the beginning";
    }
    JsonNode cursor = checkpoint.at("/cursor/running_max");
    String at =
        cursor.isMissingNode() || cursor.isNull()
            ? ""
            : cursor.isTextual() ? cursor.asText() : cursor.toString();
    boolean open = checkpoint.has("done") && !checkpoint.get("done").asBoolean();
    return open
        ? "an interrupted run" + (at.isEmpty() ? "" : " at " + at)
        : at.isEmpty() ? AGAIN : at;
  }

  /** Planning may exit with {@value #CHANGES} and is still fine. */
  @Override
  boolean fine(int code) {
    return code == 0 || code == CHANGES;
  }
}
