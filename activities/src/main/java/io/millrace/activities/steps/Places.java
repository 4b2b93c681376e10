package io.millrace.activities.steps;

import io.millrace.source.JsonPath;
import java.util.List;
import java.util.Map;

/** Paths through a record: names, and every element where a list is on the way. */
final class Places {
  /** Changes the map that holds the last name of a path. */
  @FunctionalInterface
  interface Change {
    /**
     * @param where JSONPath of the map
     */
    void apply(Map<String, Object> holder, String name, String where) throws StepFailed;
  }

  private Places() {}

  static List<String> of(String path) {
    return JsonPath.parse("a path of processing_steps", path).keys("a path of processing_steps");
  }

  /** Calls {@code change} for every map that the path leads to, whether it has the name or not. */
  static void each(Object from, List<String> path, Change change) throws StepFailed {
    each(from, path, 0, "$", change);
  }

  @SuppressWarnings("unchecked") // maps of a record have names for keys
  private static void each(Object at, List<String> path, int step, String where, Change change)
      throws StepFailed {
    if (at instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        each(list.get(i), path, step, where + "[" + i + "]", change);
      }
    } else if (at instanceof Map<?, ?> map) {
      String name = path.get(step);
      if (step == path.size() - 1) {
        change.apply((Map<String, Object>) map, name, where);
      } else {
        each(map.get(name), path, step + 1, where + "." + name, change);
      }
    }
  }
}
