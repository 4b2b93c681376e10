package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.assertFails;
import static io.millrace.activities.destination.DestinationContract.order;
import static io.millrace.activities.destination.DestinationContract.orders;
import static io.millrace.activities.destination.DestinationContract.text;
import static io.millrace.activities.destination.TestPackage.cells;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.Failure;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.Ledger.Correction;
import io.millrace.activities.destination.Ledger.Deed;
import io.millrace.activities.destination.Ledger.Event;
import io.millrace.activities.destination.Ledger.State;
import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The books of every destination, whatever its engine. Each test gets an empty destination. */
abstract class LedgerContract {
  private static final String ASSET = DestinationContract.ASSET;
  private static final WriteDisposition APPEND = new WriteDisposition(Kind.APPEND, null, Map.of());

  /** The destination of this test. */
  abstract Loader loader();

  /** The project's dataset when its names are dlt's. */
  abstract Loader loaderOfDlt();

  /** Runs statements in the dataset of {@link #loaderOfDlt}, {@code %1$s} being its name. */
  abstract void execute(String... statements);

  private TestRun run(String number) {
    return new TestRun(loader(), ASSET, APPEND).in(number);
  }

  /** One run of two segments: order 1 with two items, then order 2 with one, and a reject. */
  private TestRun two() {
    TestRun run = run("run:test:1");
    TestPackage first = orders();
    order(first, run.loadId(1), 1, "Ada", "a", "b");
    run.load(first);
    TestPackage second = orders(text("city"));
    order(second, run.loadId(2), Map.of("city", "Paris"), 2, "Bob", "c");
    second
        .rejects()
        .row(
            cells(
                "asset",
                ASSET,
                "table_name",
                "orders",
                "path",
                "$.id",
                "reason",
                "no number",
                "record",
                "{\"id\":\"x\"}"));
    run.finish(second);
    return run;
  }

  private Correction correction(Deed deed, JsonNode checkpoint, String load, boolean delete) {
    return new Correction("test", ASSET, "shop", deed, checkpoint, load, delete);
  }

  private long count(String table) {
    return ((Number) loader().query("SELECT count(*) FROM " + table, 0).rows().get(0).get(0))
        .longValue();
  }

  @Test
  void knowsNothingBeforeTheFirstLoad() {
    Ledger ledger = loader().ledger();
    assertThat(ledger.states("test")).isEmpty();
    assertThat(ledger.history("test", ASSET, 10)).isEmpty();
    assertThat(ledger.versions("shop", 10)).isEmpty();
    assertThat(ledger.rejects("test", List.of(ASSET), 10).total()).isZero();
    assertFails(
        Failure.CONFIG_INVALID,
        () -> ledger.correct(correction(Deed.RESET, null, null, false)),
        "nothing",
        "was loaded yet");
  }

  @Test
  void tellsStateHistorySchemasAndRejects() {
    TestRun run = two();
    Ledger ledger = loader().ledger();
    State state = ledger.states("test").get(0);
    assertThat(state.asset()).isEqualTo(ASSET);
    assertThat(state.loadId()).isEqualTo(run.loadId(2));
    assertThat(state.epoch() + "/" + state.segment()).isEqualTo("1/2");
    assertThat(state.checkpoint()).hasToString(run.checkpoint().toString());
    assertThat(ledger.states("other")).isEmpty();

    List<Event> events = ledger.history("test", ASSET, 10);
    assertThat(events).extracting(Event::loadId).containsExactly(run.loadId(2), run.loadId(1));
    assertThat(events.get(1).rows()).isEqualTo(Map.of("orders", 1L, "orders__items", 2L));
    assertThat(events.get(0).schemaChanges()).containsExactly("added column orders.city (text)");
    assertThat(events.get(0).rejected()).isEqualTo(1);
    assertThat(ledger.history("test", ASSET, 1)).hasSize(1);

    assertThat(ledger.versions("shop", 10))
        .extracting(Ledger.Version::version)
        .containsExactly(2L, 1L);
    assertThat(
            ledger.versions("shop", 1).get(0).schema().table("orders").orElseThrow().column("city"))
        .isPresent();

    Ledger.Rejects rejects = ledger.rejects("test", List.of(ASSET, "shop.x"), 10);
    assertThat(rejects.total()).isEqualTo(1);
    assertThat(rejects.reasons()).containsExactly(new Ledger.Reason(ASSET, "no number", 1));
    assertThat(rejects.newest().get(0).path()).isEqualTo("$.id");
    assertThat(rejects.newest().get(0).value()).contains("\"x\"");
    assertThat(ledger.rejects("other", List.of(ASSET), 10).total()).isZero();
  }

  @Test
  void resetGoesBackToTheBeginningKeepsRowsAndFencesWhoStillWrites() {
    TestRun old = two();
    Ledger.Corrected done = loader().ledger().correct(correction(Deed.RESET, null, null, false));
    assertThat(done.epoch()).isEqualTo(2);
    assertThat(done.after()).isNull();
    assertThat(count("orders")).isEqualTo(2);
    TestPackage zombie = orders();
    order(zombie, old.loadId(3), 9, "Zed");
    assertFails(Failure.LOAD_REFUSED, () -> old.load(zombie), "epoch 2");
    TestRun next = run("run:test:2");
    assertThat(next.stored().checkpoint()).isNull();
    TestPackage again = orders();
    order(again, next.loadId(1), 1, "Ada");
    next.finish(again);
    assertThat(loader().ledger().history("test", ASSET, 10))
        .extracting(Event::deed)
        .containsExactly("load", "reset", "load", "load");
  }

  @Test
  void setMakesTheNextRunBeginElsewhere() {
    two();
    JsonNode cursor =
        JsonNodeFactory.instance
            .objectNode()
            .put("done", true)
            .set("cursor", JsonNodeFactory.instance.objectNode().put("running_max", 7));
    loader().ledger().correct(correction(Deed.SET, cursor, null, false));
    assertThat(run("run:test:2").stored().checkpoint().toString()).contains("\"running_max\":7");
  }

  @Test
  void rewindTakesAwayExactlyWhatCameLater() {
    TestRun run = two();
    TestRun other = new TestRun(loader(), "shop.customers", APPEND);
    TestPackage theirs =
        TestPackage.of("shop", "customers")
            .after(loader().ledger().versions("shop", 1).get(0).schema())
            .table(
                "customers", DestinationContract.bigint("id"), text("_mr_load_id"), text("_mr_id"));
    theirs.row(cells("id", 1L, "_mr_load_id", other.loadId(1), "_mr_id", "x"));
    other.finish(theirs);

    Ledger.Corrected done =
        loader().ledger().correct(correction(Deed.REWIND, null, run.loadId(1), true));
    assertThat(done.loads()).containsExactly(run.loadId(2));
    assertThat(done.removed()).isEqualTo(Map.of("orders", 1L, "orders__items", 1L));
    assertThat(count("orders")).isEqualTo(1);
    assertThat(count("orders__items")).isEqualTo(2);
    assertThat(count("customers")).isEqualTo(1);
    assertThat(count("_mr_loads")).isEqualTo(2);
    assertThat(count("_mr_receipts")).isEqualTo(2);
    assertThat(count("_mr_rejects")).isZero();

    TestRun next = run("run:test:2");
    TestPackage again = orders(text("city"));
    again.after(next.stored().schema());
    TestPackage second = orders(text("city"));
    order(second, next.loadId(1), Map.of("city", "Paris"), 2, "Bob", "c");
    next.finish(second);
    assertThat(count("orders")).isEqualTo(2);
    assertThat(count("orders__items")).isEqualTo(3);
  }

  @Test
  void rewindRefusesWhatItCannotBringBack() {
    Ledger ledger = loader().ledger();
    TestRun run = two();
    assertFails(
        Failure.CONFIG_INVALID,
        () -> ledger.correct(correction(Deed.REWIND, null, "nope", false)),
        "no such load: nope");
    TestRun refreshed =
        new TestRun(loader(), ASSET, APPEND, io.millrace.run.Refresh.DROP_DATA).in("run:test:2");
    TestPackage anew = orders(text("city"));
    order(anew, refreshed.loadId(1), 5, "Eve");
    refreshed.finish(anew);
    assertFails(
        Failure.POLICY_REFUSED,
        () -> ledger.correct(correction(Deed.REWIND, null, run.loadId(2), true)),
        "not in orders any more");
    assertThat(count("orders")).isEqualTo(1);
    assertThat(ledger.states("test").get(0).epoch()).isEqualTo(2);
  }

  @Test
  void adoptsWhatDltLeftAndRefusesItBefore() {
    String state =
        "{\"sources\":{\"shop\":{\"resources\":{\"orders\":{\"incremental\":{\"at\":"
            + "{\"last_value\":\"\uf0272026-01-02 00:00:00+00:00\",\"unique_hashes\":[\"niaQ9OJdHi5i\"]}}}}}}}";
    execute(
        "CREATE SCHEMA %1$s",
        "CREATE TABLE %1$s._dlt_loads (load_id varchar(64) NOT NULL, schema_name varchar, status bigint NOT NULL, inserted_at timestamp with time zone NOT NULL, schema_version_hash varchar)",
        "CREATE TABLE %1$s._dlt_version (version bigint NOT NULL, engine_version bigint NOT NULL, inserted_at timestamp with time zone NOT NULL, schema_name varchar NOT NULL, version_hash varchar NOT NULL, schema varchar NOT NULL)",
        "CREATE TABLE %1$s._dlt_pipeline_state (version bigint NOT NULL, engine_version bigint NOT NULL, pipeline_name varchar NOT NULL, state varchar NOT NULL, created_at timestamp with time zone NOT NULL, version_hash varchar, _dlt_load_id varchar(64) NOT NULL, _dlt_id varchar NOT NULL)",
        "INSERT INTO %1$s._dlt_loads VALUES ('1.5', 'shop', 0, now(), 'h')",
        "INSERT INTO %1$s._dlt_version VALUES (2, 11, now(), 'shop', 'h', '{\"version\":2,\"version_hash\":\"h\",\"engine_version\":11,\"name\":\"shop\",\"tables\":{},\"previous_hashes\":[]}')",
        "INSERT INTO %1$s._dlt_pipeline_state VALUES (1, 4, 'pipe', '"
            + deflated(state)
            + "', now(), 'h', '1.5', 'x')");
    Loader loader = loaderOfDlt();
    assertFails(
        Failure.DESTINATION_REFUSED,
        () -> loader.read("test", ASSET, null, "shop", null),
        "`millrace adopt`");
    Ledger.Foreign foreign = loader.ledger().foreign("shop", null);
    assertThat(foreign.adopted()).isFalse();
    assertThat(foreign.loads()).isEqualTo(1);
    assertThat(foreign.schema().version()).isEqualTo(2);
    assertThat(foreign.pipeline()).isEqualTo("pipe");
    JsonNode checkpoint =
        DltState.checkpoint(foreign.state().at("/resources/orders/incremental/at"));
    assertThat(checkpoint.toString())
        .isEqualTo(
            "{\"cursor\":{\"window_start\":\"2026-01-02 00:00:00+00:00\",\"running_max\":\"2026-01-02 00:00:00+00:00\",\"start_keys\":[\"niaQ9OJdHi5i\"],\"keys\":[\"niaQ9OJdHi5i\"]},\"done\":true}");
    assertThat(loader.ledger().foreign("other", null).pipelines()).isEmpty();

    loader.ledger().adopt("test", Map.of(ASSET, checkpoint));
    loader.ledger().adopt("test", Map.of(ASSET, JsonNodeFactory.instance.objectNode()));
    Loader.Stored stored = loader.read("test", ASSET, null, "shop", null);
    assertThat(stored.checkpoint()).isEqualTo(checkpoint);
    assertThat(stored.epoch()).isEqualTo(1);
    assertThat(loader.ledger().history("test", ASSET, 9))
        .extracting(Event::deed)
        .containsExactly("adopt");
    TestRun next = new TestRun(loader, ASSET, APPEND);
    TestPackage more =
        TestPackage.of("shop", "orders")
            .table("orders", text("name"), text("_dlt_load_id"), text("_dlt_id"));
    more.row(cells("name", "Ada", "_dlt_load_id", next.loadId(1), "_dlt_id", "y"));
    loader.load(next.order(1, next.checkpoint(), true, false), more, Progress.NONE);
    assertThat(loader.query("SELECT name FROM orders", 0).rows()).hasSize(1);
  }

  private static String deflated(String text) {
    java.util.zip.Deflater deflater = new java.util.zip.Deflater();
    deflater.setInput(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    deflater.finish();
    byte[] out = new byte[10_000];
    int length = deflater.deflate(out);
    deflater.end();
    return java.util.Base64.getEncoder().encodeToString(java.util.Arrays.copyOf(out, length));
  }
}
