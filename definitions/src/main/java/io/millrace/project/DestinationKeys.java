package io.millrace.project;

import io.millrace.destination.Destination;
import io.millrace.project.shape.Keys;
import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import io.millrace.project.shape.Variants;
import java.util.LinkedHashMap;
import java.util.List;
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
          .with(
              "postgres",
              Keys.of(
                  "destination postgres",
                  "A PostgreSQL server, 13 or newer.",
                  k -> {
                    List<Keys.Key<Text>> plain =
                        List.of(
                            k.key("host", Shapes.VALUE, "localhost", "Name or address."),
                            k.key("port", Shapes.VALUE, "5432", "Where it listens."),
                            k.key(
                                "database",
                                Shapes.VALUE,
                                "the dataset's name",
                                "The database; it must be there."),
                            k.key("username", Shapes.VALUE, "postgres", "The role."),
                            k.key("password", Shapes.SECRET, "Of the role."),
                            k.key(
                                "sslmode",
                                Shapes.words(
                                        "disable",
                                        "allow",
                                        "prefer",
                                        "require",
                                        "verify-ca",
                                        "verify-full")
                                    .as(Text::new),
                                "prefer; verify-full with sslrootcert",
                                "Whether and how strictly TLS is used."),
                            k.key(
                                "sslrootcert",
                                Shapes.VALUE,
                                "File of the CA that the server's certificate must come from."),
                            k.key("pool_size", Shapes.VALUE, "4", "Connections at the most."));
                    var options =
                        k.key(
                            "options",
                            Shapes.mapOf(Shapes.VALUE),
                            "Parameters of the server for each load, for example `statement_timeout: 30min`.");
                    var dataset =
                        k.key(
                            "dataset",
                            Shapes.TEXT.checked(DestinationKeys::dataset),
                            "the project's name, normalized",
                            "The schema (namespace) of the tables.");
                    return v -> {
                      Map<String, Text> said = new LinkedHashMap<>();
                      plain.forEach(
                          key -> {
                            if (v.said(key)) {
                              said.put(key.name(), v.get(key));
                            }
                          });
                      v.get(options, Map.of())
                          .forEach((name, value) -> said.put("options." + name, value));
                      String set = v.get(dataset);
                      return (name, project) ->
                          new Destination(
                              name, "postgres", set == null ? datasetOf(project) : set, said);
                    };
                  }))
          .later("filesystem", "snowflake", "bigquery");

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
