package io.millrace.activities.destination;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** {@code flaky.c} as a library for {@code LD_PRELOAD}; skips the test without a C compiler. */
public final class FlakyDisk {
  private FlakyDisk() {}

  /**
   * @param folder for the library, which everybody may read
   */
  public static Path compile(Path folder) throws IOException {
    Path source = Files.createDirectories(folder).resolve("flaky.c");
    try (InputStream in = FlakyDisk.class.getResourceAsStream("/flaky.c")) {
      Files.copy(in, source);
    }
    Path library = folder.resolve("flaky.so");
    ProcessBuilder compiler =
        new ProcessBuilder(
            "cc", "-O2", "-shared", "-fPIC", "-o", "" + library, "" + source, "-ldl");
    boolean there;
    try {
      there = compiler.inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      there = false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    Assumptions.assumeTrue(there, "no C compiler (cc) that makes a library of flaky.c");
    return library;
  }
}
