package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.activities.secret.EnvSecrets;
import io.millrace.project.Text;
import io.millrace.source.Auth;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
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
  void otherClientsHaveOtherTokens() {
    assertThat(token("shop", null, 60)).isEqualTo("token-1");
    assertThat(token("other", null, 60)).isEqualTo("token-2");
    assertThat(new Tokens.Token("token-1", 60).toString()).isEqualTo("Token");
  }

  private String token(String clientId, String refused, long seconds) {
    Auth auth =
        new Auth.OAuth2ClientCredentials(
            new Text("http://localhost/token"), new Text(clientId), new Text("secret"), null, null);
    Credentials credentials = Credentials.of(auth, new EnvSecrets(Map.of(), Path.of(".")));
    return tokens.token(
        (Credentials.OAuth) credentials,
        refused,
        () -> new Tokens.Token("token-" + fetched.incrementAndGet(), seconds),
        () -> {});
  }
}
