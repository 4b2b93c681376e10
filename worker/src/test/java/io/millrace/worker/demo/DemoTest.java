package io.millrace.worker.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.worker.Cli;
import io.millrace.worker.Main;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a user runs it: a real API, a real database, worker processes that really die. */
@Timeout(400)
class DemoTest {
  @TempDir Path folder;

  @Test
  void loadsEveryIdOnceAlthoughItsWorkerIsKilledAndThenOnlyWhatIsNew() throws Exception {
    JsonNode first = demo();
    assertVerified(first, 1);
    assertThat(found(first, "customers")).isEqualTo(300);
    assertThat(found(first, "orders")).isEqualTo(1200);
    assertThat(found(first, "events")).isEqualTo(3000);
    assertThat(first.get("surprises")).as("429, 500 and 401 happened").hasSize(3);
    assertThat(columns(first, "orders"))
        .as("late fields and a mixed type")
        .contains("coupon__code", "reference__v_text", "shipping__address__city");

    long killed = first.at("/crash/killed_pid").asLong();
    assertThat(ProcessHandle.of(killed).filter(ProcessHandle::isAlive)).isEmpty();
    // a segment is two pages; what is asked again are the segments in flight, and each surprise
    // once
    first
        .get("requests")
        .properties()
        .forEach(page -> assertThat(page.getValue().asInt()).as(page.getKey()).isBetween(1, 4));
    int requests = 0;
    for (JsonNode times : first.get("requests")) {
      requests += times.asInt();
    }
    assertThat(requests)
        .as("30 pages, 3 surprises, and at most one segment again per asset, one page of it new")
        .isBetween(30 + 3, 30 + 3 + 3 * 2 + 3);

    JsonNode second = demo();
    assertVerified(second, 2);
    assertThat(second.get("crash").isNull()).as("too little to crash in the middle").isTrue();
    assertThat(second.get("requests"))
        .as("one page each holds all that is new")
        .isEqualTo(
            new ObjectMapper().readTree("{\"customers 1\":1,\"events 1\":1,\"orders 1\":1}"));
    assertThat(loaded(second, "shop.events", "events")).isEqualTo(100);
    assertThat(loaded(second, "shop.orders", "orders")).as("40 new, 40 changed").isEqualTo(80);
    assertThat(loaded(second, "shop.customers", "customers")).as("6 new, 6 changed").isEqualTo(12);
    assertThat(found(second, "orders")).isEqualTo(1240);
  }

  @Test
  void goesOnWhereAnInterruptedDemoStopped() throws Exception {
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "demo")
            .directory(folder.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    long worker = 0;
    Pattern started = Pattern.compile("Started +worker (\\d+)\\..*");
    try (BufferedReader talk = parent.errorReader(UTF_8)) {
      for (String line = talk.readLine(); line != null && worker == 0; line = talk.readLine()) {
        Matcher matcher = started.matcher(line);
        worker = matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
      }
      assertThat(worker).as("the second worker was started").isPositive();
      parent.destroyForcibly();
      assertThat(parent.waitFor(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      parent.destroyForcibly();
    }
    Optional<ProcessHandle> orphan = ProcessHandle.of(worker);
    if (orphan.isPresent()) {
      orphan.get().onExit().get(20, TimeUnit.SECONDS); // a worker ends with its parent
    }

    assertVerified(demo(), 1);
  }

  private JsonNode demo() throws Exception {
    Cli.Result result = Cli.ofTheHouse(folder).run("demo", "--output", "json");
    assertThat(result.code()).as("%s%n%s", result.err(), result.out()).isZero();
    return new ObjectMapper().readTree(result.out());
  }

  private static void assertVerified(JsonNode document, int day) {
    assertThat(document.get("ok").asBoolean()).isTrue();
    assertThat(document.get("day").asInt()).isEqualTo(day);
    assertThat(document.get("verified")).hasSize(5);
    for (JsonNode check : document.get("verified")) {
      assertThat(check.get("right").asBoolean()).as(check.toString()).isTrue();
      assertThat(check.get("distinct")).isEqualTo(check.get("expected"));
    }
    assertThat(document.at("/query/rows")).hasSize(5);
  }

  private static long found(JsonNode document, String table) {
    for (JsonNode check : document.get("verified")) {
      if (check.get("table").asText().equals(table)) {
        return check.get("found").asLong();
      }
    }
    throw new AssertionError("no check of " + table + " in " + document);
  }

  private static long loaded(JsonNode document, String asset, String table) {
    for (JsonNode outcome : document.get("assets")) {
      if (outcome.get("asset").asText().equals(asset)) {
        return outcome.at("/rows/" + table).asLong();
      }
    }
    throw new AssertionError("no asset " + asset + " in " + document);
  }

  private static List<String> columns(JsonNode document, String table) {
    for (JsonNode t : document.get("tables")) {
      if (t.get("table").asText().equals(table)) {
        return t.get("columns").findValuesAsText("name");
      }
    }
    throw new AssertionError("no table " + table + " in " + document);
  }
}
