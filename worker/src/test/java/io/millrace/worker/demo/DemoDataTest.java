package io.millrace.worker.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.worker.demo.DemoData.Kind;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DemoDataTest {
  private final DemoData firstDay = new DemoData(1);
  private final DemoData secondDay = new DemoData(2);

  @Test
  void sameDayGivesTheSameBytes() {
    for (Kind kind : Kind.values()) {
      assertThat(new DemoData(2).record(kind, 1).toString())
          .isEqualTo(secondDay.record(kind, 1).toString());
    }
  }

  @Test
  void secondDayAddsRecordsAndChangesAFewOldOnes() {
    Instant secondMorning = Instant.parse("2026-01-02T00:00:00Z");
    assertThat(secondDay.changedSince(Kind.ORDERS, secondMorning))
        .hasSize(40 + 40)
        .contains(2, 32, 1201, 1240);
    assertThat(secondDay.changedSince(Kind.CUSTOMERS, secondMorning)).hasSize(6 + 6);
    assertThat(secondDay.changedSince(Kind.EVENTS, secondMorning)).hasSize(100);
  }

  @Test
  void whatIsNotReportedAsChangedIsTheSameAsTheDayBefore() {
    Instant secondMorning = Instant.parse("2026-01-02T00:00:00Z");
    for (Kind kind : Kind.values()) {
      Set<Integer> changed = new HashSet<>();
      for (int id : secondDay.changedSince(kind, secondMorning)) {
        changed.add(id);
      }
      for (int id = 1; id <= firstDay.count(kind); id++) {
        JsonNode before = firstDay.record(kind, id);
        JsonNode after = secondDay.record(kind, id);
        assertThat(after.equals(before)).as("%s %d", kind, id).isEqualTo(!changed.contains(id));
      }
    }
  }

  @Test
  void everythingOfADayIsLaterThanTheDayBeforeSoThatNoCursorMissesIt() {
    for (Kind kind : Kind.values()) {
      assertThat(secondDay.changedSince(kind, Instant.parse("2026-01-03T00:00:00Z"))).isEmpty();
      assertThat(firstDay.changedSince(kind, Instant.parse("2026-01-02T00:00:00Z"))).isEmpty();
    }
  }

  @Test
  void theSchemaHasSomethingToLearnOnTheWay() {
    assertThat(firstDay.record(Kind.ORDERS, 1).has("coupon")).isFalse();
    assertThat(firstDay.record(Kind.ORDERS, 601).has("coupon")).isTrue();
    assertThat(firstDay.record(Kind.ORDERS, 776).get("reference").isInt()).isTrue();
    assertThat(firstDay.record(Kind.ORDERS, 777).get("reference").isTextual()).isTrue();
  }

  @Test
  void refusesADayBeforeTheShopOpened() {
    assertThatThrownBy(() -> new DemoData(0)).hasMessageContaining("not on day 0");
  }
}
