package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.ASSET;
import static io.millrace.activities.destination.DestinationContract.assertFails;
import static io.millrace.activities.destination.DestinationContract.key;
import static io.millrace.activities.destination.DestinationContract.keyed;
import static io.millrace.activities.destination.DestinationContract.order;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.TableBatch;
import io.millrace.destination.WriteDisposition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections, sessions and servers that go away in the middle of a load. */
class PostgresLostTest {
  /** Segments of each disposition whose COMMIT is lost: all three together make 100 or more. */
  private static final int TRIALS = Integer.getInteger("millrace.lost.trials", 34);

  private static final long SEED = Long.getLong("millrace.seed", 20261121L);

  private final PostgresServer server = PostgresServer.shared();
  private final String dataset = PostgresContractTest.dataset();

  @AfterEach
  void drop() {
    server.execute("DROP SCHEMA IF EXISTS " + PostgresContractTest.quoted(dataset) + " CASCADE");
  }

  @ParameterizedTest
  @ValueSource(strings = {"append", "merge", "replace"})
  void losesAndDoublesNothingWhenTheAnswerToCommitIsLost(String disposition) throws IOException {
    WriteDisposition how = disposition(disposition);
    Random random = new Random(SEED + disposition.hashCode());
    try (Relay relay = Relay.to(server)) {
      Loader loader = server.loader(dataset, Map.of("port", String.valueOf(relay.port())));
      TestRun run = new TestRun(loader, ASSET, how);
      for (int i = 0; i < TRIALS; i++) {
        boolean last = i == TRIALS - 1;
        Relay.Cut cut = Relay.Cut.values()[random.nextInt(3)];
        TestPackage rows = order(keyed(key("id")), run.loadId(i + 1), i, "n" + i, "sku" + i);
        relay.cut(cut);
        assertFails(
            Failure.DESTINATION_UNREACHABLE,
            () -> run.load(rows, last, false),
            "Cannot load shop.orders into 127.0.0.1:" + relay.port(),
            "it is tried again");
        boolean replayed = run.load(rows, last, false).replayed();
        if (cut == Relay.Cut.BEFORE_COMMIT) {
          assertThat(replayed).as("trial %d, seed %d: %s", i, SEED, cut).isFalse();
        } else if (cut == Relay.Cut.ANSWER) {
          assertThat(replayed).as("trial %d, seed %d: %s", i, SEED, cut).isTrue();
        }
      }
      assertThat(relay.cuts()).isEqualTo(TRIALS);
      assertOnce(loader, TRIALS);
    }
  }

  /** Orders 0 to n - 1 are there once, each with its item, as many receipts, and the state. */
  private void assertOnce(Loader loader, int n) {
    List<List<Object>> ids = LongStream.range(0, n).mapToObj(i -> List.<Object>of(i)).toList();
    assertThat(loader.query("SELECT id FROM orders ORDER BY id", 0).rows()).isEqualTo(ids);
    assertThat(
            loader
                .query(
                    "SELECT substr(sku, 4)::BIGINT FROM orders__items i JOIN orders o ON o._mr_id = i._mr_parent_id ORDER BY 1",
                    0)
                .rows())
        .isEqualTo(ids);
    assertThat(
            loader
                .query(
                    "SELECT count(*), count(DISTINCT load_id), max(segment) FROM _mr_receipts", 0)
                .rows())
        .containsExactly(List.of((long) n, (long) n, (long) n));
    assertThat(loader.query("SELECT count(*) FROM _mr_loads", 0).rows())
        .containsExactly(List.of((long) n));
    assertThat(loader.query("SELECT segment FROM _mr_state", 0).rows())
        .containsExactly(List.of((long) n));
  }

  @ParameterizedTest
  @CsvSource({
    "append,terminate",
    "append,immediate",
    "append,fast",
    "merge,terminate",
    "merge,immediate",
    "replace,terminate",
    "replace,fast"
  })
  void loadsOnceWhenTheServerGoesInTheMiddleOfACopy(String disposition, String how) {
    Loader loader = server.loader(dataset, Map.of());
    TestRun run = new TestRun(loader, ASSET, disposition(disposition));
    run.load(rows(run, 0, 50));
    List<String> done = new ArrayList<>();
    LoadPackage interrupted =
        new During(
            rows(run, 50, 100),
            () -> {
              if (how.equals("terminate")) {
                server.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace' AND query LIKE 'COPY%' AND state = 'active'");
              } else {
                server.stop(how);
                server.start();
              }
              done.add(how);
            });
    long begin = System.nanoTime();
    MillraceException lost = null;
    try {
      run.load(interrupted, true, false);
    } catch (MillraceException e) {
      lost = e;
    }
    assertThat(done).containsExactly(how);
    assertThat(lost).as("the load fails").isNotNull();
    assertThat(lost.failure()).as(lost.getMessage()).isEqualTo(Failure.DESTINATION_UNREACHABLE);
    assertThat(lost.failure().retryable()).isTrue();
    assertThat(loader.query("SELECT count(*) FROM _mr_receipts", 0).rows())
        .containsExactly(List.of(1L));
    assertThat(run.load(rows(run, 50, 100), true, false).replayed()).isFalse();
    assertThat(System.nanoTime() - begin).as("added time").isLessThan(10_000_000_000L);
    assertThat(loader.query("SELECT id FROM orders ORDER BY id", 0).rows())
        .isEqualTo(LongStream.range(0, 100).mapToObj(i -> List.<Object>of(i)).toList());
    assertThat(loader.query("SELECT count(*) FROM orders__items", 0).rows())
        .containsExactly(List.of(100L));
  }

  private static TestPackage rows(TestRun run, int from, int to) {
    TestPackage rows = keyed(key("id")).batches(10);
    for (int id = from; id < to; id++) {
      order(rows, run.loadId(from + 1), id, "n".repeat(500), "sku" + id);
    }
    return rows;
  }

  private static WriteDisposition disposition(String name) {
    return switch (name) {
      case "append" -> WriteDisposition.APPEND;
      case "merge" -> WriteDisposition.MERGE;
      case "replace" -> WriteDisposition.REPLACE;
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** What happens in the middle of a load. */
  interface Happening {
    void happen() throws IOException;
  }

  /** Something happens once, behind the first batch of the orders. */
  static final class During extends ForwardingPackage {
    private final Happening happening;

    During(LoadPackage of, Happening happening) {
      super(of);
      this.happening = happening;
    }

    @Override
    public Batches batches(String table) throws IOException {
      Batches batches = super.batches(table);
      return new Batches() {
        private int number;

        @Override
        public TableBatch next() throws IOException {
          if (number++ == 1 && table.equals("orders")) {
            happening.happen();
          }
          return batches.next();
        }

        @Override
        public void close() throws IOException {
          batches.close();
        }
      };
    }
  }
}
