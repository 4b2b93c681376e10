package io.millrace.activities.destination.postgres;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.secret.Secrets;
import io.millrace.destination.Destination;
import io.millrace.project.Text;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a server is reached.
 *
 * @param sslmode one of PostgreSQL's words
 * @param sslrootcert file of the CA; {@code null} for none
 * @param poolSize connections at the most
 * @param parameters of the server, set for each transaction
 */
record Settings(
    String host,
    int port,
    String database,
    String username,
    String password,
    String sslmode,
    String sslrootcert,
    int poolSize,
    Map<String, String> parameters) {
  private static final String PARAMETER = "options.";

  static Settings of(Destination destination, Secrets secrets, Path projectDir) {
    Map<String, Text> said = destination.options();
    Map<String, String> parameters = new TreeMap<>();
    // a lock that somebody holds must not hold a load for ever
    parameters.put("lock_timeout", "60s");
    parameters.put("idle_in_transaction_session_timeout", "10min");
    // the server finds out in a minute, not in two hours, that our machine is gone
    parameters.put("tcp_keepalives_idle", "30");
    parameters.put("tcp_keepalives_interval", "10");
    parameters.put("tcp_keepalives_count", "3");
    said.forEach(
        (name, value) -> {
          if (name.startsWith(PARAMETER)) {
            parameters.put(name.substring(PARAMETER.length()), secrets.resolve(value));
          }
        });
    String ca = text(said, secrets, "sslrootcert", null);
    return new Settings(
        host(destination, text(said, secrets, "host", "localhost")),
        number(destination, secrets, "port", 5432),
        text(said, secrets, "database", destination.dataset()),
        text(said, secrets, "username", "postgres"),
        said.get("password") == null ? null : secrets.resolveSecret(said.get("password")),
        text(said, secrets, "sslmode", ca == null ? "prefer" : "verify-full"),
        ca == null ? null : projectDir.resolve(ca).toString(),
        number(destination, secrets, "pool_size", 4),
        parameters);
  }

  private static String text(
      Map<String, Text> said, Secrets secrets, String name, String otherwise) {
    Text text = said.get(name);
    return text == null ? otherwise : secrets.resolve(text);
  }

  /** The driver puts it into an address as it is, where more could follow: classes to load, too. */
  private static String host(Destination destination, String host) {
    if (!host.strip().matches("[\\p{L}\\p{N}._:,\\[\\]-]+")) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot use destination %s: host is not the name or address of a server: %s (for example db.example.com; everything else has a key of its own)"
              .formatted(destination.name(), secretless(host)));
    }
    return host.strip();
  }

  /** Without what could hold a password. */
  private static String secretless(String host) {
    return host.replaceFirst("(?s)[^\\p{L}\\p{N}._-].*", "…");
  }

  private static int number(Destination destination, Secrets secrets, String name, int otherwise) {
    String text = text(destination.options(), secrets, name, String.valueOf(otherwise)).strip();
    if (!text.matches("[1-9]\\d{0,4}")) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot use destination %s: %s is no number from 1 to 99999: %s"
              .formatted(destination.name(), name, text));
    }
    return Integer.parseInt(text);
  }

  /** For messages. */
  String place() {
    return "%s:%d/%s".formatted(host, port, database);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "Settings[" + username + "@" + place() + "]";
  }
}
