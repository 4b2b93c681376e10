package io.millrace.source;

import io.millrace.project.Text;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What all endpoints of a REST API share: dlt's {@code client} and, beyond it, pace, retries and
 * limits.
 *
 * @param tls {@code null} for the JDK's authorities and no certificate of ours
 * @param blockPrivateAddresses whether only addresses of the public internet are connected to;
 *     default false
 */
public record Client(
    Text baseUrl,
    Map<String, Text> headers,
    Auth auth,
    Paginator paginator,
    List<RateLimit> rateLimit,
    Integer concurrency,
    Retry retry,
    Timeout timeout,
    Limits limits,
    List<String> allowHosts,
    Tls tls,
    Boolean blockPrivateAddresses) {
  public Client {
    headers =
        headers == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    paginator = paginator == null ? new Paginator.Auto() : paginator;
    rateLimit = rateLimit == null ? List.of() : List.copyOf(rateLimit);
    concurrency = concurrency == null ? 4 : concurrency;
    retry = retry == null ? new Retry(null, null, null) : retry;
    timeout = timeout == null ? new Timeout(null, null, null) : timeout;
    limits = limits == null ? Limits.DEFAULT : limits;
    allowHosts = allowHosts == null ? List.of() : List.copyOf(allowHosts);
    blockPrivateAddresses = blockPrivateAddresses != null && blockPrivateAddresses;
  }

  /** The same with nothing said about certificates and private addresses. */
  public Client(
      Text baseUrl,
      Map<String, Text> headers,
      Auth auth,
      Paginator paginator,
      List<RateLimit> rateLimit,
      Integer concurrency,
      Retry retry,
      Timeout timeout,
      Limits limits,
      List<String> allowHosts) {
    this(
        baseUrl,
        headers,
        auth,
        paginator,
        rateLimit,
        concurrency,
        retry,
        timeout,
        limits,
        allowHosts,
        null,
        null);
  }

  /**
   * Certificates of our own, as PEM; each may be {@code null}, certificate and key only together.
   *
   * @param certificate ours, then those that signed it
   * @param ca trusted besides the JDK's
   */
  public record Tls(Text certificate, Text privateKey, Text privateKeyPassphrase, Text ca) {}

  /** At most {@code requests} in every window of {@code per}. */
  public record RateLimit(int requests, Duration per) {}

  /**
   * Tries inside one activity.
   *
   * @param maxAttempts default 5
   * @param statuses status codes and classes ({@code "5xx"}) that are tried again; default 429 and
   *     5xx
   */
  public record Retry(Integer maxAttempts, List<String> statuses, Backoff backoff) {
    public Retry {
      maxAttempts = maxAttempts == null ? 5 : maxAttempts;
      statuses = statuses == null ? List.of("429", "5xx") : List.copyOf(statuses);
      backoff = backoff == null ? new Backoff(null, null) : backoff;
    }
  }

  /**
   * Waits between tries: {@code initial} (default 1 s), doubled each time, at most {@code max}
   * (default 5 min), with jitter.
   */
  public record Backoff(Duration initial, Duration max) {
    public Backoff {
      initial = initial == null ? Duration.ofSeconds(1) : initial;
      max = max == null ? Duration.ofMinutes(5) : max;
    }
  }

  /** Defaults: connect 10 s, read 60 s, one whole request 10 min. */
  public record Timeout(Duration connect, Duration read, Duration total) {
    public Timeout {
      connect = connect == null ? Duration.ofSeconds(10) : connect;
      read = read == null ? Duration.ofSeconds(60) : read;
      total = total == null ? Duration.ofMinutes(10) : total;
    }
  }
}
