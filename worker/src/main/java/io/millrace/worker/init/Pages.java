package io.millrace.worker.init;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.extract.Probe;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How the pages of a list seem to go on.
 *
 * @param paginator keys of the configuration and their values as YAML, {@code type} first
 * @param second the same for a look at the second page alone; {@code null} when the first answer
 *     leads there by itself, or when there is none
 * @param why what it was told by, for people
 * @param guessed whether only a look at the second page can tell
 */
record Pages(
    Map<String, String> paginator, Map<String, String> second, String why, boolean guessed) {
  private static final Set<String> TOTALS =
      Set.of(
          "total",
          "count",
          "totalcount",
          "totalitems",
          "totalresults",
          "totalrecords",
          "totalrows");
  private static final int ROUND = 5;

  /** Where the answer tells no total. */
  private static final String NONE = "null";

  static final Pages ONE =
      new Pages(Map.of("type", "single_page"), null, "no way to a next page was found", false);

  /** From the first answer, which has records. */
  static Pages of(Probe.Page page, Address address) {
    Probe.Way way = page.way();
    if (way.path() != null && way.path().contains("${")) {
      return ONE; // it would be a reference in the file
    }
    String path = way.path() == null ? null : Yaml.text(way.path());
    return switch (way.type()) {
      case "header_link" ->
          new Pages(Map.of("type", "header_link"), null, "the Link header", false);
      case "json_link" ->
          new Pages(keys("json_link", "next_url_path", path), null, "a link in the body", false);
      case "cursor" -> {
        String param = cursorParam(address, way.path());
        yield new Pages(
            keys("cursor", "cursor_path", path, "cursor_param", Yaml.text(param)),
            null,
            "a cursor in the body; its parameter is a guess",
            true);
      }
      case "page_number" -> {
        long base = way.position().at("/paginator/base").asLong(1);
        String param = Yaml.text(address.page().or(() -> key(page, true)).orElse("page"));
        yield numbered(base, param, path, "a number of pages in the body", false);
      }
      default -> counted(page, address);
    };
  }

  /** The answer leads nowhere by itself: only parameters can. */
  private static Pages counted(Probe.Page page, Address address) {
    long count = page.records().count();
    Optional<String> total = total(page.envelope(), "", 0, count);
    Optional<String> offset = address.offset().or(() -> key(page, false));
    if (offset.isPresent()) {
      String limit =
          address
              .size()
              .map(address.params()::get)
              .filter(v -> v.matches("\\d{1,9}"))
              .orElse("" + count);
      Map<String, String> all =
          keys(
              "offset",
              "limit",
              limit,
              "offset_param",
              Yaml.text(offset.get()),
              "limit_param",
              Yaml.text(address.size().orElse("limit")),
              "total_path",
              total.map(Yaml::text).orElse(NONE));
      Map<String, String> second = new LinkedHashMap<>(all);
      second.put("offset", String.valueOf(count));
      return new Pages(all, second, "a parameter or field named " + offset.get(), true);
    }
    Optional<String> number = address.page().or(() -> key(page, true));
    boolean more = total.isPresent() || number.isPresent() || count > 0 && count % ROUND == 0;
    if (!more) {
      return ONE;
    }
    String param = number.orElse("page");
    String asked = address.params().getOrDefault(param, "1");
    String why =
        number.isPresent()
            ? "a parameter or field named " + param
            : total.isPresent() ? "a total larger than the page" : "a page of round size";
    return numbered("0".equals(asked) ? 0 : 1, Yaml.text(param), NONE, why, true);
  }

  private static Pages numbered(
      long base, String param, String total, String why, boolean guessed) {
    Map<String, String> all =
        keys("page_number", "base_page", "" + base, "page_param", param, "total_path", total);
    Map<String, String> second = new LinkedHashMap<>(all);
    second.put("page", String.valueOf(base + 1));
    return new Pages(all, second, why, guessed);
  }

  private static String cursorParam(Address address, String path) {
    Optional<String> given =
        address.params().keySet().stream()
            .filter(name -> address.position(name) && !Address.countsPages(name))
            .findFirst();
    String key = path.substring(path.lastIndexOf('.') + 1);
    String plain = key.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
    return given.orElseGet(
        () ->
            switch (plain) {
              case "nextpagetoken" -> key.contains("_") ? "page_token" : "pageToken";
              case "nexttoken" -> key;
              case "nextoffset" -> "offset";
              case "nextpage" -> "page";
              case "nextafter" -> "after";
              default -> "cursor";
            });
  }

  /** A field beside the records that counts pages, or records. */
  private static Optional<String> key(Probe.Page page, boolean pages) {
    return page.envelope().properties().stream()
        .filter(field -> field.getValue().canConvertToLong())
        .map(Map.Entry::getKey)
        .filter(name -> pages ? Address.countsPages(name) : Address.countsRecords(name))
        .map(name -> pages && !name.toLowerCase(Locale.ROOT).equals("p") ? "page" : name)
        .findFirst();
  }

  /** Where a total of records lies that is larger than the page; not looked for far below. */
  private static Optional<String> total(JsonNode from, String before, int depth, long count) {
    for (Map.Entry<String, JsonNode> field : from.properties()) {
      String plain = field.getKey().toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
      boolean plainName = field.getKey().matches("[A-Za-z_][A-Za-z0-9_-]*");
      if (plainName && TOTALS.contains(plain) && field.getValue().asLong() > count) {
        return Optional.of(before + field.getKey());
      }
      if (plainName && depth < 2 && field.getValue().isObject()) {
        Optional<String> below =
            total(field.getValue(), before + field.getKey() + ".", depth + 1, count);
        if (below.isPresent()) {
          return below;
        }
      }
    }
    return Optional.empty();
  }

  private static Map<String, String> keys(String type, String... pairs) {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("type", type);
    for (int i = 0; i < pairs.length; i += 2) {
      keys.put(pairs[i], pairs[i + 1]);
    }
    return keys;
  }

  boolean single() {
    return paginator.get("type").equals("single_page");
  }
}
