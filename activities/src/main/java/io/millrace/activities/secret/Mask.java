package io.millrace.activities.secret;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Replaces known values, in every form in which they usually leave. Thread-safe. */
final class Mask {
  /** How many values that came in passing are remembered; tokens are replaced all the time. */
  private static final int PASSING = 256;

  private final Map<String, List<MaskedForm>> lasting = new HashMap<>();
  private final Map<String, List<MaskedForm>> passing = new LinkedHashMap<>();
  private volatile List<MaskedForm> forms = List.of();

  synchronized void add(String value) {
    if (value.length() >= MaskedForm.SHORTEST && !lasting.containsKey(value)) {
      lasting.put(value, MaskedForm.of(value));
      refresh();
    }
  }

  synchronized void addPassing(String value) {
    if (value.length() < MaskedForm.SHORTEST || lasting.containsKey(value)) {
      return;
    }
    List<MaskedForm> known = passing.remove(value);
    // the newest is the last to go
    passing.put(value, known == null ? MaskedForm.of(value) : known);
    if (known == null) {
      if (passing.size() > PASSING) {
        passing.remove(passing.keySet().iterator().next());
      }
      refresh();
    }
  }

  String apply(String message) {
    if (message == null) {
      return null;
    }
    String masked = message;
    for (MaskedForm form : forms) {
      masked = form.replaced(masked);
    }
    return masked;
  }

  /** Longest first: a short value inside a long one must not leave the rest of it. */
  private void refresh() {
    forms =
        Stream.of(lasting, passing)
            .map(Map::values)
            .flatMap(Collection::stream)
            .flatMap(Collection::stream)
            .sorted(Comparator.comparingInt(MaskedForm::length).reversed())
            .toList();
  }
}
