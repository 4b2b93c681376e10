package io.millrace.worker.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.MillraceException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DemoApiTest {
  private final AtomicInteger halfway = new AtomicInteger();
  private final DemoApi api =
      DemoApi.start(new DemoData(1), 0, "a secret", halfway::incrementAndGet);
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private String token = "none";

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void refusesWithoutAToken() throws Exception {
    HttpResponse<String> answer = get("/v1/orders");
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate"))
        .hasValueSatisfying(value -> assertThat(value).contains("invalid_token"));
  }

  @Test
  void refusesATokenForAWrongSecret() throws Exception {
    assertThat(login("another secret").statusCode()).isEqualTo(401);
  }

  @Test
  void ordersFollowAbsoluteLinksAndTheTokenExpiresOnTheWay() throws Exception {
    login("a secret");
    List<Integer> ids = new ArrayList<>();
    String next = api.url() + "/v1/orders?updated_since=2026-01-01T00:00:00%2B00:00";
    while (next != null) {
      assertThat(next).startsWith(api.url());
      HttpResponse<String> answer = get(next.substring(api.url().length()));
      if (answer.statusCode() == 401) {
        login("a secret");
        continue;
      }
      JsonNode body = json(answer);
      body.get("data").forEach(order -> ids.add(order.get("id").asInt()));
      next = body.at("/paging/next").textValue();
    }
    assertThat(ids).isEqualTo(IntStream.rangeClosed(1, 1200).boxed().toList());
    assertThat(api.surprises()).containsExactly(DemoApi.Surprise.TOKEN_EXPIRED);
    assertThat(api.requests())
        .hasSize(12)
        .containsEntry("orders 2", 1)
        .containsEntry("orders 3", 2)
        .containsEntry("orders 4", 1);
    assertThat(halfway).hasValue(1);
  }

  @Test
  void customersHavePageNumbersAndAskForPatienceOnce() throws Exception {
    login("a secret");
    assertThat(json(get("/v1/customers")).get("total_pages").asInt()).isEqualTo(6);
    HttpResponse<String> slowDown = get("/v1/customers?page=2");
    assertThat(slowDown.statusCode()).isEqualTo(429);
    assertThat(slowDown.headers().firstValue("Retry-After")).hasValue("1");
    assertThat(json(get("/v1/customers?page=2")).at("/data/0/id").asInt()).isEqualTo(51);
    assertThat(json(get("/v1/customers?page=7")).get("data")).isEmpty();
  }

  @Test
  void eventsHaveACursorAndFailOnce() throws Exception {
    login("a secret");
    String cursor = json(get("/v1/events")).at("/cursors/next").textValue();
    assertThat(get("/v1/events?cursor=" + cursor).statusCode()).isEqualTo(500);
    assertThat(json(get("/v1/events?cursor=" + cursor)).at("/data/0/id").asInt()).isEqualTo(251);
    assertThat(json(get("/v1/events?cursor=after-11")).at("/cursors/next").isNull()).isTrue();
  }

  @Test
  void givesOnlyWhatChangedSince() throws Exception {
    login("a secret");
    JsonNode body = json(get("/v1/events?updated_since=2026-01-01T03:20:00Z"));
    assertThat(body.get("data")).hasSize(1);
    assertThat(body.at("/data/0/id").asInt()).isEqualTo(3000);
  }

  @Test
  void answersNonsenseWithARefusal() throws Exception {
    login("a secret");
    assertThat(get("/v1/orders?page=x").statusCode()).isEqualTo(400);
    assertThat(get("/v1/orders?updated_since=yesterday").statusCode()).isEqualTo(400);
    assertThat(get("/v1/events?cursor=nonsense").statusCode()).isEqualTo(400);
    assertThat(get("/v1/unicorns").statusCode()).isEqualTo(404);
  }

  @Test
  void saysWhenItsPortIsTaken() {
    assertThatThrownBy(() -> DemoApi.start(new DemoData(1), api.port(), "a secret", () -> {}))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("Cannot start the demo's API: port " + api.port() + " is taken");
  }

  private HttpResponse<String> login(String secret) throws Exception {
    String form = "grant_type=client_credentials&client_id=millrace-demo&client_secret=" + secret;
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(api.url() + "/oauth/token"))
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form.replace(" ", "+")))
                .build(),
            BodyHandlers.ofString());
    if (answer.statusCode() == 200) {
      token = json(answer).get("access_token").asText();
    }
    return answer;
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(api.url() + path))
            .timeout(Duration.ofSeconds(10))
            .header("Authorization", "Bearer " + token)
            .build(),
        BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new ObjectMapper().readTree(answer.body());
  }
}
