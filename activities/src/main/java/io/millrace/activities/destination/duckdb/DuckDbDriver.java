package io.millrace.activities.destination.duckdb;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.DestinationDriver;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.destination.sql.SqlLoader;
import io.millrace.activities.destination.sql.Staged;
import io.millrace.activities.secret.Secrets;
import io.millrace.destination.Destination;
import io.millrace.destination.SystemNames;
import io.millrace.project.Text;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/**
 * DuckDB in a local file. Options: {@code path} (default {@code <dataset>.duckdb}, relative to the
 * project's file), {@code memory_limit} (default 256MB), {@code lock_timeout} and {@code
 * read_timeout} (how long a load and a reader wait for another process; default 60s and 10s).
 */
public final class DuckDbDriver implements DestinationDriver {
  private static final Capabilities CAPABILITIES = new Capabilities(65536, true, Staged.COLUMNS);

  @Override
  public String type() {
    return "duckdb";
  }

  @Override
  public Capabilities capabilities() {
    return CAPABILITIES;
  }

  @Override
  public Loader loader(
      Destination destination, SystemNames names, Secrets secrets, Path projectDir) {
    String path = option(destination, secrets, "path", destination.dataset() + ".duckdb");
    if (path.isBlank()
        || path.indexOf(';') >= 0
        || path.indexOf('\0') >= 0
        || path.startsWith(":")) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot use destination %s: its path is no file name: %s (for example path: shop.duckdb)"
              .formatted(destination.name(), path));
    }
    DuckDbFile.Settings settings =
        new DuckDbFile.Settings(
            option(destination, secrets, "memory_limit", "256MB"),
            duration(destination, secrets, "lock_timeout", "60s"),
            duration(destination, secrets, "read_timeout", "10s"));
    DuckDbFile file = new DuckDbFile(projectDir.resolve(path), destination.dataset(), settings);
    return new SqlLoader(new DuckDbDatabase(file), destination.dataset(), names);
  }

  private static String option(
      Destination destination, Secrets secrets, String name, String otherwise) {
    Text text = destination.options().get(name);
    return text == null ? otherwise : secrets.resolve(text);
  }

  private static Duration duration(
      Destination destination, Secrets secrets, String name, String otherwise) {
    String text = option(destination, secrets, name, otherwise);
    try {
      return Duration.parse("PT" + text.strip().toUpperCase(Locale.ROOT));
    } catch (DateTimeParseException e) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot use destination %s: %s is no duration: %s (for example 60s)"
              .formatted(destination.name(), name, text),
          e);
    }
  }
}
