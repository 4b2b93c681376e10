package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.ASSET;
import static io.millrace.activities.destination.DestinationContract.assertFails;
import static io.millrace.activities.destination.DestinationContract.order;
import static io.millrace.activities.destination.DestinationContract.orders;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.WriteDisposition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that wants TLS and passwords, with a certificate of our own making. */
class PostgresSecureTest {
  @TempDir static Path keys;

  private static PostgresServer server;

  @BeforeAll
  static void start() throws IOException {
    authority("ours");
    authority("other");
    Files.writeString(keys.resolve("names"), "subjectAltName=DNS:localhost");
    openssl("req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr");
    openssl(
        "x509 -req -in server.csr -CA ours.pem -CAkey ours.key -CAcreateserial -days 2 -extfile names -out server.pem");
    server = PostgresServer.of(PostgresServer.newFolder());
    server.stop("fast");
    server.secure(keys.resolve("server.pem"), keys.resolve("server.key"));
    server.start();
    server.execute("CREATE ROLE loader LOGIN PASSWORD 'first password'");
    server.execute("GRANT CREATE ON DATABASE postgres TO loader");
  }

  @AfterAll
  static void end() {
    if (server != null) {
      server.end();
    }
  }

  private static void authority(String name) throws IOException {
    openssl(
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=%s -keyout %s.key -out %s.pem"
            .formatted(name, name, name));
  }

  private static void openssl(String arguments) throws IOException {
    List<String> command = new java.util.ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments.split(" ")));
    try {
      Process process =
          new ProcessBuilder(command).directory(keys.toFile()).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes());
      assertThat(process.waitFor()).as(said).isZero();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      Assumptions.abort("no openssl: " + e.getMessage());
    }
  }

  private Loader loader(String dataset, Map<String, String> more) {
    Map<String, String> options =
        new HashMap<>(
            Map.of(
                "host", "localhost",
                "username", "loader",
                "password", "first password",
                "sslmode", "verify-full",
                "sslrootcert", keys.resolve("ours.pem").toString()));
    options.putAll(more);
    return server.loader(dataset, options);
  }

  private static void load(Loader loader) {
    new TestRun(loader, ASSET, WriteDisposition.APPEND).finish(order(orders(), "l", 1, "a", "x"));
  }

  @Test
  void loadsWhereTheCertificateIsTheServersOwn() {
    Loader loader = loader("secure", Map.of());
    load(loader);
    assertThat(loader.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", 0).rows())
        .containsExactly(List.of(true));
  }

  @Test
  void refusesACertificateOfAnotherAuthority() {
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> load(loader("x", Map.of("sslrootcert", keys.resolve("other.pem").toString()))),
        "Cannot ",
        "cannot be trusted",
        "sslrootcert");
  }

  @Test
  void refusesACertificateOfAnotherHost() {
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> load(loader("x", Map.of("host", "127.0.0.1"))),
        "Cannot ",
        "127.0.0.1",
        "sslrootcert");
  }

  @Test
  void refusesAnAuthorityThatIsNotThere() {
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> load(loader("x", Map.of("sslrootcert", "gone.pem"))),
        "gone.pem",
        "sslrootcert");
  }

  @Test
  void triesAgainWhereNobodyListens() throws IOException {
    int nobody;
    try (java.net.ServerSocket free = new java.net.ServerSocket(0)) {
      nobody = free.getLocalPort();
    }
    assertFails(
        Failure.DESTINATION_UNREACHABLE,
        () -> load(loader("x", Map.of("port", String.valueOf(nobody)))),
        "refused",
        "tried again");
  }

  @Test
  void saysAtOnceThatThePasswordIsWrong() {
    long begin = System.nanoTime();
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> load(loader("x", Map.of("password", "guessed"))),
        "password authentication failed",
        "check username and password");
    assertThat(System.nanoTime() - begin).isLessThan(10_000_000_000L);
  }

  @Test
  void saysThatThePasswordWasChangedInTheMiddleOfARun() {
    server.execute("CREATE ROLE rotated LOGIN PASSWORD 'old one'");
    server.execute("GRANT CREATE ON DATABASE postgres TO rotated");
    Map<String, String> old = Map.of("username", "rotated", "password", "old one");
    TestRun run = new TestRun(loader("rotated", old), ASSET, WriteDisposition.APPEND);
    run.load(order(orders(), "l1", 1, "a"));
    server.execute("ALTER ROLE rotated PASSWORD 'new one'");
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rotated'");
    MillraceException refused = null;
    for (int i = 0; i < 5 && refused == null; i++) {
      try {
        run.finish(order(orders(), "l2", 2, "b"));
      } catch (MillraceException e) {
        refused = e.failure().retryable() ? null : e;
      }
    }
    assertThat(refused).isNotNull();
    assertThat(refused.failure()).isEqualTo(Failure.DESTINATION_REFUSED);
    assertThat(refused.getMessage()).contains("password").doesNotContain("old one");
    Loader renewed = loader("rotated", Map.of("username", "rotated", "password", "new one"));
    new TestRun(renewed, ASSET, WriteDisposition.APPEND).finish(order(orders(), "l3", 2, "b"));
    assertThat(renewed.query("SELECT name FROM orders ORDER BY 1", 0).rows())
        .containsExactly(List.of("a"), List.of("b"));
  }
}
