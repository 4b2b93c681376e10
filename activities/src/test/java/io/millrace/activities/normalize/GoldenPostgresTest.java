package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.PostgresServer;
import io.millrace.destination.SystemNames;
import io.millrace.run.Refresh;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
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
    Landing landing = Landing.inPostgres(dir, dataset, new SystemNames("_dlt"));
    try (Connection connection = PostgresServer.shared().connect("postgres")) {
      try {
        land(c, landing);
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

  private static void land(GoldenCase c, Landing landing) throws IOException {
    for (JsonNode run : c.spec().get("runs")) {
      landing.nextRun();
      Source source = c.source(run);
      Refresh refresh = run.has("refresh") ? Refresh.of(run.get("refresh").asText()) : null;
      for (Resource r : source.resources()) {
        byte[] all = GoldenCase.read(c.dir().resolve(run.path("inputs").path(r.name()).asText()));
        List<byte[]> segments = TINY ? GoldenTest.lines(all) : List.of(all);
        landing.run(c.project(run), source, r, segments, refresh);
      }
    }
  }
}
