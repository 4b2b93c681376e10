package io.millrace.activities.destination.postgres;

import io.millrace.activities.destination.DestinationDriver;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.destination.sql.SqlLoader;
import io.millrace.activities.destination.sql.Staged;
import io.millrace.activities.secret.Secrets;
import io.millrace.destination.Destination;
import io.millrace.destination.SystemNames;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * PostgreSQL 13 or newer. Options: {@code host}, {@code port}, {@code database}, {@code username},
 * {@code password}, {@code sslmode}, {@code sslrootcert}, {@code pool_size} and {@code
 * options.<server parameter>}. One pool of connections for each server, database and user.
 */
public final class PostgresDriver implements DestinationDriver {
  /** Bytes, of names that are ASCII: longer ones PostgreSQL would cut without a word. */
  private static final Capabilities CAPABILITIES = new Capabilities(63, false, ownColumns());

  private final Map<Settings, PostgresDatabase> databases = new ConcurrentHashMap<>();

  private static Set<String> ownColumns() {
    Set<String> own = new HashSet<>(Staged.COLUMNS);
    own.addAll(List.of("ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"));
    return own;
  }

  @Override
  public String type() {
    return "postgres";
  }

  @Override
  public Capabilities capabilities() {
    return CAPABILITIES;
  }

  @Override
  public Loader loader(
      Destination destination, SystemNames names, Secrets secrets, Path projectDir) {
    Settings settings = Settings.of(destination, secrets, projectDir);
    return new SqlLoader(
        databases.computeIfAbsent(settings, PostgresDatabase::new), destination.dataset(), names);
  }

  @Override
  public void close() {
    databases.values().forEach(PostgresDatabase::close);
    databases.clear();
  }
}
