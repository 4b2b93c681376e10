package io.millrace.activities.normalize;

import io.millrace.activities.normalize.value.Coercion;
import io.millrace.activities.normalize.value.Naming;
import io.millrace.activities.normalize.value.Value;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.SchemaSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** The type of a column that data shows for the first time. */
final class Types {
  private static final String PATTERN = "re:";

  /** Characters that make dlt take a name for a pattern, which it leaves as it is. */
  private static final Pattern SPECIAL = Pattern.compile("[-\\s.^$*+?{}\\[\\]|()\\\\&~#]");

  private final Coercion.Detections detections;
  private final Map<Pattern, DataType> preferred = new LinkedHashMap<>();
  private final boolean compat;

  Types(SchemaSettings settings, Naming naming, Coercion.Detections detections) {
    this.detections = detections;
    this.compat = settings.compat();
    preferred(settings, naming)
        .forEach(
            (k, v) -> {
              boolean pattern = k.startsWith(PATTERN);
              String regex = pattern ? k.substring(PATTERN.length()) : "^" + Pattern.quote(k) + "$";
              preferred.put(Pattern.compile(regex), v);
            });
  }

  /** The types that the settings prefer, by the names of columns: what is said are keys. */
  static Map<String, DataType> preferred(SchemaSettings settings, Naming naming) {
    Map<String, DataType> named = new LinkedHashMap<>();
    settings
        .preferredTypes()
        .forEach(
            (k, v) -> {
              boolean pattern = k.startsWith(PATTERN);
              boolean kept = pattern || settings.compat() && SPECIAL.matcher(k).find();
              named.put(kept ? k : naming.key(k), v);
            });
    return named;
  }

  /** Whether the settings prefer no types at all. */
  boolean none() {
    return preferred.isEmpty();
  }

  /** The first type that the settings want for a column of that name; {@code null} for none. */
  DataType preferred(String column) {
    for (Map.Entry<Pattern, DataType> e : preferred.entrySet()) {
      if (e.getKey().matcher(column).find()) {
        return e.getValue();
      }
    }
    return null;
  }

  /** The column for the value that is held. */
  Column infer(Rows rows, Slot s, boolean variant) {
    Value v = rows.value;
    DataType type = variant ? null : preferred(s.name);
    // the type that a variant's name promises holds whatever the text looks like; dlt lets the
    // detection decide and cannot load the next text
    if (type == null && (compat || !variant)) {
      type = detections.detect(v);
    }
    if (type == null) {
      type = Coercion.infer(v);
    }
    Column c = s.noted(Rows.fresh(s, type));
    return variant ? c.with("variant", true) : c;
  }

  /** The name of the variant for the value that is held. */
  String variant(Rows rows, Slot s, Column column) {
    String suffix = Coercion.variant(rows.value, rows.value.kind(), column);
    return rows.tables.naming.join(s.name, "v_" + suffix);
  }
}
