package io.millrace.worker.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.asset.AssetKey;
import io.millrace.destination.WriteDisposition;
import io.millrace.project.Project;
import io.millrace.worker.Opened;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code assets}: the catalogue. */
@CommandLine.Command(
    name = "assets",
    description = "List the assets: where each comes from and where it lands.")
final class AssetsCommand extends Command {
  @Parameters(arity = "0..*", paramLabel = "SELECTION", description = "assets (default: all)")
  private List<String> selection = List.of();

  @Option(names = "--exclude", paramLabel = "SELECTION", description = "assets to leave out")
  private String exclude;

  AssetsCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    Opened opened = millrace.open();
    Project project = opened.project();
    ArrayNode assets = out.document().put("project", project.name()).putArray("assets");
    List<List<String>> rows = new ArrayList<>();
    for (AssetKey key : opened.select(Wanted.of(selection), exclude)) {
      List<String> upstream =
          opened.graph().upstream(key).stream().map(AssetKey::toString).sorted().toList();
      ObjectNode asset = assets.addObject();
      asset.put("asset", key.toString());
      asset.putArray("upstream").addAll(upstream.stream().map(asset::textNode).toList());
      project
          .locate(key)
          .ifPresent(
              located -> {
                var resource = located.resource();
                var destination = project.destinationOf(resource);
                String write = words(resource.hints().disposition());
                asset
                    .put("kind", located.source().type())
                    .put("write_disposition", write)
                    .put("destination", destination.name())
                    .put("dataset", destination.dataset());
                rows.add(
                    List.of(
                        key.toString(),
                        located.source().type(),
                        write,
                        destination.type() + " " + destination.dataset(),
                        upstream.stream().collect(Collectors.joining(", "))));
              });
    }
    out.print(
        Format.table(List.of("asset", "kind", "write", "lands in", "after"), rows, List.of()));
    return 0;
  }

  private static String words(WriteDisposition write) {
    return write.kind().key()
        + (write.strategy() == null ? "" : " (" + write.strategy().key() + ")");
  }
}
