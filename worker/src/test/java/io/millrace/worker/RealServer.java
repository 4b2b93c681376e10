package io.millrace.worker;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * One real Temporal server for all tests of this JVM; it ends with the JVM. Where there is no
 * {@code temporal} program the test is skipped, loudly; with {@code MILLRACE_REQUIRE_TEMPORAL} it
 * fails.
 */
public final class RealServer {
  private static DevServer server;

  private RealServer() {}

  /** Its address. */
  public static synchronized String address() {
    if (server == null) {
      try {
        Path folder = Files.createTempDirectory("millrace-temporal");
        server =
            DevServer.start(
                binary(),
                folder,
                EmbeddedTemporal.freePort(),
                EmbeddedTemporal.freePort(),
                null,
                System.getenv());
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
    return server.address();
  }

  /** Temporal's program. */
  public static Path binary() {
    Optional<Path> binary = TemporalBinary.find(env());
    if (binary.isEmpty()) {
      String why = "There is no `temporal` program on this machine: " + TemporalBinary.ADVICE;
      if (System.getenv("MILLRACE_REQUIRE_TEMPORAL") != null) {
        fail(why);
      }
      System.err.println("SKIPPED, a test against a real Temporal server. " + why);
      abort(why);
    }
    return binary.orElseThrow();
  }

  private static Env env() {
    Map<String, String> variables = System.getenv();
    return new Env(
        System.out,
        System.err,
        variables,
        Path.of("").toAbsolutePath(),
        false,
        100,
        Signals.NONE,
        code -> {});
  }
}
