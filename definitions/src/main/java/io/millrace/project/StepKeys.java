package io.millrace.project;

import io.millrace.expression.Expression;
import io.millrace.project.shape.Keys;
import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import io.millrace.source.ProcessingStep;
import java.util.List;
import java.util.Map;

/** The keys of {@code processing_steps}: dlt's {@code filter} and {@code map}, and ours. */
final class StepKeys {
  private static final Shape<String> EXPRESSION = Shapes.TEXT.checked(StepKeys::expression);

  private static final Shape<List<String>> FIELDS = Shapes.oneOrMany(Paths.FIELD);

  private static final Keys<ProcessingStep> HASH =
      Keys.of(
          "hash",
          "Personal data that stays comparable.",
          k -> {
            var fields = k.required("fields", FIELDS, "Paths of the fields.");
            var key =
                k.required("secret", Shapes.SECRET, "Its key; another one gives other values.");
            return v -> new ProcessingStep.Hash(v.get(fields), v.get(key));
          });

  private static final Keys<ProcessingStep> MASK =
      Keys.of(
          "mask",
          "Personal data that is gone.",
          k -> {
            var fields = k.required("fields", FIELDS, "Paths of the fields.");
            var last = k.key("keep_last", Shapes.count(0), "0", "Characters at the end that stay.");
            return v -> new ProcessingStep.Mask(v.get(fields), v.get(last, 0));
          });

  /** One step: exactly one of its keys is there. */
  static final Keys<ProcessingStep> STEP =
      Keys.of(
          "processing_step",
          "One of: what happens to each record before it becomes rows.",
          k -> {
            List<Keys.Key<? extends ProcessingStep>> all =
                List.of(
                    k.key(
                        "filter",
                        EXPRESSION.as(ProcessingStep.Filter::new),
                        "Keeps the records for which the expression is true:"
                            + " `status == 'open' and amount > 10`."),
                    k.key(
                        "map",
                        Shapes.mapOf(EXPRESSION)
                            .checked(StepKeys::paths)
                            .as(ProcessingStep.Compute::new),
                        "Sets fields to the values of expressions: `{name: \"first + ' ' +"
                            + " last\"}`."),
                    k.key(
                        "rename",
                        Shapes.mapOf(Shapes.TEXT)
                            .checked(StepKeys::paths)
                            .as(ProcessingStep.Rename::new),
                        "Gives fields other names."),
                    k.key(
                        "select",
                        FIELDS.as(ProcessingStep.Select::new),
                        "Keeps these fields only."),
                    k.key(
                        "exclude",
                        FIELDS.as(ProcessingStep.Exclude::new),
                        "Leaves these fields out."),
                    k.key(
                        "cast",
                        Shapes.mapOf(
                                Shapes.words(
                                    "text", "bigint", "double", "bool", "timestamp", "json"))
                            .checked(StepKeys::paths)
                            .as(ProcessingStep.Cast::new),
                        "Makes values others of the same meaning; `timestamp` reads unix seconds"
                            + " and milliseconds, `json` the JSON in a text."),
                    k.key(
                        "hash",
                        HASH,
                        "Puts an HMAC-SHA-256 in the place of values: equal stay equal."),
                    k.key(
                        "mask",
                        Shapes.either(
                            FIELDS.as(fields -> new ProcessingStep.Mask(fields, 0)), MASK),
                        "Puts stars in the place of values."));
            k.later(
                "yield_map", "nested lists become tables by themselves; split records in a model");
            return v -> {
              List<Keys.Key<? extends ProcessingStep>> said = all.stream().filter(v::said).toList();
              if (said.isEmpty() && !v.spot().below().isEmpty()) {
                return null; // what it says instead was told already
              }
              if (said.size() != 1) {
                v.spot()
                    .refuse(
                        "a step does one thing: found "
                            + (said.isEmpty() ? "nothing" : said.size() + " keys"),
                        "write each step as an element of its own: - filter: …");
                return null;
              }
              return v.get(said.get(0));
            };
          });

  private StepKeys() {}

  private static boolean expression(String text, Spot spot) {
    try {
      Expression.parse(text);
      return true;
    } catch (IllegalArgumentException e) {
      spot.refuse(
          "it is no expression: " + e.getMessage(),
          "for example status == 'open' and not (amount > 10)");
      return false;
    }
  }

  /** Whether the names of a map are paths of fields. */
  private static boolean paths(Map<String, String> map, Spot spot) {
    boolean well = true;
    for (Spot below : spot.below()) {
      String path = below.path().substring(spot.path().length() + 1);
      well &= map.containsKey(path) && Paths.field(path, below);
    }
    return well;
  }
}
