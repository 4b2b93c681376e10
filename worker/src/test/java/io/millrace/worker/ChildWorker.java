package io.millrace.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A worker in a JVM of its own, as a company runs it: it can really be killed. */
public final class ChildWorker implements AutoCloseable {
  private final Process process;

  private ChildWorker(Process process) {
    this.process = process;
  }

  /** Starts one that works on the project in {@code project}; its log goes to {@code log}. */
  static ChildWorker start(Path project, String address, Path log, Map<String, String> environment)
      throws IOException {
    return program(log, environment, "worker", "-c", project.toString(), "--address", address);
  }

  /** Starts the command line in a JVM of its own; what it says goes to {@code log}. */
  public static ChildWorker program(Path log, Map<String, String> environment, String... args)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "io.millrace.worker.Main"));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    Process process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return new ChildWorker(process);
  }

  public long pid() {
    return process.pid();
  }

  public boolean alive() {
    return process.isAlive();
  }

  /** The most memory that it ever had resident, in MiB; 0 where the system does not tell. */
  long peakMegabytes() {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  /** Ends it as kill -9 does. */
  void kill() {
    process.destroyForcibly();
    await(10);
  }

  /** Sends it a signal, such as {@code STOP}. */
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, pid() + "").start().waitFor();
  }

  /** Asks it to stop and waits until it has. */
  public int stop() {
    process.destroy();
    return end();
  }

  /** Waits until it has ended; its exit code. */
  public int end() {
    await(120);
    return process.exitValue();
  }

  private void await(int seconds) {
    try {
      process.waitFor(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    kill();
  }
}
