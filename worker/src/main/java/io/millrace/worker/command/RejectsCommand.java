package io.millrace.worker.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.millrace.activities.destination.Ledger;
import io.millrace.asset.AssetKey;
import io.millrace.worker.Opened;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rejects}: what could not be loaded, and why. */
@CommandLine.Command(
    name = "rejects",
    description = "Show what could not be loaded: how often by reason, then the newest.")
final class RejectsCommand extends BooksCommand {
  @Parameters(arity = "0..*", paramLabel = "SELECTION", description = "assets (default: all)")
  private List<String> selection = List.of();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "records at the most, newest first (default: ${DEFAULT-VALUE})",
      defaultValue = "20")
  private int limit;

  RejectsCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out, Opened opened) {
    long total = 0;
    ArrayNode reasons = out.document().putArray("reasons");
    ArrayNode rejects = out.document().putArray("rejects");
    List<List<String>> counted = new ArrayList<>();
    List<List<String>> newest = new ArrayList<>();
    for (var group : byDestination(opened, Wanted.of(selection)).entrySet()) {
      Ledger.Rejects found =
          ledger(group.getKey())
              .rejects(
                  opened.project().name(),
                  group.getValue().stream().map(AssetKey::toString).toList(),
                  Math.max(0, limit));
      total += found.total();
      for (Ledger.Reason reason : found.reasons()) {
        reasons
            .addObject()
            .put("asset", reason.asset())
            .put("reason", reason.reason())
            .put("count", reason.count());
        counted.add(List.of(Format.count(reason.count()), reason.asset(), reason.reason()));
      }
      for (Ledger.Reject reject : found.newest()) {
        rejects
            .addObject()
            .put("asset", reject.asset())
            .put("load_id", reject.loadId())
            .put("table", reject.table())
            .put("path", reject.path())
            .put("reason", reject.reason())
            .put("record", reject.value())
            .put("at", reject.at().toString());
        newest.add(
            Arrays.asList(
                reject.at().toString(),
                reject.asset(),
                reject.path(),
                reject.reason(),
                reject.value()));
      }
    }
    out.document().put("total", total);
    if (total == 0) {
      out.say("Nothing was rejected");
      return 0;
    }
    out.print(Format.table(List.of("count", "asset", "reason"), counted, List.of("count"), WIDEST));
    if (!newest.isEmpty()) {
      out.print("");
      out.print(
          Format.table(List.of("when", "asset", "path", "reason", "record"), newest, List.of()));
    }
    out.say(
        Format.plural(total, "reject")
            + (newest.size() < total ? ", the newest " + newest.size() + " are shown" : ""));
    return 0;
  }

  private static final int WIDEST = 120;
}
