package io.millrace.activities.extract.rest;

import java.util.LinkedHashMap;
import java.util.Map;
import okhttp3.HttpUrl;

/** Query parameters that hold what is ours: they are in every request and in nothing we write. */
final class OurParams {
  private final Map<String, String> params = new LinkedHashMap<>();

  void add(String name, String value) {
    params.put(name, value);
  }

  /** The address with them, where it lacks them. */
  HttpUrl with(HttpUrl url) {
    HttpUrl.Builder out = url.newBuilder();
    params.forEach(
        (name, value) -> {
          if (url.queryParameter(name) == null) {
            out.addQueryParameter(name, value);
          }
        });
    return out.build();
  }

  /** The address without them, where it has our values. */
  HttpUrl without(HttpUrl url) {
    HttpUrl.Builder out = url.newBuilder();
    params.forEach(
        (name, value) -> {
          if (url.queryParameterValues(name).contains(value)) {
            out.removeAllQueryParameters(name);
          }
        });
    return out.build();
  }

  /** The address for people: with their names, and nothing of what they hold. */
  HttpUrl hidden(HttpUrl url) {
    HttpUrl.Builder out = url.newBuilder().username("").password("");
    for (String name : params.keySet()) {
      if (url.queryParameter(name) != null) {
        out.setQueryParameter(name, "***");
      }
    }
    return out.build();
  }

  @Override
  public String toString() {
    return params.keySet().toString();
  }
}
