package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.SystemNames;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaJson;
import io.millrace.schema.SystemSchema;

/**
 * The versions of the schema of a source, and the loads that are visible with them: dlt's two
 * tables, whatever their prefix.
 */
final class Schemas {
  private final Sql sql;
  private final SystemNames names;

  Schemas(Sql sql, SystemNames names) {
    this.sql = sql;
    this.names = names;
  }

  /** The newest stored schema of the source; {@link Schema#empty} when there is none. */
  Schema newest(String source) {
    return sql.select(
            """
            SELECT engine_version, schema FROM %s WHERE schema_name = ?
            ORDER BY version DESC, inserted_at DESC LIMIT 1
            """
                .formatted(sql.table(names.version())),
            source)
        .map(
            (row, context) -> {
              refuseNewer(source, row.getLong("engine_version"));
              return SystemSchema.removed(SchemaJson.read(row.getString("schema")), names);
            })
        .findFirst()
        .orElse(Schema.empty(source));
  }

  private static void refuseNewer(String source, long engine) {
    if (engine > SchemaJson.ENGINE_VERSION) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot read the schema of %s: a newer version wrote it: engine version %d, known are up to %d (upgrade Millrace)"
              .formatted(source, engine, SchemaJson.ENGINE_VERSION));
    }
  }

  /** Whether the newest schema of any source of the project has the table with columns. */
  boolean known(String project, String table) {
    return sql
        .select(
            "SELECT DISTINCT schema_name FROM %s v WHERE NOT EXISTS (SELECT 1 FROM %s s WHERE s.project <> ? AND starts_with(s.asset, v.schema_name || '.'))"
                .formatted(sql.table(names.version()), sql.table(SystemNames.STATE)),
            project)
        .mapTo(String.class)
        .list()
        .stream()
        .flatMap(source -> newest(source).table(table).stream())
        .anyMatch(t -> !t.completeColumns().isEmpty());
  }

  void write(Schema schema) {
    sql.run(
        "INSERT INTO %s VALUES (?, ?, now(), ?, ?, ?)".formatted(sql.table(names.version())),
        schema.version(),
        SchemaJson.ENGINE_VERSION,
        schema.name(),
        schema.versionHash(),
        SchemaJson.write(SystemSchema.added(schema, names)));
  }

  void writeLoad(String loadId, String schemaName, String versionHash) {
    sql.run(
        "INSERT INTO %s VALUES (?, ?, 0, now(), ?)".formatted(sql.table(names.loads())),
        loadId,
        schemaName,
        versionHash);
  }
}
