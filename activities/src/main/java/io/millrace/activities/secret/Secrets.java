package io.millrace.activities.secret;

import io.millrace.project.Text;
import java.nio.file.Path;

/**
 * Looks up {@code ${env:…}} and {@code ${file:…}} at the moment of use, and masks what it found
 * wherever text leaves the process. Thread-safe.
 */
public interface Secrets {
  /**
   * The text with its references replaced; {@code SECRET_MISSING} naming the reference when one has
   * no value.
   */
  String resolve(Text text);

  /**
   * The same, and the value is masked from now on in everything that {@link #mask} sees: for
   * credentials, headers, query parameters.
   */
  String resolveSecret(Text text);

  /** A file whose name begins at the project's folder. */
  default Path path(Text text) {
    return Path.of(resolve(text));
  }

  /**
   * The message with every known secret value (six characters or more; also URL-encoded and in
   * base64) replaced by {@code ***}. {@code null} gives {@code null}.
   */
  String mask(String message);

  /**
   * Masks a value that did not come from the configuration: a token that a server gave, a pair of
   * user and password. The newest hundreds are remembered.
   */
  default void remember(String value) {}
}
