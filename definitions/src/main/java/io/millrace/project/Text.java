package io.millrace.project;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A string of the configuration that may hold {@code ${env:NAME}}, {@code ${env:NAME:-default}} or
 * {@code ${file:path}}. It stays unresolved here, in the manifest and in payloads; {@code Secrets}
 * of the activities resolves it at the moment of use.
 *
 * @param raw as written, {@code ${vars.x}} already replaced
 */
public record Text(String raw) {
  @JsonCreator
  public Text {
    if (raw == null) {
      throw new IllegalArgumentException("a text of the configuration cannot be null");
    }
  }

  /** Whether something must be looked up before the text can be used. */
  public boolean hasReferences() {
    return raw.contains("${");
  }

  @JsonValue
  @Override
  public String raw() {
    return raw;
  }

  /** The references as written, so that a log may show it; never a value. */
  @Override
  public String toString() {
    return raw;
  }
}
