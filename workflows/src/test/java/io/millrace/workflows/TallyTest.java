package io.millrace.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.run.Load;
import io.millrace.run.Outcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TallyTest {
  @Test
  void tellsHowManyRowsWentInNumbersThatCanBeRead() {
    Tally tally = new Tally("shop.orders", null);
    tally.begunAgain("a file changed");
    tally.committed(
        new Load.Receipt(
            "l1", Map.of(), List.of(), 0, null, false, Map.of("orders", 368_486L), null),
        null);
    assertThat(tally.outcome(Outcome.Status.RUNNING, "load", null).restarted())
        .endsWith("the rows that it had were removed: 368,486 of orders");
  }
}
