package io.millrace.activities.normalize.reference;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Runs cases through both normalizers and says where they differ. */
final class Differential {
  private final Subject.Engine engine;
  private final Path file;

  Differential(Subject.Engine engine, Path folder) {
    this.engine = engine;
    this.file = folder.resolve("package");
  }

  /** {@code null} when both agree. What the product throws is a difference. */
  String difference(Case c) {
    Reference want = Reference.of(c);
    try {
      return Difference.between(want, Subject.of(c, engine, file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException | StackOverflowError e) {
      StackTraceElement[] at = e.getStackTrace();
      return "the product throws " + e + (at.length > 0 ? " at " + at[0] : "");
    }
  }

  /** A smaller case that differs in the same kind of thing. */
  Case shrunk(Case failing) {
    String kind = kind(difference(failing));
    return new Shrinker(c -> kind.equals(kind(difference(c)))).shrink(failing);
  }

  private static String kind(String difference) {
    return difference == null ? "" : difference.replaceAll("( \\d+)? of .*|:.*| throws .*", "");
  }
}
