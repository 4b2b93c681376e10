package io.millrace.activities.normalize.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.millrace.activities.normalize.Normalizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that the comparison would notice: bugs planted one by one are all caught. Three of them in
 * every build, all with {@code -Dmillrace.planted=all}.
 */
class PlantedTest {
  private static final Path BUGS = Path.of("src/test/resources/normalize/planted");

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> catchesEveryPlantedBug() throws IOException {
    List<Path> bugs = bugs();
    boolean all = "all".equals(System.getProperty("millrace.planted"));
    return bugs.stream()
        .filter(b -> all || bugs.indexOf(b) % 10 == 3)
        .map(b -> dynamicTest(b.getFileName().toString(), () -> caught(b)));
  }

  /** The long run alone plants them all: it is not to find out that a source has changed. */
  @Test
  void plantsEveryBugInASourceAsItIs() throws IOException {
    List<Path> bugs = bugs();
    assertThat(bugs).hasSizeGreaterThanOrEqualTo(34);
    for (Path bug : bugs) {
      assertThat(Planted.broken(bug).source()).as(bug.toString()).isNotEmpty();
    }
  }

  private static List<Path> bugs() throws IOException {
    try (Stream<Path> files = Files.list(BUGS)) {
      return files.sorted().toList();
    }
  }

  private void caught(Path bug) throws IOException, ReflectiveOperationException {
    int cases = Integer.getInteger("millrace.planted.cases", 20_000);
    Differential both = new Differential(Planted.engine(bug), folder);
    Differential real = new Differential(Normalizer::run, folder);
    Generator generator = new Generator(7);
    String difference = null;
    int n = 0;
    while (n < cases && difference == null) {
      Case c = generator.next();
      difference = both.difference(c);
      // what the product does wrong without the bug catches nothing
      difference = difference != null && real.difference(c) == null ? difference : null;
      n++;
    }
    assertThat(difference).as("%s after %d cases", bug.getFileName(), n).isNotNull();
    System.out.printf("%s: caught by case %d: %.160s%n", bug.getFileName(), n, difference);
  }
}
