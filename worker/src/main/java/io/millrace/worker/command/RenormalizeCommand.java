package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.GraphRun;
import io.millrace.run.Renormalize;
import io.millrace.worker.Opened;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code renormalize}: what earlier loads fetched, with the definitions of today. */
@CommandLine.Command(
    name = "renormalize",
    description = {
      "Normalize what earlier loads fetched once more, with today's hints, contracts and naming.",
      "Nothing is fetched: the raw pages that staging.keep keeps are read. The rows of those loads"
          + " are replaced in one transaction at the end; the cursor stays where it is."
    })
final class RenormalizeCommand extends StartingCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "SELECTION",
      description = "assets, for example shop.orders or 'shop.*'")
  private List<String> selection = List.of();

  @Option(names = "--exclude", paramLabel = "SELECTION", description = "assets to leave out")
  private String exclude;

  @Option(
      names = "--from",
      paramLabel = "LOAD_ID",
      description =
          "this load and those behind it (`millrace state history` lists them; default: all)")
  private String from;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "loads of that time and later, for example 2026-01-31T00:00:00Z")
  private String since;

  RenormalizeCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  GraphRun.Input input(Opened opened) {
    refuseNoTime();
    String wanted = Wanted.of(selection);
    int assets = opened.select(wanted, exclude).size();
    if (from != null && assets > 1) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot renormalize: a load belongs to one asset, and %s means %d: --from %s (name the asset, or use --since)"
              .formatted(wanted, assets, from));
    }
    return new GraphRun.Input(
        opened.project().name(),
        wanted,
        exclude,
        null,
        null,
        null,
        opened.manifest(),
        "manual",
        new Renormalize(from, since));
  }

  private void refuseNoTime() {
    try {
      if (since != null) {
        Instant.parse(since);
      }
    } catch (DateTimeParseException e) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot renormalize: this is no time: --since %s (for example 2026-01-31T00:00:00Z)"
              .formatted(since),
          e);
    }
  }

  @Override
  boolean joins() {
    return false; // what runs fetches
  }

  @Override
  String insteadOfWaiting() {
    return null;
  }
}
