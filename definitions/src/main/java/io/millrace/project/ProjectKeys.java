package io.millrace.project;

import io.millrace.destination.Destination;
import io.millrace.destination.SystemNames;
import io.millrace.project.shape.Keys;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import io.millrace.schema.SchemaSettings;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The keys at the top of the file. */
final class ProjectKeys {
  static final Keys<Project> PROJECT =
      Keys.of(
          "millrace.yaml",
          "The project. Paths are relative to this file.",
          k -> {
            k.lenient();
            var name =
                k.required(
                    "project",
                    Shapes.TEXT.checked(ProjectKeys::projectName),
                    "The project's name.");
            var destination =
                k.key(
                    "destination",
                    DestinationKeys.DESTINATION,
                    "a DuckDB file",
                    "Where rows land.");
            var destinations =
                k.key(
                    "destinations",
                    Shapes.mapOf(DestinationKeys.DESTINATION),
                    "Further destinations by name; a resource picks one with `destination`.");
            var prefix =
                k.key(
                    "system_prefix",
                    Shapes.words("_mr", "_dlt"),
                    "_mr",
                    "Begins names of system columns and tables; `_dlt` gives dlt's names.");
            var schema = k.key("schema", SettingsKeys.SCHEMA, "Settings of the normalizer.");
            var segment = k.key("segment", SourceKeys.SEGMENT, "Where a unit of work ends.");
            var staging =
                k.key("staging", SettingsKeys.STAGING, "Where files lie between fetch and load.");
            k.key("vars", Shapes.mapOf(Shapes.VALUE), "Values that are used as `${vars.x}`.");
            var sources =
                k.required("sources", Shapes.mapOf(SourceKeys.SOURCE), "What is read, by name.");
            var schedules =
                k.key(
                    "schedules",
                    Shapes.mapOf(ScheduleKeys.SCHEDULE),
                    "When selections run, by name.");
            k.later("models", "take it out");
            return v -> {
              String called = v.get(name, "unnamed");
              String systemPrefix = v.get(prefix, "_mr");
              String compat = systemPrefix.equals("_dlt") ? "dlt" : "none";
              Map<String, Schedule> when = new LinkedHashMap<>();
              v.get(schedules, Map.of()).forEach((n, s) -> when.put(n, s.apply(n)));
              List<Source> read = new ArrayList<>();
              v.get(sources, Map.of())
                  .forEach(
                      (n, s) -> {
                        if (sourceName(n, v.at(sources).key(n))) {
                          read.add(s.apply(n));
                        }
                      });
              return new Project(
                  called,
                  destinations(
                      called,
                      v.get(destination),
                      v.get(destinations, Map.of()),
                      v.said(destination),
                      v.at(destinations)),
                  new SystemNames(systemPrefix),
                  v.get(schema) == null
                      ? new SchemaSettings(null, null, null, null, compat.equals("dlt"))
                      : v.get(schema).apply(compat),
                  v.get(segment, Resource.SegmentBounds.DEFAULT),
                  v.get(staging, SettingsKeys.staging(null, null)),
                  read,
                  when);
            };
          });

  private ProjectKeys() {}

  /**
   * @param first the one under {@code destination}; {@code null} when it is not there or not well
   * @param others where the named ones stand
   */
  private static List<Destination> destinations(
      String project,
      DestinationKeys.Placed first,
      Map<String, DestinationKeys.Placed> named,
      boolean firstSaid,
      Spot others) {
    List<Destination> all = new ArrayList<>();
    DestinationKeys.Placed standard = first == null ? named.get("default") : first;
    if (firstSaid && named.containsKey("default")) {
      others.key("default").refuse("destination is the default already", "give it another name");
    } else if (!firstSaid && standard == null && !named.isEmpty()) {
      others.refuse("none of them is the default", "name one default, or add destination");
    }
    all.add(standard == null ? DestinationKeys.standard(project) : standard.at("default", project));
    named.forEach(
        (name, placed) -> {
          if (!name.equals("default")) {
            all.add(placed.at(name, project));
          }
        });
    return all;
  }

  private static boolean projectName(String name, Spot spot) {
    boolean well = name.matches("[a-z][a-z0-9_-]{0,39}");
    if (!well) {
      spot.refuse(
          "expected a name of at most 40 of a-z, 0-9, _ and -, a letter first: found "
              + spot.found(),
          "for example my_shop");
    }
    return well;
  }

  private static boolean sourceName(String name, Spot spot) {
    boolean well = name.matches("[A-Za-z_][A-Za-z0-9_-]{0,99}");
    if (!well) {
      spot.refuse(
          "a source's name is made of letters, digits, _ and -, at most 100: " + name, "rename it");
    }
    return well;
  }
}
