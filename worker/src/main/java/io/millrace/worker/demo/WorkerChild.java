package io.millrace.worker.demo;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A worker in a process of its own, as {@code millrace worker} would be. Thread-safe. */
final class WorkerChild implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 3;

  /** What of the parent's JVM options makes the child start faster or behave the same. */
  private static final List<String> INHERITED =
      List.of(
          "-Xmx",
          "-Xshare:auto",
          "-XX:SharedArchiveFile=",
          "--enable-native-access",
          "--sun-misc-unsafe-memory-access");

  private final Process process;
  private final Path log;
  private final Thread undertaker;
  private volatile boolean expected;

  private WorkerChild(Process process, Path log) {
    this.process = process;
    this.log = log;
    // Ctrl-C and SIGTERM end this process without unwinding it
    this.undertaker = new Thread(process::destroyForcibly, "demo-undertaker");
    Runtime.getRuntime().addShutdownHook(undertaker);
  }

  /**
   * Starts one.
   *
   * @param address of the Temporal server
   * @param project the project's file
   * @param variables what the project looks up in the environment
   * @param log takes what the worker says
   */
  static WorkerChild start(String address, Path project, Map<String, String> variables, Path log) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (INHERITED.stream().anyMatch(option::startsWith)) {
        command.add(option);
      }
    }
    // it lives for seconds: compile quickly rather than well
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(DemoWorker.class.getName(), "worker"));
    command.addAll(List.of("--address", address, "-c", project.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    // the demo's server has none of what the user's shell may say of another one
    builder.environment().keySet().removeIf(name -> name.startsWith("TEMPORAL_"));
    builder.environment().putAll(variables);
    try {
      return new WorkerChild(builder.start(), log);
    } catch (IOException e) {
      throw new MillraceException(
          Failure.INTERNAL, "Cannot start a worker: " + e.getMessage() + ": " + command.get(0), e);
    }
  }

  long pid() {
    return process.pid();
  }

  /** Kills it the hard way (SIGKILL: it cannot even notice) and waits until it is gone. */
  void kill() {
    expected = true;
    process.destroyForcibly();
    waitFor();
  }

  /** Fails when the worker ends by itself; never completes otherwise. */
  CompletableFuture<Object> death() {
    CompletableFuture<Object> death = new CompletableFuture<>();
    process
        .onExit()
        .thenAccept(
            ended -> {
              if (!expected) {
                death.completeExceptionally(
                    new MillraceException(
                        Failure.INTERNAL,
                        "Cannot finish the demo: its worker ended by itself with exit code "
                            + ended.exitValue()
                            + " (it said why in "
                            + log
                            + ")"));
              }
            });
    return death;
  }

  /** Asks it to end, and insists after a while. */
  @Override
  public void close() {
    expected = true;
    process.destroy();
    if (!waitFor()) {
      process.destroyForcibly();
      waitFor();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(undertaker);
    } catch (IllegalStateException e) {
      // shutting down: the hook runs already
    }
  }

  private boolean waitFor() {
    try {
      return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
