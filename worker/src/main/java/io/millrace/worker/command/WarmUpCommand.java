package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.worker.Env;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * {@code warm-up}, not shown in the help: loads the classes that the other commands need, so that
 * the launcher can archive them. It lands a file of two records in a folder of its own, with
 * nothing of the user's environment, and removes it: what a run loads is best told by a run.
 */
@CommandLine.Command(
    name = "warm-up",
    hidden = true,
    description = "Load classes for the launcher's archive.")
final class WarmUpCommand extends Command {
  private static final String PROJECT =
      """
      project: warm_up
      destination: {type: duckdb, path: warm_up.duckdb}
      sources:
        files:
          type: filesystem
          bucket_url: .
          resources: [{name: events, file_glob: "*.jsonl", format: jsonl}]
      """;

  private static final String RECORDS =
      """
      {"id": 1, "at": "2026-01-01T00:00:00Z", "in": {"text": "a\\u00e9", "number": 1.5}, "list": [{"a": true}], "plain": [1, 2]}
      {"id": 2, "at": "2026-01-01T00:00:01Z", "in": {"text": "b", "number": null}, "list": [], "plain": [[3]]}
      """;

  WarmUpCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    out.print(millrace.commandLine().getUsageMessage());
    try {
      Path folder = Files.createTempDirectory("millrace-warm-up");
      try {
        Files.writeString(folder.resolve(Millrace.FILE), PROJECT);
        Files.writeString(folder.resolve("records.jsonl"), RECORDS);
        return call(folder, List.of("run", "--quiet"), List.of("tables"));
      } finally {
        remove(folder);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new MillraceException(
          Failure.STAGING_FAILED,
          "Cannot load classes for the archive: no temporary folder: %s (the launcher goes on without it)"
              .formatted(e.getMessage()),
          e);
    }
  }

  /** Each command in turn; the first exit code that is not 0. */
  @SafeVarargs
  private int call(Path folder, List<String>... commands) {
    Env us = env();
    Env alone =
        new Env(us.out(), us.err(), Map.of(), folder, false, us.columns(), us.signals(), us.halt());
    int code = 0;
    for (List<String> command : commands) {
      if (code == 0) {
        code = new Millrace(alone, rooms()).execute(command.toArray(new String[0]));
      }
    }
    return code;
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
