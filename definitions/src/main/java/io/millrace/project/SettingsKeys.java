package io.millrace.project;

import io.millrace.project.shape.Keys;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import io.millrace.schema.DataType;
import io.millrace.schema.SchemaSettings;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The keys of settings that hold for the whole project: {@code schema} and {@code staging}. */
final class SettingsKeys {
  /** The settings, once {@code compat}'s default is known. */
  static final Keys<Function<String, SchemaSettings>> SCHEMA =
      Keys.of(
          "schema",
          "Settings of the normalizer, dlt's names.",
          k -> {
            var naming =
                k.key(
                    "naming",
                    Shapes.words("snake_case", "duck_case", "direct", "sql_ci_v1", "sql_cs_v1"),
                    "snake_case",
                    "How names become names of tables and columns.");
            var detections =
                k.key(
                    "detections",
                    Shapes.listOf(
                        Shapes.words(
                            "iso_timestamp",
                            "rfc3339_timestamp",
                            "iso_date",
                            "timestamp",
                            "large_integer",
                            "hexbytes_to_text",
                            "wei_to_double")),
                    "[iso_timestamp]",
                    "What texts and numbers are looked at for, in order.");
            var preferred =
                k.key(
                    "preferred_types",
                    Shapes.mapOf(TableKeys.DATA_TYPE).checked(SettingsKeys::patterns),
                    "Column name or `re:regex` to type.");
            var length =
                k.key(
                    "max_identifier_length",
                    Shapes.count(1),
                    "the destination's",
                    "Characters of a name.");
            var nulls =
                k.key(
                    "null_columns",
                    TableKeys.DATA_TYPE,
                    "left out",
                    "Type of columns in which only nulls were seen.");
            var compat =
                k.key(
                    "compat",
                    Shapes.words("dlt", "none"),
                    "`dlt` when system_prefix is _dlt",
                    "Whether names, collisions and losses follow dlt.");
            return v ->
                standard ->
                    new SchemaSettings(
                        v.get(naming),
                        v.get(detections),
                        v.get(preferred),
                        v.get(length),
                        v.get(nulls),
                        v.get(compat, standard).equals("dlt"));
          });

  static final Keys<Project.Staging> STAGING =
      Keys.of(
          "staging",
          "Where files lie between fetch and load.",
          k -> {
            var dir =
                k.key(
                    "dir", Shapes.VALUE, ".millrace/staging", "The folder, relative to this file.");
            var keep =
                k.key(
                    "keep",
                    Shapes.DURATION,
                    "24h",
                    "How long files stay after their load, for `millrace renormalize`.");
            return v -> staging(v.get(dir), v.get(keep));
          });

  private SettingsKeys() {}

  /** The staging of those parts, {@code null} for the default. */
  static Project.Staging staging(Text dir, Duration keep) {
    return new Project.Staging(
        dir == null ? new Text(".millrace/staging") : dir,
        keep == null ? Duration.ofHours(24) : keep);
  }

  private static boolean patterns(Map<String, DataType> types, Spot spot) {
    for (String name : types.keySet()) {
      try {
        Pattern.compile(name.startsWith("re:") ? name.substring(3) : "");
      } catch (PatternSyntaxException e) {
        spot.key(name).refuse("no regular expression: " + e.getDescription(), "mend it after re:");
      }
    }
    return true;
  }
}
