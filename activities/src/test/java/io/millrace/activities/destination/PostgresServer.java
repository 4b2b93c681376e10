package io.millrace.activities.destination;

import io.millrace.destination.Destination;
import io.millrace.destination.SystemNames;
import io.millrace.project.Text;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A real PostgreSQL server in a folder of its own, on loopback, for the tests of this process.
 * Programs are looked for in {@code MILLRACE_POSTGRES} (the folder of {@code initdb}), on the path
 * and where Debian keeps them; without them tests are skipped, or fail when {@code
 * MILLRACE_REQUIRE_POSTGRES} is set.
 */
public final class PostgresServer {
  private static PostgresServer shared;

  private final Path bin;
  private final Path folder;
  private final int port;
  private final List<String> settings;
  private Process process;

  private PostgresServer(Path bin, Path folder, List<String> settings) {
    try {
      this.bin = bin;
      this.folder = folder;
      this.settings = settings;
      this.port = freePort();
      if (root()) {
        run(List.of("chown", "postgres", folder.toString()));
      }
      run(own("initdb", "-D", data(), "-U", "millrace", "-A", "trust", "-E", "UTF8", "--locale=C"));
      start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
    return new PostgresServer(programs(), folder, List.of(settings));
  }

  static Path newFolder() {
    try {
      return Files.createTempDirectory("millrace-postgres");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path programs() {
    List<Path> places = new ArrayList<>();
    String said = System.getenv("MILLRACE_POSTGRES");
    if (said != null) {
      places.add(Path.of(said));
    }
    for (String place : System.getenv().getOrDefault("PATH", "").split(":")) {
      places.add(Path.of(place));
    }
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      versions.sorted().forEach(version -> places.add(version.resolve("bin")));
    } catch (IOException e) {
      // not a Debian
    }
    for (Path place : places) {
      if (Files.isExecutable(place.resolve("initdb"))) {
        return place;
      }
    }
    if (System.getenv("MILLRACE_REQUIRE_POSTGRES") != null) {
      throw new IllegalStateException("no initdb, and MILLRACE_REQUIRE_POSTGRES is set");
    }
    Assumptions.abort("no initdb: set MILLRACE_POSTGRES");
    throw new IllegalStateException();
  }

  public int port() {
    return port;
  }

  /** Starts it and waits until it answers. */
  void start() throws IOException {
    List<String> command =
        new ArrayList<>(
            own(
                "postgres",
                "-D",
                data(),
                "-p",
                port + "",
                "-k",
                folder.toString(),
                "-h",
                "127.0.0.1",
                "-c",
                "max_connections=200"));
    settings.forEach(setting -> command.addAll(List.of("-c", setting)));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try {
        connect("postgres").close();
        return;
      } catch (SQLException e) {
        if (System.nanoTime() > end || !process.isAlive()) {
          throw new IOException(
              "the server does not start: " + Files.readString(folder.resolve("log")), e);
        }
        Thread.onSpinWait();
      }
    }
  }

  /** Ends it as {@code pg_ctl stop -m} does. */
  void stop(String mode) {
    run(own("pg_ctl", "stop", "-D", data(), "-m", mode, "-w"));
  }

  /** Of its first database, with all rights. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=millrace";
  }

  /** From the next start on it wants TLS, and passwords of everybody but us. */
  void secure(Path certificate, Path key) throws IOException {
    Path data = Path.of(data());
    Files.copy(certificate, data.resolve("server.crt"));
    Files.copy(key, data.resolve("server.key"));
    Files.writeString(
        data.resolve("pg_hba.conf"),
        "host all millrace 127.0.0.1/32 trust\nhostssl all all all scram-sha-256\n");
    if (root()) {
      run(List.of("chown", "-R", "postgres", data.toString()));
    }
    run(List.of("chmod", "600", data.resolve("server.key").toString()));
    Files.writeString(data.resolve("postgresql.auto.conf"), "ssl = on\n");
  }

  /** With all rights. */
  public Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database, "millrace", "");
  }

  void execute(String statement) {
    execute("postgres", statement);
  }

  void execute(String database, String statement) {
    try (Connection connection = connect(database);
        Statement run = connection.createStatement()) {
      run.execute(statement);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A loader for a dataset; {@code options} as in the configuration. */
  Loader loader(String dataset, Map<String, String> options) {
    return loader(port, dataset, options);
  }

  /** The same with other names of our own columns and tables. */
  public Loader loader(String dataset, SystemNames names) {
    return loader(port, dataset, names, Map.of());
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

  private String data() {
    return folder.resolve("data").toString();
  }

  Path folder() {
    return folder;
  }

  /** Ends it and removes its folder. */
  void end() {
    DRIVER.close();
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      run(List.of("find", folder.toString(), "-mindepth", "1", "-delete"));
      Files.deleteIfExists(folder);
    } catch (InterruptedException e) {
      process.destroyForcibly();
    } catch (IOException e) {
      // a disk is mounted there, and goes with it
    }
  }

  /** The server refuses to run as root. */
  private List<String> own(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (root()) {
      command.addAll(
          List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
    }
    command.add(bin.resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static boolean root() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static void run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes());
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
