package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.ASSET;
import static io.millrace.activities.destination.DestinationContract.assertFails;
import static io.millrace.activities.destination.DestinationContract.order;
import static io.millrace.activities.destination.DestinationContract.orders;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.Failure;
import io.millrace.activities.Progress;
import io.millrace.destination.WriteDisposition;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What others take away from us in PostgreSQL while a run goes on. */
class PostgresGoneTest {
  private final PostgresServer server = PostgresServer.shared();
  private final String dataset = PostgresContractTest.dataset();
  private final String schema = PostgresContractTest.quoted(dataset);
  private final String role = PostgresContractTest.grant(server, dataset);
  private final Loader loader = server.loader(dataset, Map.of("username", role));
  private final TestRun run = new TestRun(loader, ASSET, WriteDisposition.APPEND);

  @AfterEach
  void drop() {
    PostgresContractTest.drop(server, dataset, role);
  }

  private void first() {
    run.load(order(orders(), "l1", 1, "a"));
  }

  private void second() {
    run.finish(order(orders(), "l2", 2, "b"));
  }

  private List<Object> names() {
    return loader.query("SELECT name FROM orders ORDER BY id", 0).rows().stream()
        .map(r -> r.get(0))
        .toList();
  }

  @Test
  void namesTheRightThatWasRevoked() {
    first();
    server.execute("ALTER TABLE %s.orders OWNER TO millrace".formatted(schema));
    assertFails(
        Failure.DESTINATION_REFUSED,
        this::second,
        "Cannot load",
        "orders",
        "the role may not do this",
        "docs/guides/postgresql.md");
    server.execute("GRANT SELECT, INSERT ON %s.orders TO \"%s\"".formatted(schema, role));
    second();
    assertThat(names()).containsExactly("a", "b");
  }

  @Test
  void namesTheDatasetThatTheRoleMayNotMake() {
    Loader other = server.loader("never made", Map.of("username", role));
    assertFails(
        Failure.DESTINATION_REFUSED,
        () ->
            new TestRun(other, ASSET, WriteDisposition.APPEND)
                .finish(order(orders(), "l1", 1, "a")),
        "permission denied for database",
        "docs/guides/postgresql.md");
  }

  @Test
  void refusesToGoOnInADatasetThatWasDropped() {
    first();
    server.execute("DROP SCHEMA %s CASCADE".formatted(schema));
    server.execute("CREATE SCHEMA %s AUTHORIZATION \"%s\"".formatted(schema, role));
    assertFails(Failure.LOAD_REFUSED, this::second, "the destination has epoch 0 segment 0");
    assertThat(loader.tables(true)).as("nothing was made").isEmpty();
  }

  @Test
  void refusesWhenTheStateChangesInTheMiddleOfALoad() {
    first();
    for (String change :
        List.of("UPDATE %s._mr_state SET epoch = epoch + 1", "DELETE FROM %s._mr_state")) {
      assertFails(
          Failure.LOAD_REFUSED,
          () ->
              run.load(
                  new PostgresLostTest.During(
                      order(order(orders().batches(1), "l2", 2, "b"), "l2", 3, "c"),
                      () -> server.execute(change.formatted(schema)))),
          "changed during the load");
      assertThat(names()).containsExactly("a");
      server.execute("UPDATE %s._mr_state SET epoch = 1".formatted(schema));
    }
  }

  @Test
  void refusesTheStateOfANewerVersion() {
    first();
    server.execute("UPDATE %s._mr_version SET engine_version = 99".formatted(schema));
    assertFails(Failure.DESTINATION_REFUSED, this::second, "99", "upgrade");
    server.execute("ALTER TABLE %s._mr_state ADD COLUMN mood TEXT".formatted(schema));
    assertFails(Failure.DESTINATION_REFUSED, this::second, "_mr_state", "mood", "upgrade");
    assertThat(names()).containsExactly("a");
  }

  /** Takes as long as a load waits for a connection: half a minute. */
  @Test
  @EnabledIfSystemProperty(named = "millrace.long", matches = "true")
  void saysThatAllConnectionsAreInUse() {
    Loader narrow = server.loader(dataset, Map.of("username", role, "pool_size", "1"));
    TestRun other = new TestRun(narrow, ASSET, WriteDisposition.APPEND);
    List<String> said = new java.util.ArrayList<>();
    other.load(
        new PostgresLostTest.During(
            order(order(orders().batches(1), "l2", 2, "b"), "l2", 3, "c"),
            () -> {
              try {
                narrow.query("SELECT 1", 0);
              } catch (io.millrace.MillraceException e) {
                said.add(e.failure() + " " + e.getMessage());
              }
            }));
    assertThat(said)
        .singleElement()
        .asString()
        .contains("DESTINATION_LOCKED", "all connections are in use: 1", "pool_size");
  }

  @Test
  void knowsACheckpointAgainHoweverItsNumbersAreWritten() {
    var nodes = JsonNodeFactory.instance;
    var before = nodes.objectNode().put("big", 1.0E10).put("small", 1e-7).put("int", 7.0);
    before.put("huge", new java.math.BigInteger("123456789012345678901234567890"));
    Loader.Order order = run.order(1, null, false, false);
    loader.load(withAfter(order, before), order(orders(), "l1", 1, "a"), Progress.NONE);
    assertThat(
            loader
                .load(
                    run.order(2, before, false, false),
                    order(orders(), "l2", 2, "b"),
                    Progress.NONE)
                .replayed())
        .isFalse();
  }

  private static Loader.Order withAfter(
      Loader.Order o, com.fasterxml.jackson.databind.JsonNode after) {
    return new Loader.Order(
        o.segment(),
        o.source(),
        o.disposition(),
        o.before(),
        after,
        o.finish(),
        o.unchanged(),
        o.refresh(),
        o.restart(),
        o.compat(),
        o.requests(),
        o.bytes());
  }
}
