package io.millrace.activities.secret;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Replaces known values, in every form in which they usually leave. Thread-safe. */
final class Mask {
  /** Shorter values are found by chance in harmless text. */
  private static final int SHORTEST = 6;

  /** How many values that came in passing are remembered; tokens are replaced all the time. */
  private static final int PASSING = 256;

  private final Set<String> lasting = new HashSet<>();
  private final Deque<String> passing = new ArrayDeque<>();
  private volatile List<String> forms = List.of();

  synchronized void add(String value) {
    if (value.length() >= SHORTEST && lasting.add(value)) {
      refresh();
    }
  }

  synchronized void addPassing(String value) {
    if (value.length() >= SHORTEST && !passing.contains(value) && !lasting.contains(value)) {
      passing.addLast(value);
      if (passing.size() > PASSING) {
        passing.removeFirst();
      }
      refresh();
    }
  }

  String apply(String message) {
    if (message == null) {
      return null;
    }
    String masked = message;
    for (String form : forms) {
      masked = masked.replace(form, "***");
    }
    return masked;
  }

  /** Longest first: a short value inside a long one must not leave the rest of it. */
  private void refresh() {
    Set<String> all = new LinkedHashSet<>();
    lasting.forEach(value -> addForms(all, value));
    passing.forEach(value -> addForms(all, value));
    forms =
        all.stream()
            .filter(form -> form.length() >= SHORTEST)
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
  }

  private static void addForms(Set<String> all, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    String url = URLEncoder.encode(value, StandardCharsets.UTF_8);
    String twice = URLEncoder.encode(url, StandardCharsets.UTF_8);
    all.add(value);
    all.add(value.strip());
    for (String form : List.of(url, url.replace("+", "%20"), twice)) {
      all.add(form);
      all.add(lowerEscapes(form));
    }
    // a URL may leave characters of a query as they are that a form encodes
    all.add(url.replace("+", "%20").replace("%2F", "/").replace("%3A", ":").replace("%40", "@"));
    for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
      all.add(encoder.encodeToString(bytes));
      all.add(encoder.withoutPadding().encodeToString(bytes));
    }
    all.add(value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"));
  }

  private static String lowerEscapes(String form) {
    StringBuilder out = new StringBuilder(form);
    for (int i = out.indexOf("%"); i >= 0 && i + 2 < out.length(); i = out.indexOf("%", i + 1)) {
      out.replace(i, i + 3, out.substring(i, i + 3).toLowerCase(Locale.ROOT));
    }
    return out.toString();
  }
}
