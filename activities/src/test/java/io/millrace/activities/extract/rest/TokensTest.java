package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.secret.EnvSecrets;
import io.millrace.project.Text;
import io.millrace.source.Auth;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class TokensTest {
  private final FakeTime time = new FakeTime(Instant.parse("2026-01-01T00:00:00Z"));
  private final Tokens tokens = new Tokens(time);
  private final AtomicInteger fetched = new AtomicInteger();

  @Test
  void manyThreadsFetchOneToken() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(16);
    try {
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        answers.add(pool.submit(() -> token("shop", null, 60)));
      }
      for (Future<String> answer : answers) {
        assertThat(answer.get()).isEqualTo("token-1");
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void manyThreadsRenewARefusedTokenOnce() {
    String refused = token("shop", null, 60);
    assertThat(token("shop", refused, 60)).isEqualTo("token-2");
    assertThat(token("shop", refused, 60)).as("somebody renewed it already").isEqualTo("token-2");
  }

  @Test
  void tokenIsRenewedALittleBeforeItExpires() {
    token("shop", null, 100);
    time.millis(79_000);
    assertThat(token("shop", null, 100)).isEqualTo("token-1");
    time.millis(2_000);
    assertThat(token("shop", null, 100)).isEqualTo("token-2");
  }

  @Test
  void tokenOfTwoSecondsIsRenewedBeforeItIsOver() {
    token("shop", null, 2);
    time.millis(1_500);
    assertThat(token("shop", null, 2)).isEqualTo("token-1");
    time.millis(100);
    assertThat(token("shop", null, 2)).isEqualTo("token-2");
    assertThat(token("other", null, Long.MAX_VALUE)).as("a promise beyond time").isNotNull();
  }

  @Test
  void otherClientsHaveOtherTokens() {
    assertThat(token("shop", null, 60)).isEqualTo("token-1");
    assertThat(token("other", null, 60)).isEqualTo("token-2");
    assertThat(new Tokens.Token("token-1", 60, "refresh").toString()).isEqualTo("Token");
  }

  @Test
  void newerRefreshTokenIsUsedNext() {
    Grant grant = grant("shop");
    List<String> used = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      String next = i == 2 ? null : "refresh-" + i;
      tokens.token(
          grant,
          null,
          newer -> {
            used.add(newer);
            return new Tokens.Token("t", 1, next);
          },
          () -> {});
      time.millis(1_000);
    }
    assertThat(used)
        .as("a server that gives none keeps the old")
        .containsExactly(null, "refresh-1", "refresh-1");
  }

  @Test
  void whoWaitedSharesTheFailureOfTheOneWhoAsked() throws Exception {
    int threads = 12;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    CountDownLatch asking = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Supplier<String> ask =
        () ->
            tokens.token(
                grant("shop"),
                null,
                newer -> {
                  fetched.incrementAndGet();
                  asking.countDown();
                  await(go);
                  throw new MillraceException(Failure.SOURCE_UNREACHABLE, "no token today");
                },
                () -> {});
    try {
      List<Future<String>> answers = new ArrayList<>();
      answers.add(pool.submit(ask::get));
      await(asking);
      for (int i = 1; i < threads; i++) {
        answers.add(pool.submit(ask::get));
      }
      while (tokens.waiting(grant("shop")) < threads - 1) {
        Thread.onSpinWait();
      }
      go.countDown();
      for (Future<String> answer : answers) {
        assertThatThrownBy(answer::get).rootCause().hasMessage("no token today");
      }
      assertThat(fetched).as("one asked, eleven waited").hasValue(1);
    } finally {
      pool.shutdownNow();
    }
    assertThat(token("shop", null, 60)).as("who comes later asks again").isEqualTo("token-2");
  }

  @Test
  void stoppedFetchDoesNotFailTheOthers() {
    assertThatThrownBy(
            () ->
                tokens.token(
                    grant("shop"),
                    null,
                    newer -> {
                      throw new MillraceException(Failure.CANCELLED, "stopped");
                    },
                    () -> {}))
        .hasMessage("stopped");
    assertThat(token("shop", null, 60)).isEqualTo("token-1");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Grant grant(String clientId) {
    Auth auth =
        new Auth.OAuth2ClientCredentials(
            new Text("http://localhost/token"), new Text(clientId), new Text("secret"), null, null);
    return Grant.of(auth, new EnvSecrets(Map.of(), Path.of(".")));
  }

  private String token(String clientId, String refused, long seconds) {
    return tokens.token(
        grant(clientId),
        refused,
        newer -> new Tokens.Token("token-" + fetched.incrementAndGet(), seconds, null),
        () -> {});
  }
}
