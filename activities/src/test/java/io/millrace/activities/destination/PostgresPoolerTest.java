package io.millrace.activities.destination;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.destination.WriteDisposition;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The contract, passed through pgbouncer, which gives each transaction another connection. Its
 * program is {@code MILLRACE_PGBOUNCER}; skipped without.
 */
class PostgresPoolerTest extends DestinationContract {
  private static PostgresServer server;
  private static Process bouncer;
  private static int port;

  private final String dataset = PostgresContractTest.dataset();

  @BeforeAll
  static void start() throws Exception {
    String program = System.getenv().getOrDefault("MILLRACE_PGBOUNCER", "");
    Assumptions.assumeFalse(
        program.isEmpty(), "no pgbouncer: set MILLRACE_PGBOUNCER to its program (.ci/pgbouncer)");
    server = PostgresServer.shared();
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Path folder = server.folder();
    Path users = Files.writeString(folder.resolve("users.txt"), "\"millrace\" \"\"\n");
    Path config =
        Files.writeString(
            folder.resolve("pgbouncer.ini"),
            """
            [databases]
            * = host=127.0.0.1 port=%d
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = %d
            unix_socket_dir =
            auth_type = trust
            auth_file = %s
            pool_mode = transaction
            default_pool_size = 2
            ignore_startup_parameters = extra_float_digits
            """
                .formatted(server.port(), port, users));
    List<String> command = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      command.addAll(
          List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
    }
    command.addAll(List.of(program, config.toString()));
    bouncer =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("pgbouncer.log").toFile())
            .start();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      try {
        DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres", "millrace", "")
            .close();
        return;
      } catch (SQLException e) {
        if (System.nanoTime() > end || !bouncer.isAlive()) {
          throw new IOException(Files.readString(folder.resolve("pgbouncer.log")), e);
        }
        Thread.onSpinWait();
      }
    }
  }

  @AfterAll
  static void end() {
    if (bouncer != null) {
      bouncer.destroy();
    }
  }

  @AfterEach
  void drop() {
    server.execute("DROP SCHEMA IF EXISTS " + PostgresContractTest.quoted(dataset) + " CASCADE");
  }

  @Override
  Loader loader() {
    return server.loader(dataset, Map.of("port", String.valueOf(port)));
  }

  @Override
  List<String> writing() {
    return PostgresContractTest.WRITING;
  }

  @Override
  void deleteState() {
    server.execute("DELETE FROM " + PostgresContractTest.quoted(dataset) + "._mr_state");
  }

  @Override
  void dropTable(String name) {
    server.execute("DROP TABLE " + PostgresContractTest.quoted(dataset) + "." + name);
  }

  @Override
  void foreignTable(String name) {
    String schema = PostgresContractTest.quoted(dataset);
    server.execute("CREATE SCHEMA IF NOT EXISTS " + schema);
    server.execute("CREATE TABLE %s.%s AS SELECT 'hers' AS hers".formatted(schema, name));
  }

  @Test
  void manyShareTwoConnections() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> loads = new ArrayList<>();
      for (String resource : List.of("a", "b", "c", "d")) {
        loads.add(
            pool.submit(
                () -> {
                  TestRun run = new TestRun(loader(), resource + ".orders", WriteDisposition.MERGE);
                  for (int i = 0; i < 5; i++) {
                    run.load(
                        TestPackage.of(resource, "orders")
                            .table(resource, key("id"), text("_mr_load_id"), text("_mr_id"))
                            .row(
                                TestPackage.cells(
                                    "id", (long) i, "_mr_load_id", "l", "_mr_id", "i" + i)));
                  }
                }));
      }
      for (Future<?> load : loads) {
        load.get(60, TimeUnit.SECONDS);
      }
    } finally {
      pool.shutdownNow();
    }
    for (String resource : List.of("a", "b", "c", "d")) {
      assertThat(rows("SELECT count(*) FROM " + resource)).containsExactly(List.of(5L));
    }
  }
}
