package io.millrace.activities.destination;

import io.millrace.destination.Destination;
import io.millrace.destination.SystemNames;
import io.millrace.project.Text;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * A real PostgreSQL server for the tests of this process. Where there is none they are skipped, or
 * fail when {@code MILLRACE_REQUIRE_POSTGRES} is set.
 */
public final class PostgresServer {
  private static PostgresServer shared;

  private final Path folder;
  private final PostgresProcess process;

  private PostgresServer(Path folder, String... settings) {
    this.folder = folder;
    String[] all = Arrays.copyOf(settings, settings.length + 1);
    all[settings.length] = "max_connections=200";
    try {
      this.process = PostgresProcess.start(folder, all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (process == null) {
      if (System.getenv("MILLRACE_REQUIRE_POSTGRES") != null) {
        throw new IllegalStateException("no initdb, and MILLRACE_REQUIRE_POSTGRES is set");
      }
      Assumptions.abort("no initdb: set MILLRACE_POSTGRES");
    }
  }

  /** The server of this process, started by who asks first. */
  public static synchronized PostgresServer shared() {
    if (shared == null) {
      shared = of(newFolder(), "fsync=off", "log_lock_waits=on");
      Runtime.getRuntime().addShutdownHook(new Thread(shared::end));
    }
    return shared;
  }

  /**
   * A server of its own; who makes it ends it.
   *
   * @param folder empty
   * @param settings {@code name=value}
   */
  static PostgresServer of(Path folder, String... settings) {
    return new PostgresServer(folder, settings);
  }

  static Path newFolder() {
    try {
      return Files.createTempDirectory("millrace-postgres");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return process.port();
  }

  /** Starts it again and waits until it answers. */
  void start() throws IOException {
    process.start();
  }

  /** The same with these variables in its environment. */
  void start(Map<String, String> environment) throws IOException {
    process.start(environment);
  }

  /** Starts it again, without what was in its environment, whether it has died or not. */
  void startAgain() throws IOException {
    try {
      process.stop("immediate");
    } catch (IOException e) {
      // it is gone already
    }
    process.start();
  }

  /** Where its data are. */
  Path data() {
    return process.data();
  }

  /** Ends it as {@code pg_ctl stop -m} does. */
  void stop(String mode) {
    try {
      process.stop(mode);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of its first database, with all rights. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port() + "/postgres?user=millrace";
  }

  /** From the next start on it wants TLS, and passwords of everybody but us. */
  void secure(Path certificate, Path key) throws IOException {
    Path data = process.data();
    Path ours = Files.copy(key, data.resolve("server.key"));
    Files.setPosixFilePermissions(ours, PosixFilePermissions.fromString("rw-------"));
    Files.copy(certificate, data.resolve("server.crt"));
    Files.writeString(
        data.resolve("pg_hba.conf"),
        "host all millrace 127.0.0.1/32 trust\nhostssl all all all scram-sha-256\n");
    Files.writeString(data.resolve("postgresql.auto.conf"), "ssl = on\n");
    process.give(data);
  }

  /** With all rights. */
  public Connection connect(String database) throws SQLException {
    return process.connect(database);
  }

  void execute(String statement) {
    execute("postgres", statement);
  }

  void execute(String database, String statement) {
    try {
      process.run(database, statement);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A loader for a dataset; {@code options} as in the configuration. */
  Loader loader(String dataset, Map<String, String> options) {
    return loader(port(), dataset, options);
  }

  /** The same with other names of our own columns and tables. */
  public Loader loader(String dataset, SystemNames names) {
    return loader(port(), dataset, names, Map.of());
  }

  /** The same for a process that did not start the server. */
  static Loader loader(int port, String dataset, Map<String, String> options) {
    return loader(port, dataset, new SystemNames("_mr"), options);
  }

  static Loader loader(int port, String dataset, SystemNames names, Map<String, String> options) {
    Map<String, Text> texts = new HashMap<>();
    Map.of(
            "host", "127.0.0.1",
            "port", String.valueOf(port),
            "database", "postgres",
            "username", "millrace",
            "sslmode", "disable")
        .forEach((name, value) -> texts.put(name, new Text(value)));
    options.forEach((name, value) -> texts.put(name, new Text(value)));
    return DRIVER.loader(
        new Destination("default", "postgres", dataset, texts),
        names,
        DuckDbContractTest.NO_SECRETS,
        Path.of(""));
  }

  private static final DestinationDriver DRIVER =
      new io.millrace.activities.destination.postgres.PostgresDriver();

  Path folder() {
    return folder;
  }

  /** Ends it and removes its folder. */
  void end() {
    DRIVER.close();
    try {
      process.close();
    } catch (IOException e) {
      // a disk is mounted there, and goes with it
    }
  }
}
