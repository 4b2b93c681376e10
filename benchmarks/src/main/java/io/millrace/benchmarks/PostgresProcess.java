package io.millrace.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL server of our own, in a folder of its own, on loopback. Its programs are looked for
 * in {@code MILLRACE_POSTGRES} (the folder of {@code initdb}), on the path and where Debian keeps
 * them. Durable as it is by default; memory and WAL as one would set them, so that checkpoints do
 * not fall into one measurement and not into the next.
 */
final class PostgresProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;
  private static final List<String> SETTINGS =
      List.of("shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=1h", "autovacuum=off");

  private final Path bin;
  private final Path folder;
  private final int port;
  private final Process process;

  private PostgresProcess(Path bin, Path folder) throws IOException, InterruptedException {
    this.bin = bin;
    this.folder = folder;
    Files.createDirectories(folder);
    if (root()) {
      finish(List.of("chown", "postgres", folder.toString()));
    }
    finish(own("initdb", "-D", data(), "-U", "millrace", "-A", "trust", "-E", "UTF8", "--locale=C"));
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    List<String> command = new ArrayList<>(own("postgres", "-D", data(), "-p", "" + port));
    command.addAll(List.of("-k", folder.toString(), "-h", "127.0.0.1"));
    SETTINGS.forEach(setting -> command.addAll(List.of("-c", setting)));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
  }

  /** Starts one below a folder that others may enter; {@code null} where there is no PostgreSQL. */
  static PostgresProcess start(Path folder) throws IOException, InterruptedException, SQLException {
    Path bin = programs();
    if (bin == null) {
      return null;
    }
    PostgresProcess server = new PostgresProcess(bin, folder);
    try {
      server.await();
      return server;
    } catch (IOException | SQLException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  int port() {
    return port;
  }

  Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?sslmode=disable", "millrace", "");
  }

  /** Runs a statement outside of any transaction. */
  void run(String database, String statement) throws SQLException {
    try (Connection connection = connect(database);
        Statement run = connection.createStatement()) {
      run.execute(statement);
    }
  }

  /** Seconds of processor time that the server and all its processes have taken until now. */
  double cpu() {
    double own = seconds(process.pid(), true);
    try (Stream<ProcessHandle> children = process.descendants()) {
      return own + children.mapToDouble(child -> seconds(child.pid(), false)).sum();
    }
  }

  /** User and system time as the kernel counts it, in ticks of 10 ms. */
  private static double seconds(long pid, boolean withEnded) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      long ticks = 0;
      for (int i = 11; i < (withEnded ? 15 : 13); i++) {
        ticks += Long.parseLong(fields[i]);
      }
      return ticks / 100.0;
    } catch (IOException e) {
      return 0; // it has ended meanwhile
    }
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Workspace.delete(folder);
  }

  private void await() throws IOException, SQLException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
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

  private String data() {
    return folder.resolve("data").toString();
  }

  private static Path programs() throws IOException {
    List<Path> places = new ArrayList<>();
    String said = System.getenv("MILLRACE_POSTGRES");
    if (said != null) {
      places.add(Path.of(said));
    }
    Stream.of(System.getenv().getOrDefault("PATH", "").split(":")).map(Path::of).forEach(places::add);
    Path debian = Path.of("/usr/lib/postgresql");
    if (Files.isDirectory(debian)) {
      try (Stream<Path> versions = Files.list(debian)) {
        versions.sorted().forEach(version -> places.add(version.resolve("bin")));
      }
    }
    return places.stream()
        .filter(place -> Files.isExecutable(place.resolve("initdb")))
        .findFirst()
        .orElse(null);
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

  private static void finish(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
  }
}
