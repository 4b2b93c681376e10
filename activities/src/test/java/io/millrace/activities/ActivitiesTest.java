package io.millrace.activities;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.MillraceException;
import io.millrace.run.Carried;
import io.millrace.run.Checkpoint;
import io.millrace.run.Fetch;
import io.millrace.run.Kept;
import io.millrace.run.Load;
import io.millrace.run.Normalize;
import io.millrace.run.Plan;
import io.millrace.run.ReadState;
import io.millrace.run.Renormalize;
import io.millrace.run.Segment;
import io.millrace.run.StagedRef;
import io.millrace.run.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The steps of an asset as its workflow asks for them, one after the other: files, staging and a
 * DuckDB file, all real.
 */
@Timeout(300)
class ActivitiesTest {
  private static final String ASSET = "shop.orders";

  @TempDir Path dir;
  private Path data;
  private Engine engine;
  private int runs;

  @BeforeEach
  void open() throws IOException {
    data = Files.createDirectories(dir.resolve("data"));
    deploy("");
    engine = Engine.open(dir.resolve("millrace.yaml"), Map.of());
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private void deploy(String hints) throws IOException {
    Files.writeString(
        dir.resolve("millrace.yaml"),
        """
        project: shop
        destination: {type: duckdb, path: s.duckdb, dataset: data}
        segment: {pages: 1}
        sources:
          shop:
            type: filesystem
            bucket_url: data/
            resources:
              - name: orders
                file_glob: "*.jsonl"
                format: jsonl
                write_disposition: append
                %s
        """
            .formatted(hints));
  }

  private void file(String name, String... lines) throws IOException {
    Files.writeString(data.resolve(name), String.join("\n", lines) + "\n");
  }

  private List<List<Object>> query(String sql) {
    var project = engine.definitions().deployed().project();
    return engine
        .loader(project, Definitions.locate(project, ASSET).resource())
        .query(sql, 0)
        .rows();
  }

  private String manifest() {
    return engine.definitions().deployed().manifest();
  }

  private static Segment segment(String manifest, String run, int epoch, int seq) {
    String loadId = "1700000000.000000-%s-%04d-%06d".formatted(run, epoch, seq);
    return new Segment("shop", manifest, ASSET, null, "run:shop:" + run, loadId, epoch, seq);
  }

  private ReadState.Result state(String manifest) {
    return new ReadStateActivityImpl(engine)
        .read(new ReadState.Request("shop", manifest, ASSET, null, null, false));
  }

  private Fetch.Result fetch(Segment segment, Checkpoint from) throws IOException {
    return new FetchActivityImpl(engine)
        .fetch(new Fetch.Request(segment, from, null, false), segment, Progress.NONE);
  }

  private Normalize.Result normalize(Normalize.Request request) throws IOException {
    return new NormalizeActivityImpl(engine).normalize(request, request.segment(), Progress.NONE);
  }

  private Load.Receipt load(Load.Request request) throws IOException {
    return new LoadActivityImpl(engine).load(request, request.segment(), Progress.NONE);
  }

  /** One run, a segment after the other; returns what its last load committed. */
  private Load.Receipt run() throws IOException {
    String manifest = manifest();
    String run = "%08x".formatted(++runs);
    ReadState.Result state = state(manifest);
    Checkpoint committed = state.checkpoint();
    Checkpoint from = state.open();
    StagedRef schema = state.schema();
    Carried cursor = from.cursor();
    boolean done = false;
    Load.Receipt receipt = null;
    for (int seq = 1; !done; seq++) {
      Segment segment = segment(manifest, run, state.epoch() + 1, seq);
      Fetch.Result raw = fetch(segment, from);
      done = raw.done();
      Normalize.Result made =
          normalize(new Normalize.Request(segment, raw.raw(), schema, cursor, done));
      Checkpoint after = new Checkpoint(made.cursor(), raw.position(), done);
      receipt =
          load(
              new Load.Request(
                  segment,
                  made.load(),
                  committed,
                  after,
                  done,
                  false,
                  null,
                  false,
                  0,
                  raw.bytes()));
      committed = after;
      schema = made.schema();
      cursor = made.cursor();
      from = new Checkpoint(from.cursor(), raw.position(), false);
    }
    return receipt;
  }

  private Kept.Result kept(String manifest, int skip) throws IOException {
    return new KeptActivityImpl(engine)
        .kept(
            new Kept.Request("shop", manifest, ASSET, null, new Renormalize(null, null), skip),
            Progress.NONE);
  }

  /** Normalizes all loads again; returns the answers that named them. */
  private void renormalize() throws IOException {
    String manifest = manifest();
    String run = "%08x".formatted(++runs);
    ReadState.Result state = state(manifest);
    Kept.Result all = kept(manifest, 0);
    StagedRef schema = all.schema();
    Carried remembered = null;
    int seq = 0;
    while (seq < all.loads()) {
      for (Kept.Raw raw : kept(manifest, seq).next()) {
        boolean last = ++seq == all.loads();
        Segment segment = segment(manifest, run, state.epoch() + 1, seq).of(raw.loadId());
        Normalize.Result made =
            normalize(
                new Normalize.Request(segment, raw.raw(), schema, raw.cursor(), last, remembered));
        load(
            new Load.Request(
                segment,
                made.load(),
                state.checkpoint(),
                state.checkpoint(),
                last,
                false,
                null,
                false,
                0,
                0,
                all.extent()));
        schema = made.schema();
        remembered = made.cursor();
      }
    }
  }

  @Test
  void whatWasFetchedByOtherDefinitionsIsNotTaken() throws IOException {
    file("a.jsonl", "{\"id\":1}");
    file("b.json", "{\"id\":2}");
    String before = manifest();
    Fetch.Result first = fetch(segment(before, "00000001", 1, 1), Checkpoint.START);
    Files.writeString(
        dir.resolve("millrace.yaml"),
        Files.readString(dir.resolve("millrace.yaml")).replace("*.jsonl", "b.json"));

    // the workflow was reset to its beginning: the same run, the file as it is now
    Fetch.Result again = fetch(segment(manifest(), "00000001", 1, 1), Checkpoint.START);

    assertThat(manifest()).isNotEqualTo(before);
    assertThat(again.raw()).as("another piece of data").isNotEqualTo(first.raw());
    assertThat(fetch(segment(before, "00000001", 1, 1), Checkpoint.START))
        .as("the first attempt's")
        .isEqualTo(first);
  }

  @Test
  void loadsThatAreNormalizedAgainAndAgainStayWhatTheyAre() throws IOException {
    deploy("schema_contract: {columns: discard_row}");
    file("a.jsonl", "{\"id\":1}");
    file("b.jsonl", "{\"id\":2,\"more\":\"x\"}");
    run();
    List<List<Object>> rows = query("SELECT id, more FROM orders ORDER BY id");
    assertThat(rows).as("a table may grow in the run that made it").hasSize(2);

    renormalize();
    assertThat(query("SELECT id, more FROM orders ORDER BY id")).isEqualTo(rows);
    run();
    List<List<Object>> twice = query("SELECT id, more FROM orders ORDER BY id");
    assertThat(twice).hasSize(4);
    renormalize();
    assertThat(query("SELECT id, more FROM orders ORDER BY id"))
        .as("what the first load was made to then belongs to that run")
        .isEqualTo(twice);
  }

  @Test
  void refusesAPlanThatWouldNotTravel() throws IOException {
    StringBuilder more = new StringBuilder();
    for (int i = 0; i < 2_500; i++) {
      more.append(
          "\n      - {name: a_resource_with_a_long_name_%d, file_glob: a.jsonl}".formatted(i));
    }
    Path file = dir.resolve("millrace.yaml");
    Files.writeString(file, Files.readString(file).stripTrailing() + more + "\n");
    Plan.Request request = new Plan.Request("shop", null, null, null);

    assertThatThrownBy(() -> new PlanActivityImpl(engine).planned(request))
        .isInstanceOf(MillraceException.class)
        .hasMessage("Cannot run: too many assets in one run: 2501 (select at most 1000)");
  }

  @Test
  void aReceiptTravelsHoweverLongTheNamesAre() throws IOException {
    file(
        "a.jsonl",
        IntStream.range(0, 49)
            .mapToObj(i -> "\"k%02d%s\":[%d]".formatted(i, "x".repeat(6_000), i))
            .collect(Collectors.joining(",", "{\"id\":1,", "}")));

    Load.Receipt receipt = run();

    assertThat(Wire.mapper().writeValueAsBytes(receipt)).hasSizeLessThan(Wire.MAX_PAYLOAD_BYTES);
    assertThat(receipt.rows().values().stream().mapToLong(n -> n).sum()).isEqualTo(50);
    assertThat(receipt.rows()).containsEntry("orders", 1L);
  }

  /**
   * A run whose second load begins with many records at its boundary, and as many loads like that
   * one as are asked for, each with raw pages of its own.
   */
  private void loadsWithLongCursors(int copies) throws IOException {
    deploy("incremental: {cursor_path: day, initial_value: 0}");
    file(
        "1.jsonl",
        IntStream.range(0, 250)
            .mapToObj(i -> "{\"id\":%d,\"day\":1}".formatted(i))
            .toArray(String[]::new));
    file("2.jsonl", "{\"id\":251,\"day\":2}");
    run();
    Path loads = dir.resolve(".millrace/staging/loads/" + ASSET);
    String second = segment(manifest(), "00000001", 1, 2).loadId();
    try (Connection sql = DriverManager.getConnection("jdbc:duckdb:" + dir.resolve("s.duckdb"));
        Statement statement = sql.createStatement()) {
      for (int i = 3; i < 3 + copies; i++) {
        String copy = segment(manifest(), "00000001", 1, i).loadId();
        statement.execute(
            """
            INSERT INTO data._mr_receipts SELECT * REPLACE ('%s' AS load_id, %d AS segment)
            FROM data._mr_receipts WHERE load_id = '%s'
            """
                .formatted(copy, i, second));
        statement.execute(
            "INSERT INTO data.orders SELECT * REPLACE ('%s' AS _mr_load_id) FROM data.orders WHERE id = 251 LIMIT 1"
                .formatted(copy));
        Files.createDirectories(loads.resolve(copy));
        try (Stream<Path> files = Files.list(loads.resolve(second))) {
          for (Path raw : (Iterable<Path>) files::iterator) {
            if (raw.getFileName().toString().startsWith("raw-")) {
              Files.copy(raw, loads.resolve(copy).resolve(raw.getFileName()));
            }
          }
        }
      }
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  @Test
  void namesNoMoreLoadsAtOnceThanMayTravel() throws IOException {
    loadsWithLongCursors(98);

    List<String> named = new ArrayList<>();
    Kept.Result kept = kept(manifest(), 0);
    while (named.size() < kept.loads()) {
      kept = kept(manifest(), named.size());
      assertThat(Wire.mapper().writeValueAsBytes(kept)).hasSizeLessThan(Wire.MAX_PAYLOAD_BYTES);
      assertThat(kept.next()).isNotEmpty();
      kept.next().forEach(raw -> named.add(raw.loadId()));
    }
    assertThat(named).hasSize(100).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void noLoadThatWasChosenIsSweptBeforeItsTurn() throws IOException {
    loadsWithLongCursors(98);
    Instant now = Instant.now();
    try (Stream<Path> all = Files.walk(dir.resolve(".millrace/staging/loads"))) {
      for (Path path : (Iterable<Path>) all::iterator) {
        Files.setLastModifiedTime(path, FileTime.from(now.minus(Duration.ofDays(6))));
      }
    }
    Kept.Result first = kept(manifest(), 0);

    Duration keep = Duration.ofDays(7);
    engine.staging().sweep(now.plus(Duration.ofDays(2)), keep, load -> false, document -> true);

    assertThat(kept(manifest(), first.next().size()).next())
        .as("they were there when it began")
        .isNotEmpty();
  }
}
