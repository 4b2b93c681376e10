package io.millrace.worker;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real Temporal server of its own, with its database in a file, on a free loopback port. It can
 * be killed and started again on the same file. The binary is the one that {@code
 * MILLRACE_TEMPORAL} names; without it tests are skipped and say so, or fail where {@code
 * MILLRACE_REQUIRE_TEMPORAL} is set.
 */
final class RealTemporal implements AutoCloseable {
  private static final List<String> FAST =
      List.of(
          "history.transferProcessorMaxPollRPS=2000",
          "history.timerProcessorMaxPollRPS=2000",
          "history.visibilityProcessorMaxPollRPS=2000",
          "frontend.enableServerVersionCheck=false");

  private final Path binary;
  private final Path folder;
  private final int port;
  private Process process;

  private RealTemporal(Path binary, Path folder, int port) {
    this.binary = binary;
    this.folder = folder;
    this.port = port;
  }

  /** Starts one whose files lie in {@code folder}. */
  static RealTemporal start(Path folder) {
    Path binary = binary();
    for (int attempt = 1; ; attempt++) {
      RealTemporal server = new RealTemporal(binary, folder, freePort());
      try {
        server.startAgain();
        return server;
      } catch (IllegalStateException e) {
        // the port was taken between asking for it and using it
        if (attempt == 3) {
          throw e;
        }
      }
    }
  }

  private static Path binary() {
    String named = System.getenv("MILLRACE_TEMPORAL");
    if (named != null && Files.isExecutable(Path.of(named))) {
      return Path.of(named);
    }
    String how =
        "no real Temporal server: set MILLRACE_TEMPORAL=$(.ci/temporal-server), which builds one with Go";
    if (System.getenv("MILLRACE_REQUIRE_TEMPORAL") != null) {
      return fail(how);
    }
    System.err.println("SKIPPED: " + how);
    return abort(how);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  Path binaryPath() {
    return binary;
  }

  /** Starts the server again on the same port and database; returns when it serves. */
  void startAgain() {
    List<String> command =
        new ArrayList<>(
            List.of(
                binary.toString(),
                "server",
                "start-dev",
                "--ip",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--headless",
                "--log-level",
                "error",
                "--db-filename",
                folder.resolve("temporal.db").toString(),
                "--sqlite-pragma",
                "journal_mode=WAL",
                "--sqlite-pragma",
                "synchronous=OFF"));
    FAST.forEach(
        value -> {
          command.add("--dynamic-config-value");
          command.add(value);
        });
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().keySet().removeIf(name -> name.startsWith("TEMPORAL_"));
      process =
          builder
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(folder.resolve("temporal.log").toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    WorkflowServiceStubs stubs =
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(address()).build());
    try {
      stubs.connect(Duration.ofSeconds(30));
    } catch (RuntimeException e) {
      kill();
      throw new IllegalStateException(
          "the Temporal server did not start; its log is " + folder.resolve("temporal.log"), e);
    } finally {
      stubs.shutdownNow();
    }
  }

  /** Ends the server as a crash would. */
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Runs the Temporal command line against this server and gives what it printed. */
  String cli(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(binary.toString()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--address", address()));
    Process cli = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(cli.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    cli.waitFor(30, TimeUnit.SECONDS);
    return output;
  }

  @Override
  public void close() {
    kill();
  }
}
