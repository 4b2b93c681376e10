package io.millrace.activities.normalize.value;

/** Numbers read and printed as Python does. Stateless, thread-safe. */
public final class PyNumbers {
  private PyNumbers() {}

  /** {@code repr(float)}: {@code 1.0}, {@code 1e+22}, {@code 1e-07}, {@code nan}, {@code inf}. */
  public static String repr(double d) {
    throw new UnsupportedOperationException();
  }

  /** As orjson prints it: {@code 1.0}, {@code 1e16}→{@code 1e+16}, {@code 1e-7}. */
  public static String orjson(double d) {
    throw new UnsupportedOperationException();
  }

  /** The double of a JSON number (or any plain decimal form). */
  public static double parseDouble(byte[] b, int off, int len) {
    throw new UnsupportedOperationException();
  }
}
