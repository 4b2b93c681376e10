package io.millrace.worker.init;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What the fields of some records could be good for. Looks at their first level only. */
final class Fields {
  private static final Pattern TIME =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\d([T ]\\d\\d:\\d\\d.*)?|\\d{10}|\\d{13}");

  private static final List<String> CHANGED =
      List.of(
          "updated_at",
          "modified_at",
          "last_modified",
          "last_updated",
          "changed_at",
          "updated",
          "modified",
          "update_time",
          "created_at",
          "created",
          "timestamp");

  private final List<JsonNode> records;

  /**
   * @param records of all pages that were seen
   */
  Fields(List<JsonNode> records) {
    this.records = records;
  }

  /** Fields that every record has, with another value each, the likeliest first. */
  List<String> keys(String resource) {
    if (records.size() < 2 || !records.get(0).isObject()) {
      return List.of();
    }
    Map<String, Integer> ranks = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : records.get(0).properties()) {
      int rank = rank(field.getKey(), resource);
      if (rank > 0 && tellsApart(field.getKey())) {
        ranks.put(field.getKey(), rank);
      }
    }
    return ranks.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** 0 for a name that no key has: a value that is unique now may not be so tomorrow. */
  private static int rank(String name, String resource) {
    if (name.contains("${")) {
      return 0; // it would be a reference in the file
    }
    String plain = plain(name);
    String one = plain(resource).replaceFirst("ies$", "y").replaceFirst("s$", "");
    if (plain.matches("_?id")) {
      return 1;
    }
    if (plain.matches("uuid|guid|gid|uid|node_id")) {
      return 2;
    }
    if (plain.matches(Pattern.quote(one) + "_?(id|uuid|key|number|no)")) {
      return 3;
    }
    return switch (plain) {
      case "key", "sku", "slug", "code" -> 4;
      case "number", "name", "url", "href", "self" -> 5;
      default -> plain.endsWith("_id") || plain.endsWith("_uuid") ? 6 : 0;
    };
  }

  private boolean tellsApart(String name) {
    Set<String> values = new HashSet<>();
    for (JsonNode record : records) {
      JsonNode value = record.get(name);
      boolean well = value != null && (value.isTextual() || value.isIntegralNumber());
      if (!well || value.asText().isBlank() || !values.add(value.asText())) {
        return false;
      }
    }
    return true;
  }

  /** A field that tells when a record changed last; only a person knows whether it does. */
  Optional<String> cursor() {
    List<String> found = new ArrayList<>();
    for (JsonNode record : records) {
      for (Map.Entry<String, JsonNode> field : record.properties()) {
        boolean time = TIME.matcher(field.getValue().asText()).matches();
        if (time && CHANGED.contains(plain(field.getKey())) && !found.contains(field.getKey())) {
          found.add(field.getKey());
        }
      }
    }
    return found.stream()
        .min(java.util.Comparator.comparingInt(name -> CHANGED.indexOf(plain(name))));
  }

  private static String plain(String name) {
    return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }
}
