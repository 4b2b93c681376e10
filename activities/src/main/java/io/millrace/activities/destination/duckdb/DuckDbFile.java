package io.millrace.activities.destination.duckdb;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.sql.Database.Work;
import io.millrace.activities.destination.sql.Sql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.duckdb.DuckDBDriver;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * One database file: opened for one piece of work and closed, so that people can query it between
 * loads. In the process one at a time; between processes DuckDB's own lock decides, and we wait for
 * it a while.
 *
 * <p>Never open the file with Java's own classes: closing any descriptor of it drops the lock that
 * DuckDB holds for this process (POSIX).
 */
final class DuckDbFile {
  /** Work of this process on the same file may take this long before we give up. */
  private static final Duration PROCESS_PATIENCE = Duration.ofMinutes(15);

  /** Milliseconds between two tries: readers that come one after the other leave short gaps. */
  private static final long MAX_PAUSE = 200;

  private static final Map<Path, ReentrantLock> MUTEXES = new ConcurrentHashMap<>();

  private final Path path;
  private final String dataset;
  private final Settings settings;

  /**
   * @param memoryLimit of DuckDB, in its words
   * @param writerPatience how long a load waits for another process
   * @param readerPatience how long a reader does
   */
  record Settings(String memoryLimit, Duration writerPatience, Duration readerPatience) {}

  /** What DuckDB does with the rows of a writer when it closes the file. */
  enum Closing {
    /** Writes the new rows. */
    PLAIN,
    /**
     * Also merges small row groups, which rewrites rows of earlier loads: after deletes, and so
     * that many small loads do not leave as many row groups.
     */
    TIDY
  }

  /**
   * @param dataset where a reader's unqualified names are looked up first
   */
  DuckDbFile(Path path, String dataset, Settings settings) {
    this.path = path.toAbsolutePath().normalize();
    this.dataset = dataset;
    this.settings = settings;
  }

  Path path() {
    return path;
  }

  boolean exists() {
    return Files.exists(path);
  }

  /** A new file that nobody knows, in the folder in which this one would be made. */
  DuckDbFile trial() {
    Path folder = path.getParent();
    while (folder.getParent() != null && !Files.isDirectory(folder)) {
      folder = folder.getParent();
    }
    Path name = Path.of(".millrace-probe-" + UUID.randomUUID() + ".duckdb");
    return new DuckDbFile(folder.resolve(name), dataset, settings);
  }

  /** Takes a {@link #trial} away. */
  void remove() {
    try {
      Files.deleteIfExists(path);
      Files.deleteIfExists(path.resolveSibling(path.getFileName() + ".wal"));
    } catch (IOException e) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot remove the file of a write probe: %s (remove it)".formatted(path),
          e);
    }
  }

  /**
   * Opens for writing; makes the file and its folder when they are missing.
   *
   * @param closing what is done when the work is done and the file is closed
   */
  <T> T write(String what, Closing closing, Progress progress, Work<T> work) {
    return open(what, closing, settings.writerPatience(), progress, work);
  }

  /** Opens for reading; the file must be there. */
  <T> T read(String what, Work<T> work) {
    return open(what, null, settings.readerPatience(), Progress.NONE, work);
  }

  /** The same for a run, which waits as long as it would for its loads. */
  <T> T readPatiently(String what, Work<T> work) {
    return open(what, null, settings.writerPatience(), Progress.NONE, work);
  }

  /**
   * @param closing {@code null} to open for reading only
   */
  private <T> T open(
      String what, Closing closing, Duration patience, Progress progress, Work<T> work) {
    boolean readOnly = closing == null;
    ReentrantLock mutex = null;
    try {
      if (!readOnly) {
        Files.createDirectories(path.getParent());
      }
      mutex = MUTEXES.computeIfAbsent(canonical(), p -> new ReentrantLock(true));
      enter(mutex, what, progress);
    } catch (IOException e) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot %s: its folder cannot be used: %s (check the path and its permissions)"
              .formatted(what, e.getMessage()),
          e);
    }
    try (Handle handle = Sql.open(() -> connect(closing, patience, what, progress))) {
      prepare(handle, readOnly);
      return work.with(handle);
    } catch (JdbiException e) {
      throw DuckDbErrors.of(what, Sql.cause(e));
    } catch (IOException e) {
      throw new MillraceException(
          Failure.STAGING_LOST,
          "Cannot %s: staged rows cannot be read: %s (the segment is fetched again)"
              .formatted(what, e.getMessage()),
          e);
    } finally {
      mutex.unlock();
    }
  }

  /** The same for every way to write the path, symbolic links included. */
  private Path canonical() throws IOException {
    return Files.exists(path)
        ? path.toRealPath()
        : path.getParent().toRealPath().resolve(path.getFileName());
  }

  private static void enter(ReentrantLock mutex, String what, Progress progress) {
    long end = System.nanoTime() + PROCESS_PATIENCE.toNanos();
    try {
      while (!mutex.tryLock(1, TimeUnit.SECONDS)) {
        progress.report(0, 0, 0);
        if (System.nanoTime() - end > 0) {
          throw new MillraceException(
              Failure.DESTINATION_LOCKED,
              "Cannot %s: other work of this process holds the file: for %d minutes (run again later)"
                  .formatted(what, PROCESS_PATIENCE.toMinutes()));
        }
      }
    } catch (InterruptedException e) {
      throw interrupted(what, e);
    }
  }

  private Connection connect(Closing closing, Duration patience, String what, Progress progress)
      throws SQLException {
    long end = System.nanoTime() + patience.toNanos();
    for (long pause = 20; ; pause = Math.min(MAX_PAUSE, pause * 2)) {
      try {
        return DriverManager.getConnection("jdbc:duckdb:" + path, properties(closing));
      } catch (SQLException e) {
        if (!DuckDbErrors.locked(e) || System.nanoTime() - end > 0) {
          throw e;
        }
        progress.report(0, 0, 0);
        pause(ThreadLocalRandom.current().nextLong(pause / 2, pause + 1), what);
      }
    }
  }

  /** Settings of the whole database, fixed before anything of the file is looked at. */
  private Properties properties(Closing closing) {
    boolean readOnly = closing == null;
    Properties properties = new Properties();
    properties.setProperty("enable_external_access", "false");
    properties.setProperty("autoinstall_known_extensions", "false");
    properties.setProperty("autoload_known_extensions", "false");
    properties.setProperty("allow_community_extensions", "false");
    properties.setProperty("memory_limit", settings.memoryLimit());
    properties.setProperty("preserve_insertion_order", Boolean.toString(readOnly));
    if (readOnly) {
      properties.setProperty(
          DuckDBDriver.DUCKDB_ACCESS_MODE_PROPERTY, DuckDBDriver.DUCKDB_ACCESS_MODE_READ_ONLY);
      properties.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, "true");
    } else {
      // Rows come from one Java function in one thread. With more threads than one the driver's own
      // does no work but asks the others without a pause whether they are done: half of a core.
      properties.setProperty("threads", "1");
    }
    if (closing == Closing.PLAIN) {
      properties.setProperty("max_vacuum_tasks", "0");
    }
    return properties;
  }

  /** Settings of the session; after them no statement can change any. */
  private void prepare(Handle handle, boolean readOnly) {
    Sql sql = new Sql(handle, dataset, DuckDbDialect.DUCKDB);
    sql.run("SET TimeZone = 'UTC'");
    if (readOnly
        && sql.any("SELECT 1 FROM duckdb_schemas() WHERE schema_name = ? LIMIT 1", dataset)) {
      sql.onConnection(
          connection -> {
            connection.setSchema(dataset);
            return null;
          });
    }
    sql.run("SET lock_configuration = true");
  }

  private static void pause(long millis, String what) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw interrupted(what, e);
    }
  }

  private static MillraceException interrupted(String what, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new MillraceException(
        Failure.CANCELLED, "Cannot %s: stopped while waiting for the file".formatted(what), e);
  }
}
