package io.millrace.worker.init;

import java.util.List;

/**
 * How requests prove who we are. The names are what the user types; a secret is never typed, only
 * the variable that holds it is named.
 */
public enum Auth {
  none,
  bearer,
  api_key,
  basic;

  /** The value of {@code auth}; {@code null} for none. */
  String yaml(String source) {
    List<String> names = variables(source);
    return switch (this) {
      case none -> null;
      case bearer -> "{type: bearer, token: \"${env:%s}\"}".formatted(names.get(0));
      case api_key ->
          "{type: api_key, name: X-Api-Key, api_key: \"${env:%s}\"}".formatted(names.get(0));
      case basic ->
          "{type: http_basic, username: \"${env:%s}\", password: \"${env:%s}\"}"
              .formatted(names.get(0), names.get(1));
    };
  }

  /** The environment variables to set. */
  List<String> variables(String source) {
    return switch (this) {
      case none -> List.of();
      case bearer -> List.of(Names.variable(source, "token"));
      case api_key -> List.of(Names.variable(source, "api_key"));
      case basic -> List.of(Names.variable(source, "username"), Names.variable(source, "password"));
    };
  }
}
