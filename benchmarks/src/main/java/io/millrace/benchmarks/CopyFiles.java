package io.millrace.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;

/** Tables as files in PostgreSQL's binary format, and raw {@code COPY} of them. */
record CopyFiles(Map<String, Path> files) {
  private static final int BUFFER = 1 << 16;

  /** The data tables of a dataset. */
  static List<String> tables(Connection connection, String dataset) throws SQLException {
    List<String> tables = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT tablename FROM pg_tables WHERE schemaname = '%s' AND NOT starts_with(tablename, '_mr_') ORDER BY tablename"
                    .formatted(dataset))) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    }
    return tables;
  }

  /**
   * Writes the tables of a dataset into files.
   *
   * @param where which rows, by table; others go whole
   */
  static CopyFiles of(Connection connection, String dataset, Path folder, Map<String, String> where)
      throws SQLException, IOException {
    Files.createDirectories(folder);
    Map<String, Path> files = new LinkedHashMap<>();
    for (String table : tables(connection, dataset)) {
      Path file = folder.resolve(table);
      try (OutputStream out = Files.newOutputStream(file)) {
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut(
                "COPY (SELECT * FROM %s.\"%s\" %s) TO STDOUT (FORMAT BINARY)"
                    .formatted(dataset, table, where.getOrDefault(table, "")),
                out);
      }
      files.put(table, file);
    }
    return new CopyFiles(files);
  }

  /** Copies the file of a table into {@code target}. */
  long copy(Connection connection, String table, String target) throws SQLException, IOException {
    try (InputStream in = Files.newInputStream(files.get(table))) {
      return connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn("COPY " + target + " FROM STDIN (FORMAT BINARY)", in, BUFFER);
    }
  }
}
