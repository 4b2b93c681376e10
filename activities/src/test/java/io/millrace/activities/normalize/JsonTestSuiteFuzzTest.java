package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * JSONTestSuite's documents, damaged at random: the scanner takes, reads and refuses what Jackson
 * does. {@code -Dmillrace.fuzz.cases=10000000} makes a long run, {@code -Dmillrace.fuzz.seed=…}
 * begins elsewhere.
 */
class JsonTestSuiteFuzzTest {
  /** Longer ones, nothing but brackets, would be most of the work. */
  private static final int LONGEST = 2000;

  @Test
  void judgesWhatIsLeftOfTheSuiteAsJacksonDoes() throws IOException {
    Path suite = GoldenTest.shared("data/json-test-suite/test_parsing");
    assumeTrue(suite != null, "there is no folder shared/data above this one");
    List<byte[]> documents = new ArrayList<>();
    try (Stream<Path> files = Files.list(suite)) {
      for (Path f : files.sorted().toList()) {
        byte[] b = Files.readAllBytes(f);
        if (b.length <= LONGEST) {
          documents.add(b);
        }
      }
    }
    long seed = Long.getLong("millrace.fuzz.seed", 1);
    int cases = Integer.getInteger("millrace.fuzz.cases", 30_000);
    Random r = new Random(seed);
    int taken = 0;
    for (int i = 0; i < cases; i++) {
      byte[] b = documents.get(r.nextInt(documents.size()));
      for (int k = r.nextInt(4); k > 0; k--) {
        b = mutated(b, documents, r);
      }
      try {
        ScannerPropertiesTest.agree(b);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("case " + i + " of seed " + seed + ": " + Arrays.toString(b), e);
      }
      taken += Tokens.ours(b).refused() == null ? 1 : 0;
    }
    assertThat(taken).as("documents that were taken").isGreaterThan(cases / 10);
  }

  private static byte[] mutated(byte[] b, List<byte[]> documents, Random r) {
    int at = r.nextInt(b.length + 1);
    switch (r.nextInt(6)) {
      case 0: // another byte
        byte[] other = b.clone();
        if (at < b.length) {
          other[at] = (byte) r.nextInt(256);
        }
        return other;
      case 1: // another bit
        byte[] flipped = b.clone();
        if (at < b.length) {
          flipped[at] ^= (byte) (1 << r.nextInt(8));
        }
        return flipped;
      case 2: // an end
        return Arrays.copyOf(b, at);
      case 3: // some bytes twice
        return joined(b, Math.min(b.length, at + r.nextInt(8)), b, at);
      case 4: // some bytes less
        return joined(b, at, b, Math.min(b.length, at + 1 + r.nextInt(4)));
      default: // the rest of another document
        byte[] rest = documents.get(r.nextInt(documents.size()));
        return joined(b, at, rest, r.nextInt(rest.length + 1));
    }
  }

  private static byte[] joined(byte[] a, int to, byte[] b, int from) {
    byte[] all = Arrays.copyOf(a, to + b.length - from);
    System.arraycopy(b, from, all, to, b.length - from);
    return all;
  }
}
