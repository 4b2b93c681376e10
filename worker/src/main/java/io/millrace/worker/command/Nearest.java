package io.millrace.worker.command;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** What somebody may have meant. */
final class Nearest {
  private Nearest() {}

  /** The candidate with the fewest letters changed, if that is at most a third of them. */
  static Optional<String> to(String word, Collection<String> candidates) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return candidates.stream()
        .filter(c -> distance.apply(word, c) <= Math.max(1, Math.max(word.length(), c.length()) / 3))
        .min(Comparator.comparing((String c) -> distance.apply(word, c)).thenComparing(c -> c));
  }
}
