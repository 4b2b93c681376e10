package io.millrace.project;

import io.millrace.destination.Destination;
import io.millrace.project.shape.Keys;
import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import io.millrace.project.shape.Variants;
import java.util.Map;

/** The keys of a destination. */
final class DestinationKeys {
  /** A destination that learns from where it stands: its name, and the project's. */
  interface Placed {
    Destination at(String name, String project);
  }

  static final Shape<Placed> DESTINATION =
      new Variants<Placed>("destination", "duckdb", true)
          .with(
              "duckdb",
              Keys.of(
                  "destination duckdb",
                  "A DuckDB file; the type when none is said.",
                  k -> {
                    var path =
                        k.key(
                            "path",
                            Shapes.VALUE,
                            "the project's name and `.duckdb`",
                            "The file, relative to this one.");
                    var dataset =
                        k.key(
                            "dataset",
                            Shapes.TEXT.checked(DestinationKeys::dataset),
                            "the project's name, normalized",
                            "The schema (namespace) of the tables.");
                    return v ->
                        (name, project) -> duckdb(name, project, v.get(path), v.get(dataset));
                  }))
          .later("postgres", "filesystem", "snowflake", "bigquery");

  private DestinationKeys() {}

  /** What is used when the project names no destination at all. */
  static Destination standard(String project) {
    return duckdb("default", project, null, null);
  }

  private static Destination duckdb(String name, String project, Text path, String dataset) {
    return new Destination(
        name,
        "duckdb",
        dataset == null ? datasetOf(project) : dataset,
        Map.of("path", path == null ? new Text(project + ".duckdb") : path));
  }

  private static boolean dataset(String dataset, Spot spot) {
    boolean well = dataset.matches("[A-Za-z_][A-Za-z0-9_]{0,62}");
    if (!well) {
      spot.refuse(
          "expected a name of letters, digits and _ (at most 63): found " + spot.found(),
          "for example shop_data");
    }
    return well;
  }

  /** A project's name as snake case has it. */
  private static String datasetOf(String project) {
    String plain = project.replace('-', '_').replaceAll("_+", "_");
    return plain.endsWith("_") ? plain.substring(0, plain.length() - 1) + "x" : plain;
  }
}
