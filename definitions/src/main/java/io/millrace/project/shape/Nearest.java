package io.millrace.project.shape;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** "Did you mean": the known word that is nearest to one that is not known. */
public final class Nearest {
  private static final int MAX_CHARACTERS = 100;
  private static final int MAX_SHOWN = 30;

  private Nearest() {}

  /**
   * The nearest word, the first of equals; empty when none is near (a third of it would change).
   */
  public static Optional<String> to(String word, Collection<String> known) {
    if (word.length() > MAX_CHARACTERS) {
      return Optional.empty();
    }
    int best = word.length() < 3 ? 0 : Math.max(1, word.length() / 3);
    String nearest = null;
    LevenshteinDistance distance = new LevenshteinDistance(best);
    for (String candidate : known) {
      int far = distance.apply(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (far >= 0 && (far < best || far == best && nearest == null)) {
        best = far;
        nearest = candidate;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** {@code did you mean x?}, or the known words, the first of many, when none is near. */
  public static String advice(String word, Collection<String> known) {
    return to(word, known)
        .map(near -> "did you mean " + near + "?")
        .orElseGet(() -> known.isEmpty() ? "" : "known: " + some(known));
  }

  private static String some(Collection<String> known) {
    String first = known.stream().limit(MAX_SHOWN).collect(Collectors.joining(", "));
    return known.size() > MAX_SHOWN ? first + ", …" : first;
  }
}
