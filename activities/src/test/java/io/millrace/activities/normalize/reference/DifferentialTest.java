package io.millrace.activities.normalize.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.activities.normalize.Normalizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The product against the reference on random records. {@code
 * -Dmillrace.differential.cases=1000000} makes the long run, {@code -Dmillrace.differential.seed=…}
 * begins elsewhere.
 */
class DifferentialTest {
  private static final String PART = "millrace.normalize.part";

  @TempDir Path temporary;

  @Test
  void makesWhatTheReferenceMakes() throws IOException {
    compare();
  }

  /** Of a file's parts every second one is read ahead, by another thread. */
  @Test
  void makesItAlsoInSmallParts() throws IOException {
    System.setProperty(PART, "64");
    try {
      compare();
    } finally {
      System.clearProperty(PART);
    }
  }

  private void compare() throws IOException {
    int cases = Integer.getInteger("millrace.differential.cases", 3000);
    long seed = Long.getLong("millrace.differential.seed", 1);
    int allowed = Integer.getInteger("millrace.differential.show", 1);
    Path memory = Path.of("/dev/shm");
    Path folder = Files.isWritable(memory) ? Files.createTempDirectory(memory, "diff") : temporary;
    Differential both = new Differential(Normalizer::run, folder);
    Generator generator = new Generator(seed);
    StringBuilder found = new StringBuilder();
    int differ = 0;
    try {
      for (int i = 0; i < cases && differ < allowed; i++) {
        Case c = generator.next();
        String difference = both.difference(c);
        if (difference != null) {
          differ++;
          Case small = both.shrunk(c);
          found.append("\n\ncase ").append(i).append(" of seed ").append(seed).append(": ");
          found.append(both.difference(small)).append('\n').append(small);
        }
      }
    } finally {
      Files.deleteIfExists(folder.resolve("package"));
      Files.deleteIfExists(folder);
    }
    assertThat(found.toString()).as("differences in " + cases + " cases").isEmpty();
  }
}
