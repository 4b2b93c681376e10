package io.millrace.activities.steps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.activities.secret.Secrets;
import io.millrace.expression.Expression;
import io.millrace.source.ProcessingStep;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The {@code processing_steps} of a resource, ready to run: the same record gives the same result.
 * Holds the secrets of its hashes, so it is never printed. Thread-safe.
 */
public final class Steps {
  /** Changes a record in place; false drops it. */
  @FunctionalInterface
  interface Step {
    boolean apply(Map<String, Object> record) throws StepFailed;
  }

  /** Changes one value. */
  @FunctionalInterface
  interface Change {
    Object of(Object value);
  }

  private final List<Step> steps = new ArrayList<>();

  /** Steps that must have run before anybody may see the record. */
  private int hiding;

  private Steps() {}

  /**
   * @return {@code null} when there are none, so that the short way stays short
   */
  public static Steps of(List<ProcessingStep> said, Secrets secrets) {
    if (said.isEmpty()) {
      return null;
    }
    Steps all = new Steps();
    for (ProcessingStep step : said) {
      all.steps.add(compiled(step, secrets));
      all.hiding = step.hides() ? all.steps.size() : all.hiding;
    }
    return all;
  }

  /** Whether a record as it came may hold what must not land anywhere. */
  public boolean hides() {
    return hiding > 0;
  }

  /** The record of JSON that is known to be well. */
  public Map<String, Object> read(byte[] bytes, int from, int length) throws StepFailed {
    try {
      return RecordJson.read(bytes, from, length);
    } catch (IOException e) {
      throw new StepFailed("$", "cannot be read for its processing_steps", null).hidden();
    }
  }

  /** Runs all steps, changing the record; false when a filter drops it. */
  public boolean apply(Map<String, Object> record) throws StepFailed {
    for (int i = 0; i < steps.size(); i++) {
      try {
        if (!steps.get(i).apply(record)) {
          return false;
        }
      } catch (StepFailed e) {
        throw i < hiding ? e.hidden() : e;
      }
    }
    return true;
  }

  /** The record as JSON, in the order of its fields, with all digits of its numbers. */
  public byte[] write(Map<String, Object> record) throws IOException {
    return RecordJson.write(record);
  }

  /**
   * The scalar at a path of names and places in lists; {@code null} when there is none.
   *
   * @param path as {@link io.millrace.source.JsonPath#steps}
   */
  public static JsonNode scalar(Map<String, Object> record, List<Object> path) {
    Object at = record;
    for (Object step : path) {
      if (step instanceof Integer place) {
        at = at instanceof List<?> list && place < list.size() ? list.get(place) : null;
      } else {
        at = at instanceof Map<?, ?> map ? map.get(step) : null;
      }
    }
    JsonNodeFactory make = JsonNodeFactory.instance;
    if (at == null || at instanceof Map || at instanceof List) {
      return null;
    }
    return at instanceof String text
        ? make.textNode(text)
        : at instanceof Boolean bool
            ? make.booleanNode(bool)
            : at instanceof Long whole
                ? make.numberNode(whole.longValue())
                : at instanceof BigInteger big
                    ? make.numberNode(big)
                    : make.numberNode(new BigDecimal(at.toString()));
  }

  private static Step compiled(ProcessingStep said, Secrets secrets) {
    if (said instanceof ProcessingStep.Filter filter) {
      return filter(Expression.parse(filter.expression()));
    }
    if (said instanceof ProcessingStep.Rename rename) {
      return rename(rename.names());
    }
    if (said instanceof ProcessingStep.Select select) {
      return select(select.fields());
    }
    if (said instanceof ProcessingStep.Exclude exclude) {
      List<List<String>> paths = exclude.fields().stream().map(Places::of).toList();
      return record -> {
        for (List<String> path : paths) {
          Places.each(record, path, (holder, name, where) -> holder.remove(name));
        }
        return true;
      };
    }
    if (said instanceof ProcessingStep.Cast cast) {
      List<Step> casts = new ArrayList<>();
      cast.types().forEach((path, type) -> casts.add(change(List.of(path), Casts.to(type))));
      return record -> {
        for (Step one : casts) {
          one.apply(record);
        }
        return true;
      };
    }
    if (said instanceof ProcessingStep.Hash hash) {
      return change(hash.fields(), new Hmac(secrets.resolveSecret(hash.key())));
    }
    if (said instanceof ProcessingStep.Mask mask) {
      return change(mask.fields(), value -> masked(value, mask.keepLast()));
    }
    return compute(((ProcessingStep.Compute) said).expressions());
  }

  private static Step filter(Expression expression) {
    return record -> {
      Object kept = evaluated(expression, record, "$");
      if (kept == null || kept instanceof Boolean) {
        return Boolean.TRUE.equals(kept);
      }
      throw new StepFailed("$", "filter gives neither true nor false: " + expression, null);
    };
  }

  private static Object evaluated(Expression expression, Map<String, Object> record, String path)
      throws StepFailed {
    try {
      return RecordJson.plain(expression.evaluate(record));
    } catch (IllegalArgumentException e) {
      throw new StepFailed(path, "cannot calculate " + expression, e.getMessage());
    }
  }

  private static Step compute(Map<String, String> said) {
    Map<List<String>, Expression> expressions = new LinkedHashMap<>();
    said.forEach((path, text) -> expressions.put(Places.of(path), Expression.parse(text)));
    return record -> {
      Map<List<String>, Object> values = new LinkedHashMap<>();
      for (Map.Entry<List<String>, Expression> one : expressions.entrySet()) {
        String path = "$." + String.join(".", one.getKey());
        values.put(one.getKey(), evaluated(one.getValue(), record, path));
      }
      for (Map.Entry<List<String>, Object> one : values.entrySet()) {
        Places.each(
            record, one.getKey(), (holder, name, where) -> holder.put(name, one.getValue()));
      }
      return true;
    };
  }

  private static Step rename(Map<String, String> said) {
    Map<List<String>, Map<String, String>> holders = new LinkedHashMap<>();
    said.forEach(
        (path, to) -> {
          List<String> names = Places.of(path);
          List<String> holder = names.subList(0, names.size() - 1);
          holders
              .computeIfAbsent(holder, h -> new LinkedHashMap<>())
              .put(names.get(names.size() - 1), to);
        });
    return record -> {
      for (Map.Entry<List<String>, Map<String, String>> one : holders.entrySet()) {
        List<String> any = new ArrayList<>(one.getKey());
        any.add("");
        Places.each(record, any, (holder, name, where) -> renamed(holder, one.getValue(), where));
      }
      return true;
    };
  }

  /** The same fields in the same order, some with other names. */
  private static void renamed(Map<String, Object> holder, Map<String, String> names, String where)
      throws StepFailed {
    if (names.keySet().stream().noneMatch(holder::containsKey)) {
      return;
    }
    Map<String, Object> made = new LinkedHashMap<>();
    for (Map.Entry<String, Object> field : holder.entrySet()) {
      String name = names.getOrDefault(field.getKey(), field.getKey());
      if (made.containsKey(name)) {
        throw new StepFailed(where + "." + name, "rename gives two fields the name " + name, null);
      }
      made.put(name, field.getValue());
    }
    holder.clear();
    holder.putAll(made);
  }

  private static Step select(List<String> fields) {
    List<List<String>> paths = fields.stream().map(Places::of).toList();
    return record -> {
      keep(record, paths, 0);
      return true;
    };
  }

  private static void keep(Object at, List<List<String>> paths, int step) {
    if (at instanceof List<?> list) {
      list.forEach(item -> keep(item, paths, step));
    } else if (at instanceof Map<?, ?> map) {
      Set<String> whole = new LinkedHashSet<>();
      Map<String, List<List<String>>> deeper = new LinkedHashMap<>();
      for (List<String> path : paths) {
        if (path.size() == step + 1) {
          whole.add(path.get(step));
        } else {
          deeper.computeIfAbsent(path.get(step), n -> new ArrayList<>()).add(path);
        }
      }
      map.keySet().removeIf(name -> !whole.contains(name) && !deeper.containsKey(name));
      deeper.forEach(
          (name, below) -> {
            if (!whole.contains(name)) {
              keep(map.get(name), below, step + 1);
            }
          });
    }
  }

  private static Step change(List<String> fields, Change change) {
    List<List<String>> paths = fields.stream().map(Places::of).toList();
    return record -> {
      for (List<String> path : paths) {
        Places.each(
            record,
            path,
            (holder, name, where) -> {
              Object value = holder.get(name);
              if (value != null) {
                try {
                  holder.put(name, changed(value, change));
                } catch (IllegalArgumentException e) {
                  throw new StepFailed(where + "." + name, e.getMessage(), null);
                }
              }
            });
      }
      return true;
    };
  }

  /** A list of scalars is changed element by element. */
  private static Object changed(Object value, Change change) {
    if (!(value instanceof List<?> list)) {
      return change.of(value);
    }
    List<Object> all = new ArrayList<>();
    for (Object item : list) {
      all.add(item == null ? null : changed(item, change));
    }
    return all;
  }

  private static Object masked(Object value, int keepLast) {
    if (value instanceof Map) {
      return "***";
    }
    String text = value.toString();
    // half of a short value would tell the other half
    boolean keeps = keepLast > 0 && text.length() >= 2 * keepLast;
    return keeps ? "***" + text.substring(text.length() - keepLast) : "***";
  }

  @Override
  public String toString() {
    return steps.size() + " steps";
  }
}
