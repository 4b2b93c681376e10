package io.millrace.activities.extract.rest;

import io.millrace.activities.secret.Secrets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.Cookie;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;

/**
 * The cookies that our own origin gave during one fetch. They go back to it alone, and nothing
 * writes them down. Thread-safe.
 */
final class Cookies {
  /** As many as browsers keep for one place. */
  private static final int MOST = 50;

  private final Secrets secrets;
  private final List<Cookie> kept = new ArrayList<>();

  Cookies(Secrets secrets) {
    this.secrets = secrets;
  }

  /** The request with the cookies that belong to it, after those that it has. */
  synchronized Request on(Request request) {
    List<String> pairs =
        kept.stream()
            .filter(cookie -> cookie.matches(request.url()))
            .map(cookie -> cookie.name() + "=" + cookie.value())
            .toList();
    if (pairs.isEmpty()) {
      return request;
    }
    String all =
        Stream.concat(request.headers("Cookie").stream(), pairs.stream())
            .collect(Collectors.joining("; "));
    return request.newBuilder().header("Cookie", all).build();
  }

  synchronized void take(HttpUrl from, Headers headers) {
    for (Cookie cookie : Cookie.parseAll(from, headers)) {
      kept.removeIf(old -> old.name().equals(cookie.name()) && old.path().equals(cookie.path()));
      if (kept.size() < MOST && cookie.value().length() <= 4096) {
        kept.add(cookie);
        // others change with every answer and say nothing: they would push secrets out of the mask
        if (cookie.httpOnly() || RequestPlan.sensitive(cookie.name())) {
          secrets.remember(cookie.value());
        }
      }
    }
  }
}
