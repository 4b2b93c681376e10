package io.millrace.source;

import io.millrace.project.Text;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One of a resource's {@code processing_steps}, which each record takes in order before it is
 * normalized. A path is names joined by points and goes through lists: {@code items.sku} is that of
 * every item.
 */
public sealed interface ProcessingStep {
  /** Whether what it takes away must not land anywhere, a table of rejects included. */
  boolean hides();

  /** Whether a record that stays may have another value in this field, or none. */
  boolean changes(String field);

  /** Whether a path begins with the field. */
  private static boolean begins(String path, String field) {
    return JsonPath.read(path)
        .map(p -> p.steps().isEmpty() || p.steps().get(0).equals(field))
        .orElse(true);
  }

  private static boolean any(Collection<String> paths, String field) {
    return paths.stream().anyMatch(path -> begins(path, field));
  }

  /** Keeps the records for which an expression is true. */
  record Filter(String expression) implements ProcessingStep {
    @Override
    public boolean hides() {
      return false;
    }

    @Override
    public boolean changes(String field) {
      return false;
    }
  }

  /** Gives fields other names, at the place where they are. */
  record Rename(Map<String, String> names) implements ProcessingStep {
    public Rename {
      names = Collections.unmodifiableMap(new LinkedHashMap<>(names));
    }

    @Override
    public boolean hides() {
      return false;
    }

    @Override
    public boolean changes(String field) {
      return any(names.keySet(), field) || names.containsValue(field);
    }
  }

  /** Keeps these fields only. */
  record Select(List<String> fields) implements ProcessingStep {
    public Select {
      fields = List.copyOf(fields);
    }

    @Override
    public boolean hides() {
      return true;
    }

    @Override
    public boolean changes(String field) {
      return !any(fields, field);
    }
  }

  /** Leaves these fields out. */
  record Exclude(List<String> fields) implements ProcessingStep {
    public Exclude {
      fields = List.copyOf(fields);
    }

    @Override
    public boolean hides() {
      return true;
    }

    @Override
    public boolean changes(String field) {
      return any(fields, field);
    }
  }

  /** Makes values of fields others of the same meaning: the type by the path. */
  record Cast(Map<String, String> types) implements ProcessingStep {
    public Cast {
      types = Collections.unmodifiableMap(new LinkedHashMap<>(types));
    }

    @Override
    public boolean hides() {
      return false;
    }

    @Override
    public boolean changes(String field) {
      return any(types.keySet(), field);
    }
  }

  /** Puts an HMAC-SHA-256 with a secret key in the place of values: equal ones stay equal. */
  record Hash(List<String> fields, Text key) implements ProcessingStep {
    public Hash {
      fields = List.copyOf(fields);
    }

    @Override
    public boolean hides() {
      return true;
    }

    @Override
    public boolean changes(String field) {
      return any(fields, field);
    }
  }

  /**
   * Puts stars in the place of values.
   *
   * @param keepLast characters at the end that stay
   */
  record Mask(List<String> fields, int keepLast) implements ProcessingStep {
    public Mask {
      fields = List.copyOf(fields);
    }

    @Override
    public boolean hides() {
      return true;
    }

    @Override
    public boolean changes(String field) {
      return any(fields, field);
    }
  }

  /** Sets fields to the values of expressions over the record as it was before the step. */
  record Compute(Map<String, String> expressions) implements ProcessingStep {
    public Compute {
      expressions = Collections.unmodifiableMap(new LinkedHashMap<>(expressions));
    }

    @Override
    public boolean hides() {
      return false;
    }

    @Override
    public boolean changes(String field) {
      return any(expressions.keySet(), field);
    }
  }
}
