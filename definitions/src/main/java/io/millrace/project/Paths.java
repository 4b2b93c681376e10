package io.millrace.project;

import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import io.millrace.source.DataSelector;
import io.millrace.source.JsonPath;

/** JSONPaths that the source of a resource follows, refused here when it could not. */
final class Paths {
  /** Names, and places in lists. */
  private static final Shape<String> SIMPLE = Shapes.TEXT.checked(Paths::simple);

  /** Names only, where a place in a list has no meaning. */
  private static final Shape<String> NAMES =
      SIMPLE.checked(
          (text, spot) -> {
            boolean places = JsonPath.read(text).orElseThrow().hasPlaces();
            if (places) {
              spot.refuse(
                  "a place in a list is not understood here: found " + spot.found(),
                  "for example data.items or $.data['my items']");
            }
            return !places;
          });

  /** Whatever dlt understands. */
  static final Shape<String> ANY =
      Shapes.TEXT.checked(
          (text, spot) -> {
            boolean well = DataSelector.read(text).isPresent();
            if (!well) {
              spot.refuse("it is no JSONPath: found " + spot.found(), DataSelector.EXAMPLE);
            }
            return well;
          });

  /** Names, for a value's place in a body: not the body itself. */
  static final Shape<String> FIELD =
      NAMES.checked(
          (text, spot) -> {
            boolean well = !JsonPath.read(text).orElseThrow().steps().isEmpty();
            if (!well) {
              spot.refuse("expected a field: found " + spot.found(), "for example page.cursor");
            }
            return well;
          });

  /** A value's place in a record: not the record itself. */
  static final Shape<String> CURSOR =
      SIMPLE.checked(
          (text, spot) -> {
            boolean well = !JsonPath.read(text).orElseThrow().steps().isEmpty();
            if (!well) {
              spot.refuse("expected a field: found " + spot.found(), "for example updated_at");
            }
            return well;
          });

  private Paths() {}

  /** Whether a map's name is the path of a field; told where it is not. */
  static boolean field(String name, Spot spot) {
    boolean well =
        JsonPath.read(name).filter(p -> !p.hasPlaces() && !p.steps().isEmpty()).isPresent();
    if (!well) {
      spot.refuse("its name is no path of a field: " + name, JsonPath.EXAMPLE);
    }
    return well;
  }

  private static boolean simple(String text, Spot spot) {
    boolean well = JsonPath.read(text).isPresent();
    if (!well) {
      spot.refuse(
          "only names and places in lists are understood: found " + spot.found(), JsonPath.EXAMPLE);
    }
    return well;
  }
}
