package io.millrace.worker;

import io.millrace.activities.destination.PostgresServer;
import io.millrace.run.GraphRun;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A project that lands {@link RecordsApi} in DuckDB or PostgreSQL. */
record RecordsProject(Path folder, String engine, String disposition, String dataset) {

  /**
   * @param engine {@code duckdb} or {@code postgres}
   * @param disposition as in the configuration, or {@code scd2}
   * @param more further keys of the project, as YAML
   */
  static RecordsProject write(
      Path folder, String engine, String disposition, String url, int pagesPerSegment, String more)
      throws IOException {
    String dataset = "landed_" + disposition + "_" + Integer.toHexString(folder.hashCode());
    String place =
        engine.equals("duckdb")
            ? "path: crash.duckdb"
            : "host: 127.0.0.1, port: %d, database: postgres, username: millrace"
                .formatted(PostgresServer.shared().port());
    String how = disposition.equals("scd2") ? "{disposition: merge, strategy: scd2}" : disposition;
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: crash
        destination: {type: %s, %s, dataset: %s}
        segment: {pages: %d}
        %s
        sources:
          api:
            type: rest_api
            client:
              base_url: %s
              paginator: {type: page_number, base_page: 1, total_path: total_pages}
            resources:
              - name: records
                primary_key: id
                write_disposition: %s
                endpoint: {path: records, data_selector: data}
        """
            .formatted(engine, place, dataset, pagesPerSegment, more, url, how));
    return new RecordsProject(folder, engine, disposition, dataset);
  }

  /** Starts a run of it, for whichever worker is there. */
  static WorkflowStub start(Backend backend, String id) {
    WorkflowStub run =
        backend
            .client()
            .newUntypedWorkflowStub(
                "GraphRun",
                WorkflowOptions.newBuilder().setTaskQueue("millrace").setWorkflowId(id).build());
    run.start(Map.of("project", "crash"));
    return run;
  }

  /** Waits until a run ends well. */
  static GraphRun.Result end(WorkflowStub run) throws TimeoutException {
    return run.getResult(30, TimeUnit.MINUTES, GraphRun.Result.class);
  }

  /** What landed, to be compared with what the API has. */
  Connection connect() throws SQLException {
    return DriverManager.getConnection(
        engine.equals("duckdb")
            ? "jdbc:duckdb:" + folder.resolve("crash.duckdb")
            : PostgresServer.shared().url());
  }
}
