package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.DestinationDriver;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.destination.PostgresServer;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.PackageFile;
import io.millrace.activities.staging.RawPage;
import io.millrace.destination.SystemNames;
import io.millrace.run.Refresh;
import io.millrace.run.Segment;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The golden corpus, normalized and loaded into PostgreSQL: the tables, columns and rows that dlt
 * wrote to DuckDB, in the types of {@link GoldenPostgresTables} and with names of at most 63
 * characters. With {@code -Dgolden.tiny} every record is a load of its own.
 */
class GoldenPostgresTest {
  private static final DestinationDriver.Capabilities ENGINE = GoldenPostgresTables.ENGINE;
  private static final boolean TINY = Boolean.getBoolean("golden.tiny");

  @TempDir Path dir;

  @TestFactory
  Stream<DynamicTest> makesTheTablesOfTheGoldenCases() throws IOException {
    Path corpus = GoldenTest.shared("golden/dev");
    if (corpus == null) {
      return Stream.of(
          dynamicTest("SKIPPED: there is no folder shared/golden/dev above this one", () -> {}));
    }
    return GoldenCase.in(corpus)
        .map(p -> dynamicTest(p.getFileName().toString(), () -> check(GoldenCase.of(p))));
  }

  private void check(GoldenCase c) throws IOException, SQLException {
    String dataset = "golden " + c.name();
    Loader loader = PostgresServer.shared().loader(dataset, new SystemNames("_dlt"));
    try (Connection connection = PostgresServer.shared().connect("postgres")) {
      try {
        land(c, loader);
      } catch (MillraceException e) {
        assertThat(refused(c, e)).as(e.getMessage()).isTrue();
        return;
      }
      GoldenPostgresTables there = new GoldenPostgresTables(connection, dataset);
      if (c.failsInDlt()) {
        assertThat(c.name()).as("a frozen contract must be refused").doesNotContain("contract");
        assertThat(there.records())
            .as("records in root tables and rejects")
            .isEqualTo(c.records(true));
        return;
      }
      GoldenExpected expected = GoldenExpected.of(c);
      there.read(expected);
      assertThat(there.columns())
          .as("tables and columns")
          .isEqualTo(GoldenPostgresTables.columns(expected));
      assertThat(there.landed().chains(expected.literalIds(), !TINY))
          .as("rows")
          .isEqualTo(expected.chains(!TINY, GoldenPostgresTables::json));
    }
  }

  /** What dlt fails at, and the integers of 128 bits that PostgreSQL does not have. */
  private static boolean refused(GoldenCase c, MillraceException e) {
    return c.failsInDlt() && (c.name().contains("contract") || c.name().contains("hints"))
        || c.name().equals("hints-precision")
            && e.failure() == Failure.CONFIG_INVALID
            && e.getMessage().contains("Cannot make column b128 in PostgreSQL");
  }

  private void land(GoldenCase c, Loader loader) throws IOException {
    Map<String, JsonNode> cursors = new HashMap<>();
    int n = 0;
    for (JsonNode run : c.spec().get("runs")) {
      n++;
      Source source = c.source(run);
      Refresh refresh = run.has("refresh") ? Refresh.of(run.get("refresh").asText()) : null;
      for (Resource r : source.resources()) {
        byte[] all = GoldenCase.read(c.dir().resolve(run.path("inputs").path(r.name()).asText()));
        List<byte[]> parts = TINY ? GoldenTest.lines(all) : List.of(all);
        String asset = "golden." + r.name();
        Loader.Stored stored = loader.read("golden", asset, null, "golden", refresh);
        JsonNode before = stored.checkpoint();
        JsonNode cursor = GoldenTest.next(cursors.get(r.name()));
        var schema = stored.schema();
        for (int seq = 1; seq <= parts.size(); seq++) {
          boolean last = seq == parts.size();
          String loadId =
              "170000000%d.1-%08x-%d-%06d"
                  .formatted(n, r.name().hashCode(), stored.epoch() + 1, seq);
          Segment segment =
              new Segment(
                  "golden", "manifest", asset, null, "run:" + n, loadId, stored.epoch() + 1, seq);
          Path file = dir.resolve(c.name() + "-" + n + "-" + r.name().hashCode() + "-" + seq);
          byte[] part = parts.get(seq - 1);
          RawPage page =
              new RawPage(
                  RawPage.Format.JSONL,
                  List.of(),
                  "input",
                  0,
                  () -> new ByteArrayInputStream(part));
          Order order =
              new Order(
                  c.project(run),
                  source,
                  r,
                  schema,
                  cursor,
                  segment,
                  ENGINE.maxIdentifierLength(),
                  ENGINE.foldsCase(),
                  null,
                  ENGINE.ownColumns());
          Normalized done = Normalizer.run(order, List.of(page), file, Progress.NONE);
          schema = done.schema();
          cursor = done.cursor();
          JsonNode after =
              JsonNodeFactory.instance.objectNode().put("page", loadId).put("done", last);
          try (LoadPackage load = PackageFile.open(file)) {
            loader.load(
                new Loader.Order(
                    segment,
                    "golden",
                    r.hints().disposition(),
                    before,
                    after,
                    last,
                    false,
                    seq == 1 ? refresh : null,
                    false,
                    true,
                    1,
                    part.length),
                load,
                Progress.NONE);
          }
          Files.delete(file);
          before = after;
        }
        cursors.put(r.name(), cursor);
      }
    }
  }
}
