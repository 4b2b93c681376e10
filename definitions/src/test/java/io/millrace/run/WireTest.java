package io.millrace.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.temporal.api.common.v1.Payload;
import io.temporal.failure.ApplicationFailure;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The JSON of every record that crosses Temporal. It lies in histories and is read by other
 * versions: a golden file may get new fields that may be absent, and nothing else.
 */
class WireTest {
  private static final ObjectMapper MAPPER = Wire.mapper();

  private static final StagedRef STAGED = new StagedRef("shop/orders/raw-1", "ab".repeat(32));
  private static final Carried CURSOR =
      Carried.of(
          MAPPER
              .createObjectNode()
              .put("window_start", "2026-01-01")
              .put("running_max", "2026-02-01"));
  private static final Checkpoint CHECKPOINT =
      new Checkpoint(CURSOR, new Carried(null, STAGED), false);
  private static final Segment SEGMENT =
      new Segment(
          "shop",
          "cd".repeat(32),
          "shop.orders",
          "2026-01-01",
          "run:shop:01J",
          "1700000000.123000-0a1b2c3d-0002-000007",
          2,
          7);
  private static final Outcome OUTCOME =
      new Outcome(
          "shop.orders",
          Outcome.Status.FAILED,
          "load",
          new LinkedHashMap<>(new TreeMap<>(Map.of("orders", 230L, "orders__items", 811L))),
          1,
          3,
          4,
          91822,
          1,
          List.of(SEGMENT.loadId()),
          List.of("new table orders"),
          "\"2026-02-01\"",
          Outcome.Problem.of(Failure.SOURCE_REFUSED, "Cannot fetch shop.orders: 401"),
          Map.of("duplicate_keys", 2L),
          "its window was read again from its start");

  /** Every record with every field, by the name of its golden file. */
  static Map<String, Object> records() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("staged-ref", STAGED);
    out.put("carried", CURSOR);
    out.put("checkpoint", CHECKPOINT);
    out.put("segment", SEGMENT);
    out.put("outcome", OUTCOME);
    out.put(
        "graph-run-input",
        new GraphRun.Input(
            "shop",
            "shop.*",
            "shop.x",
            Refresh.DROP_SOURCES,
            5,
            2,
            "cd".repeat(32),
            "schedule",
            new Renormalize(SEGMENT.loadId(), "2026-01-31T00:00:00Z")));
    out.put(
        "graph-run-result",
        new GraphRun.Result("run:shop:01J", "cd".repeat(32), List.of(OUTCOME), List.of("a note")));
    out.put(
        "materialize-input",
        new Materialize.Input(
            "shop",
            "shop.orders",
            "2026-01-01",
            "cd".repeat(32),
            "run:shop:01J",
            Refresh.DROP_DATA,
            5,
            "manual",
            new Materialize.Resumed(
                "1700000000.123000",
                2,
                7,
                OUTCOME,
                true,
                true,
                new Materialize.Normalized(Kept.Extent.ALL, STAGED, CURSOR)),
            true,
            new Renormalize(null, null)));
    out.put("plan-request", new Plan.Request("shop", "shop.*", "shop.x", "cd".repeat(32)));
    out.put(
        "plan-result",
        new Plan.Result(
            "cd".repeat(32),
            List.of(new Plan.Step("shop.orders", List.of("shop.customers"), "to duckdb")),
            List.of("a note")));
    out.put(
        "read-state-request",
        new ReadState.Request(
            "shop", "cd".repeat(32), "shop.orders", "2026-01-01", Refresh.DROP_RESOURCES, true));
    out.put(
        "read-state-result",
        new ReadState.Result(2, 7, CHECKPOINT, CHECKPOINT.opened(false), STAGED, true));
    out.put("fetch-request", new Fetch.Request(SEGMENT, CHECKPOINT, 4L, true));
    out.put(
        "fetch-result",
        new Fetch.Result(STAGED, CURSOR, false, true, 3, 4, 5, 21_600_000, "Retry-After 21600s"));
    out.put(
        "kept-request",
        new Kept.Request(
            "shop",
            "cd".repeat(32),
            "shop.orders",
            "2026-01-01",
            new Renormalize(SEGMENT.loadId(), null),
            100));
    out.put(
        "kept-result",
        new Kept.Result(
            Kept.Extent.SOME,
            101,
            STAGED,
            List.of(new Kept.Raw(SEGMENT.loadId(), STAGED, CURSOR, true, 3, 5))));
    out.put(
        "normalize-request", new Normalize.Request(SEGMENT, STAGED, STAGED, CURSOR, true, CURSOR));
    out.put(
        "normalize-result",
        new Normalize.Result(STAGED, STAGED, CURSOR, 230, 1, Map.of("nul_characters", 3L)));
    out.put(
        "load-request",
        new Load.Request(
            SEGMENT,
            STAGED,
            CHECKPOINT,
            CHECKPOINT,
            true,
            true,
            Refresh.DROP_RESOURCES,
            true,
            4,
            91822,
            Kept.Extent.ALL));
    out.put(
        "load-receipt",
        new Load.Receipt(
            SEGMENT.loadId(),
            Map.of("orders", 230L),
            List.of("new table orders"),
            1,
            CHECKPOINT,
            true,
            Map.of("orders", 50L),
            Map.of("repeated_keys", 2L)));
    return out;
  }

  static List<String> names() {
    return List.copyOf(records().keySet());
  }

  @ParameterizedTest
  @MethodSource("names")
  void isWrittenAsAgreed(String name) throws IOException {
    JsonNode written = MAPPER.valueToTree(records().get(name));
    assertThat(written.toPrettyString()).isEqualTo(golden(name).toPrettyString());
  }

  @ParameterizedTest
  @MethodSource("names")
  void isReadAsItWasWritten(String name) throws IOException {
    Object record = records().get(name);
    assertThat((Object) MAPPER.treeToValue(golden(name), record.getClass())).isEqualTo(record);
  }

  @ParameterizedTest
  @MethodSource("names")
  void aFieldOfALaterVersionIsIgnored(String name) throws IOException {
    Object record = records().get(name);
    JsonNode later = golden(name);
    addUnknown(later);
    assertThat((Object) MAPPER.treeToValue(later, record.getClass())).isEqualTo(record);
  }

  @ParameterizedTest
  @MethodSource("names")
  void anythingMayBeAbsent(String name) throws IOException {
    Object record = records().get(name);
    assertThat((Object) MAPPER.readValue("{}", record.getClass())).isNotNull();
  }

  @Test
  void aRunIsStartedWithTheProjectAlone() throws IOException {
    assertThat(MAPPER.readValue("{\"project\":\"shop\"}", GraphRun.Input.class))
        .isEqualTo(new GraphRun.Input("shop", null, null, null, null, null, null, null));
  }

  @Test
  void convertsThroughThePayload() {
    Optional<Payload> payload = Wire.converter().toPayload(OUTCOME);
    assertThat(Wire.converter().fromPayload(payload.orElseThrow(), Outcome.class, Outcome.class))
        .isEqualTo(OUTCOME);
  }

  @Test
  void refusesAPayloadThatIsTooLarge() {
    String large = "x".repeat(Wire.MAX_PAYLOAD_BYTES);
    assertThatThrownBy(() -> Wire.converter().toPayload(large))
        .isInstanceOf(ApplicationFailure.class)
        .hasMessageContaining(
            "Cannot send a payload: larger than 262144 bytes: 2621",
            " (this is a mistake of ours, please report it)")
        .matches(e -> ((ApplicationFailure) e).isNonRetryable(), "final")
        .matches(e -> ((ApplicationFailure) e).getType().equals("INTERNAL"), "named");
    assertThatThrownBy(() -> Wire.converter().toPayloads("small", large))
        .isInstanceOf(ApplicationFailure.class);
  }

  private static JsonNode golden(String name) throws IOException {
    try (InputStream in = WireTest.class.getResourceAsStream("/wire/" + name + ".json")) {
      assertThat(in)
          .as(
              "wire/%s.json is missing; it would be:\n%s",
              name, MAPPER.valueToTree(records().get(name)).toPrettyString())
          .isNotNull();
      return MAPPER.readTree(in);
    }
  }

  /** In every object but those whose fields are names of tables, or JSON that is only carried. */
  private static void addUnknown(JsonNode node) {
    boolean data =
        Stream.of("window_start", "orders", "duplicate_keys", "nul_characters", "repeated_keys")
            .anyMatch(node::has);
    if (node instanceof ObjectNode && !data) {
      node.forEach(WireTest::addUnknown);
      ((ObjectNode) node).put("fieldOfALaterVersion", 1);
    } else if (node.isArray()) {
      node.forEach(WireTest::addUnknown);
    }
  }
}
