package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.GraphRun;
import io.millrace.run.Refresh;
import io.millrace.worker.Opened;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code run}: lands the selected assets, here or on a Temporal server, and watches until they have
 * ended.
 */
@CommandLine.Command(
    name = "run",
    description = "Land the selected assets and watch them.",
    footer = {
      "",
      "Ctrl-C stops at the next page (with --address: leaves the run alone), twice stops now."
    })
final class RunCommand extends StartingCommand {
  private static final int SHORTEST_PARALLEL = 1;

  @Parameters(
      arity = "0..*",
      paramLabel = "SELECTION",
      description =
          "assets, for example shop.orders, 'shop.*', +x (with upstream), tag:t (default: all)")
  private List<String> selection = List.of();

  @Option(names = "--exclude", paramLabel = "SELECTION", description = "assets to leave out")
  private String exclude;

  @Option(
      names = "--refresh",
      paramLabel = "MODE",
      converter = RefreshConverter.class,
      description = "forget first: drop_sources, drop_resources or drop_data")
  private Refresh refresh;

  @Option(names = "--full-refresh", description = "the same as --refresh drop_resources")
  private boolean fullRefresh;

  @Option(names = "--limit", paramLabel = "PAGES", description = "pages per asset at the most")
  private Integer limit;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description =
          "assets that work at the same time, those that wait for time or people aside (default: 8)")
  private Integer parallel;

  @Option(
      names = "--on-running",
      paramLabel = "attach|fail",
      description =
          "when it is running already: attach joins that run (without --address: waits for it, then"
              + " shows its result if it did the same to its end, or runs); fail ends with exit code"
              + " 4 (default: attach)")
  private OnRunning onRunning = OnRunning.attach;

  /** The names are what the user types. */
  enum OnRunning {
    attach,
    fail
  }

  RunCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  boolean joins() {
    return onRunning == OnRunning.attach;
  }

  @Override
  String insteadOfWaiting() {
    return "leave out --on-running fail to join it";
  }

  @Override
  GraphRun.Input input(Opened opened) {
    if (refresh != null && fullRefresh && refresh != Refresh.DROP_RESOURCES) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot run: --full-refresh and --refresh "
              + refresh.key()
              + " contradict each other (leave one out)");
    }
    requireAtLeastOne("--limit", limit);
    requireAtLeastOne("--parallel", parallel);
    return new GraphRun.Input(
        opened.project().name(),
        Wanted.of(selection),
        exclude,
        fullRefresh ? Refresh.DROP_RESOURCES : refresh,
        limit,
        parallel,
        opened.manifest(),
        "manual");
  }

  private static void requireAtLeastOne(String option, Integer value) {
    if (value != null && value < SHORTEST_PARALLEL) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot run: "
              + option
              + " must be at least 1: "
              + value
              + " (leave it out for the default)");
    }
  }

  /** Says which modes there are. */
  static final class RefreshConverter implements ITypeConverter<Refresh> {
    @Override
    public Refresh convert(String value) {
      try {
        return Refresh.of(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            "no such mode: " + value + " (drop_sources, drop_resources or drop_data)");
      }
    }
  }
}
