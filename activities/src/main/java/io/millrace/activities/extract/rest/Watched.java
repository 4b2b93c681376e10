package io.millrace.activities.extract.rest;

import java.time.Clock;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/**
 * The HTTP client that remembers the last answer and how long it took. For one caller at a time.
 */
final class Watched extends Http {
  private final Clock clock;
  private Answer last;
  private long millis;
  private long requests;

  Watched(Clock clock) {
    this.clock = clock;
  }

  @Override
  Answer exchange(OkHttpClient client, Request request, Decoding.Limit limit, Runnable alive)
      throws Broken {
    long began = clock.millis();
    last = null;
    requests++;
    last = super.exchange(client, request, limit, alive);
    millis = clock.millis() - began;
    return last;
  }

  /** {@code null} when the last request had none. */
  Answer last() {
    return last;
  }

  long millis() {
    return millis;
  }

  long requests() {
    return requests;
  }
}
