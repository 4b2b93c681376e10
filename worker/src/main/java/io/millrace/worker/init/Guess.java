package io.millrace.worker.init;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.extract.Probe;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A way in which the pages of a list may go on.
 *
 * @param paginator keys of the configuration and their values as YAML, {@code type} first
 * @param from the key of the paginator that begins at the second page and its value; {@code null}
 *     when the first answer leads there by itself
 * @param asked how the second page is asked for, for people
 * @param sure whether it holds without a look at the second page: a link says itself where it leads
 */
record Guess(
    Map<String, String> paginator, Map.Entry<String, Long> from, String asked, boolean sure) {

  static final Map<String, String> AUTO = Map.of("type", "auto");

  static Guess link(Map<String, String> paginator, String asked) {
    return new Guess(paginator, null, asked, true);
  }

  /**
   * @param path of the cursor, as YAML
   */
  static Guess cursor(String path, String param) {
    Map<String, String> keys = keys("cursor", "cursor_path", path);
    keys.put("cursor_param", Yaml.text(param));
    return new Guess(keys, null, "the cursor as " + param, false);
  }

  /**
   * @param first what the first page is asked with: 0, or 1 where records are counted from there
   * @param total as YAML; {@code null} for none
   */
  static Guess offset(String param, String limitParam, long limit, Page page) {
    Map<String, String> keys = keys("offset", "limit", String.valueOf(limit));
    if (page.first() != 0) {
      keys.put("offset", String.valueOf(page.first()));
    }
    keys.put("offset_param", Yaml.text(param));
    keys.put("limit_param", Yaml.text(limitParam));
    // the end is told in numbers from 0
    keys.put("total_path", page.total() == null || page.first() != 0 ? "null" : page.total());
    long next = page.first() + page.records();
    return new Guess(keys, Map.entry("offset", next), param + "=" + next, false);
  }

  static Guess number(String param, Page page) {
    Map<String, String> keys = keys("page_number", "base_page", String.valueOf(page.first()));
    keys.put("page_param", Yaml.text(param));
    keys.put("total_path", page.total() == null ? "null" : page.total());
    if (page.total() != null && page.rows()) {
      keys.put("total_is", "rows");
    }
    long next = page.first() + 1;
    return new Guess(keys, Map.entry("page", next), param + "=" + next, false);
  }

  /**
   * The first page, for those that count.
   *
   * @param first its number, or that of its first record
   * @param records on it
   * @param total where the answer tells it, as YAML; {@code null} for nowhere
   * @param rows whether that is a number of rows, not of pages
   */
  record Page(long first, long records, String total, boolean rows) {
    Page from(long number) {
      return new Page(number, records, total, rows);
    }
  }

  /** The paginator for a look at the second page alone. */
  Map<String, String> second() {
    Map<String, String> second = new LinkedHashMap<>(paginator);
    if (from != null) {
      second.put(from.getKey(), String.valueOf(from.getValue()));
    }
    return second;
  }

  /**
   * Whether the second answer has other records than the first, of the same shape. A few may come
   * again, as pages drift; {@code key} tells records apart, as other fields may change meanwhile.
   *
   * @param key {@code null} for the whole record
   */
  static boolean proves(Probe.Page first, Probe.Page second, String key) {
    if (second.records() == null || second.records().sample().isEmpty()) {
      return false;
    }
    List<JsonNode> known = first.records().sample();
    List<JsonNode> sample = second.records().sample();
    Set<JsonNode> seen = known.stream().map(r -> of(r, key)).collect(Collectors.toSet());
    long again = sample.stream().filter(r -> seen.contains(of(r, key))).count();
    return second.records().selector().equals(first.records().selector())
        && sameShape(known.get(0), sample.get(0))
        && again * 2 < sample.size();
  }

  private static JsonNode of(JsonNode record, String key) {
    return key == null || record.get(key) == null ? record : record.get(key);
  }

  private static boolean sameShape(JsonNode a, JsonNode b) {
    Set<String> names = new HashSet<>();
    a.fieldNames().forEachRemaining(names::add);
    int of = names.size();
    Set<String> others = new HashSet<>();
    b.fieldNames().forEachRemaining(others::add);
    names.retainAll(others);
    return a.getNodeType() == b.getNodeType() && names.size() * 2 >= of;
  }

  /**
   * A paginator as the configuration has it.
   *
   * @param pairs keys and their values as YAML, in turn
   */
  static Map<String, String> keys(String type, String... pairs) {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("type", type);
    for (int i = 0; i < pairs.length; i += 2) {
      keys.put(pairs[i], pairs[i + 1]);
    }
    return keys;
  }
}
