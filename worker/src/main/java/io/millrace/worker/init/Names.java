package io.millrace.worker.init;

import java.util.Locale;

/** Names for what came without one. */
final class Names {
  private static final int LONGEST = 40;

  private Names() {}

  /**
   * A name of lower-case letters, digits and underscores; {@code otherwise} when nothing is left.
   */
  static String of(String text, String otherwise) {
    return of(text, otherwise, LONGEST);
  }

  static String of(String text, String otherwise, int longest) {
    String name =
        text.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "_")
            .replaceAll("^[^a-z]+|_+$", "");
    name = name.substring(0, Math.min(name.length(), longest)).replaceAll("_+$", "");
    return name.isEmpty() ? otherwise : name;
  }

  /** {@code api.github.com} is {@code github}; an address in numbers has no name. */
  static String ofHost(String host) {
    String[] parts =
        host.toLowerCase(Locale.ROOT).replaceFirst("^(www|api|rest)\\.", "").split("\\.");
    String first = parts[0].matches("localhost|[0-9:\\[\\]]*") ? "" : parts[0];
    return of(first, "api");
  }

  /** The environment variable {@code SOURCE_WHAT}. */
  static String variable(String source, String what) {
    return (source + "_" + what).toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]+", "_");
  }
}
