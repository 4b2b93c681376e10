package io.millrace.benchmarks;

import io.millrace.activities.destination.DestinationDriver;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.destination.PostgresProcess;
import io.millrace.activities.secret.Secrets;
import io.millrace.destination.Destination;
import io.millrace.destination.SystemNames;
import io.millrace.project.Text;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The product's loaders with every setting as it is by default. */
final class Loaders {
  private static final Secrets NO_SECRETS =
      new Secrets() {
        @Override
        public String resolve(Text text) {
          return text.raw();
        }

        @Override
        public String resolveSecret(Text text) {
          return text.raw();
        }

        @Override
        public String mask(String message) {
          return message;
        }
      };

  private Loaders() {}

  static Loader postgres(
      DestinationDriver driver, PostgresProcess server, String database, String dataset) {
    return loader(
        driver,
        dataset,
        Map.of(
            "host", "127.0.0.1",
            "port", String.valueOf(server.port()),
            "database", database,
            "username", "millrace",
            "sslmode", "disable"));
  }

  static Loader duckdb(DestinationDriver driver, Path file) {
    return loader(driver, "bench", Map.of("path", file.toString()));
  }

  private static Loader loader(
      DestinationDriver driver, String dataset, Map<String, String> options) {
    Map<String, Text> texts = new HashMap<>();
    options.forEach((name, value) -> texts.put(name, new Text(value)));
    return driver.loader(
        new Destination("default", driver.type(), dataset, texts),
        new SystemNames("_mr"),
        NO_SECRETS,
        Path.of(""));
  }
}
