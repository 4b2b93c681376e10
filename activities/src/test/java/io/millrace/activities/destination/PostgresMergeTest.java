package io.millrace.activities.destination;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.destination.WriteDisposition;
import io.millrace.destination.WriteDisposition.Strategy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The merges, done by PostgreSQL. */
class PostgresMergeTest extends MergeContract {
  private final String dataset = PostgresContractTest.dataset();
  private final String role = PostgresContractTest.grant(PostgresServer.shared(), dataset);

  @Override
  Loader loader() {
    return PostgresServer.shared().loader(dataset, Map.of("username", role));
  }

  @Test
  void letsQuestionMarksInConditionsBeOperators() {
    String filter = "to_jsonb(name) ? 'a' OR jsonb_build_object(name, 1) ? 'b'";
    String scope = "jsonb_build_object(t.name, 1) ?| array['a', 'b']";
    WriteDisposition conditions =
        MergeContract.merge(
            Strategy.DELETE_INSERT, "source_filter", filter, "destination_scope", scope);
    for (String load : List.of("l1", "l2")) {
      TestPackage orders = DestinationContract.keyed(DestinationContract.key("id"));
      DestinationContract.order(orders, load, load.charAt(1), "a", "x");
      DestinationContract.order(orders, load, 9, "no", "y");
      new TestRun(loader(), DestinationContract.ASSET, conditions).finish(orders);
    }
    assertThat(loader().query("SELECT id, name FROM orders", 0).rows())
        .as("the row of the first load was in the scope of the second")
        .containsExactly(List.of((long) '2', "a"));
  }

  @AfterEach
  void drop() {
    PostgresContractTest.drop(PostgresServer.shared(), dataset, role);
  }
}
