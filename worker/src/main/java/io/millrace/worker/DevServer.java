package io.millrace.worker;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real Temporal server on this machine, with its UI and its database in a file, as a child
 * process. It ends when this is closed, and when this process ends in any way that it can notice.
 */
public final class DevServer implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration FIRST_ANSWER = Duration.ofSeconds(1);
  private static final long STOP_SECONDS = 10;

  private final Process process;
  private final Thread undertaker;
  private final String address;
  private final Path log;

  private DevServer(Process process, String address, Path log) {
    this.process = process;
    this.address = address;
    this.log = log;
    this.undertaker = new Thread(process::destroyForcibly, "temporal-undertaker");
    Runtime.getRuntime().addShutdownHook(undertaker);
  }

  /**
   * Starts it and waits until it answers. {@code TEMPORAL_UNREACHABLE} with the last line that it
   * wrote when it does not.
   *
   * @param folder for its database and its log
   * @param namespace {@code null} for {@code default}
   */
  public static DevServer start(
      Path binary,
      Path folder,
      int port,
      int uiPort,
      String namespace,
      Map<String, String> variables) {
    Path log = folder.resolve("temporal.log");
    try {
      Files.createDirectories(folder);
      ProcessBuilder builder =
          new ProcessBuilder(arguments(binary, folder, port, uiPort, namespace, variables))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      // what the shell says of another server is not meant for this one
      builder.environment().keySet().removeIf(name -> name.startsWith("TEMPORAL_"));
      DevServer server = new DevServer(builder.start(), "127.0.0.1:" + port, log);
      try {
        server.awaitAnswer(namespace);
        return server;
      } catch (RuntimeException e) {
        server.close();
        throw e;
      }
    } catch (IOException e) {
      throw new MillraceException(
          Failure.TEMPORAL_UNREACHABLE,
          "Cannot start Temporal: "
              + e.getMessage()
              + ": "
              + binary
              + " ("
              + TemporalBinary.ADVICE
              + ")",
          e);
    }
  }

  private static List<String> arguments(
      Path binary,
      Path folder,
      int port,
      int uiPort,
      String namespace,
      Map<String, String> variables) {
    List<String> all = new ArrayList<>();
    // a session of its own, so that Ctrl-C on our terminal does not end it before the worker has
    // finished its page
    setsid(variables).ifPresent(setsid -> all.add(setsid.toString()));
    all.addAll(
        List.of(
            binary.toString(), "server", "start-dev", "--ip", "127.0.0.1", "--port", "" + port));
    all.addAll(List.of("--ui-port", "" + uiPort, "--log-level", "error"));
    if (namespace != null) {
      all.addAll(List.of("--namespace", namespace));
    }
    all.addAll(List.of("--db-filename", folder.resolve("temporal.db").toString()));
    all.addAll(
        List.of("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=OFF"));
    SearchAttributes.ALL.forEach(
        (name, type) ->
            all.addAll(
                List.of("--search-attribute", name + "=" + SearchAttributes.typeName(type))));
    // by default it hands out 20 tasks a second: one step each 50 ms
    for (String queue : List.of("transfer", "timer", "visibility")) {
      all.addAll(
          List.of("--dynamic-config-value", "history." + queue + "ProcessorMaxPollRPS=2000"));
    }
    all.addAll(List.of("--dynamic-config-value", "frontend.enableServerVersionCheck=false"));
    all.addAll(List.of("--dynamic-config-value", "frontend.WorkflowPauseEnabled=true"));
    return all;
  }

  private static java.util.Optional<Path> setsid(Map<String, String> variables) {
    return Stream.of(variables.getOrDefault("PATH", "").split(java.io.File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, "setsid"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private void awaitAnswer(String namespace) {
    long deadline = System.nanoTime() + START.toNanos();
    while (true) {
      if (!process.isAlive()) {
        throw new MillraceException(
            Failure.TEMPORAL_UNREACHABLE,
            "Cannot start Temporal: it ended with exit code "
                + process.exitValue()
                + ": "
                + lastWords()
                + " (its log is "
                + log
                + ")");
      }
      try {
        Backend.connect(address, namespace, Map.of(), FIRST_ANSWER).close();
        return;
      } catch (MillraceException e) {
        if (System.nanoTime() > deadline) {
          throw new MillraceException(
              Failure.TEMPORAL_UNREACHABLE,
              "Cannot start Temporal: no answer after "
                  + START.toSeconds()
                  + " s: "
                  + address
                  + " (its log is "
                  + log
                  + ")",
              e);
        }
      }
    }
  }

  private String lastWords() {
    try (Stream<String> lines = Files.lines(log, StandardCharsets.UTF_8)) {
      return lines.filter(line -> !line.isBlank()).reduce((a, b) -> b).orElse("it said nothing");
    } catch (IOException | java.io.UncheckedIOException e) {
      return "it said nothing";
    }
  }

  public String address() {
    return address;
  }

  public long pid() {
    return process.pid();
  }

  /** Ends it as a crash would: nothing is written any more. */
  void kill() {
    process.destroyForcibly();
    close();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(undertaker);
    } catch (IllegalStateException e) {
      // shutting down: the hook runs already
    }
  }
}
