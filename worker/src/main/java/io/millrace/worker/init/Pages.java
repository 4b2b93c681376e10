package io.millrace.worker.init;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.extract.Probe;
import io.millrace.activities.extract.Told;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** How the pages of a list may go on, by its first answer and its address, the likeliest first. */
final class Pages {
  private static final int ROUND = 5;

  /** Names of a page's size that mostly stand beside an offset. */
  private static final Set<String> BESIDE_OFFSET =
      Set.of("limit", "take", "top", "rows", "maxresults");

  private final Probe.Page page;
  private final Address address;
  private final List<Guess> guesses = new ArrayList<>();

  private Pages(Probe.Page page, Address address) {
    this.page = page;
    this.address = address;
  }

  /**
   * From the first answer, which has records. A guess must be tried after those before it: pages
   * count from 1 only where page 1 is the one that came.
   */
  static List<Guess> of(Probe.Page page, Address address) {
    Pages pages = new Pages(page, address);
    String path = page.way().path();
    if (path == null || !path.contains("${")) { // it would be a reference in the file
      pages.guess(path);
    }
    return pages.guesses;
  }

  /** What the answer says of further pages; empty for nothing. */
  static Optional<String> told(Probe.Page page) {
    Probe.Way way = page.way();
    return way.told() != null
        ? Optional.of(way.told().toString())
        : Optional.ofNullable(way.position())
            .map(p -> way.path() == null ? "the Link header" : "the field " + way.path());
  }

  private void guess(String path) {
    switch (page.way().type()) {
      case "header_link" -> guesses.add(Guess.link(Map.of("type", "header_link"), "its link"));
      case "json_link" ->
          guesses.add(
              Guess.link(Guess.keys("json_link", "next_url_path", Yaml.text(path)), "its link"));
      case "cursor" ->
          cursorParams(path).forEach(p -> guesses.add(Guess.cursor(Yaml.text(path), p)));
      case "page_number" -> numbered(Yaml.text(path), false);
      default -> counted();
    }
  }

  /** The answer leads nowhere by itself: only parameters can. */
  private void counted() {
    Told told = page.way().told();
    boolean total =
        told != null
            && told.what() != Told.What.FLAG
            && told.path() != null // no paginator reads a header's
            && !told.path().contains("${");
    String path = total ? Yaml.text(told.path()) : null;
    boolean rows = told != null && told.what() == Told.What.RECORDS;
    boolean offset = address.offset().isPresent() || field(Pages::isOffset).isPresent();
    boolean number = address.page().isPresent() || field(Address::countsPages).isPresent();
    long count = page.records().count();
    boolean round = count > 0 && count % ROUND == 0 && !isWhole(count);
    if (!offset && !number && told == null && !round) {
      return;
    }
    String size = address.size().or(() -> field(Address::sizes).map(Map.Entry::getKey)).orElse("");
    if (offset || !number && BESIDE_OFFSET.contains(Told.plain(size))) {
      offset(rows ? path : null);
      numbered(path, rows);
    } else {
      numbered(path, rows);
      offset(rows ? path : null);
    }
  }

  /** A field called just "count" may be that of the page. */
  private boolean isWhole(long count) {
    return field(n -> Told.named(n) == Told.What.RECORDS && !n.equalsIgnoreCase("count"))
        .filter(total -> total.getValue() == count)
        .isPresent();
  }

  private void offset(String total) {
    Optional<Map.Entry<String, Long>> field = field(Pages::isOffset);
    String param = address.offset().or(() -> field.map(Map.Entry::getKey)).orElse("offset");
    long first = field.map(Map.Entry::getValue).filter(n -> n == 1).orElse(0L);
    long count = page.records().count();
    long limit =
        address
            .size()
            .map(address.params()::get)
            .filter(v -> v != null && v.matches("[1-9]\\d{0,8}"))
            .map(Long::valueOf)
            .orElse(count);
    guesses.add(
        Guess.offset(
            param,
            address.size().orElse("limit"),
            limit,
            new Guess.Page(first, count, total, true)));
  }

  private void numbered(String total, boolean rows) {
    Optional<Map.Entry<String, Long>> field = field(Address::countsPages);
    Set<String> params = new LinkedHashSet<>();
    address.page().ifPresentOrElse(params::add, () -> params.add("page"));
    Guess.Page first = new Guess.Page(0, page.records().count(), total, rows);
    Optional<Long> told = field.map(Map.Entry::getValue).filter(n -> n == 0 || n == 1);
    if (told.isPresent()) {
      field.map(Map.Entry::getKey).filter(n -> address.page().isEmpty()).ifPresent(params::add);
      params.forEach(param -> guesses.add(Guess.number(param, first.from(told.get()))));
      return;
    }
    // the page that came has no number: it is 1 when page 1 brings it again, else 0
    for (String param : params) {
      guesses.add(Guess.number(param, first));
      guesses.add(Guess.number(param, first.from(1)));
    }
  }

  private Set<String> cursorParams(String path) {
    Set<String> params = new LinkedHashSet<>();
    address.params().keySet().stream()
        .filter(name -> address.position(name) && !Address.countsPages(name))
        .forEach(params::add);
    String key = path.substring(path.lastIndexOf('.') + 1);
    params.add(
        switch (Told.plain(key)) {
          case "nextpagetoken" -> key.contains("_") ? "page_token" : "pageToken";
          case "nexttoken" -> key;
          case "nextoffset" -> "offset";
          case "nextpage" -> "page";
          case "nextafter" -> "after";
          default -> "cursor";
        });
    if (key.matches("[A-Za-z_]+")) { // what a server says becomes no parameter of its own making
      params.add(key);
    }
    params.add("after");
    return params;
  }

  private static boolean isOffset(String name) {
    return Address.countsRecords(name) || name.equals("start");
  }

  /** A number beside the records of such a name, at the top or up to two objects deep. */
  private Optional<Map.Entry<String, Long>> field(Predicate<String> named) {
    return field(page.envelope(), named, 2);
  }

  private static Optional<Map.Entry<String, Long>> field(
      JsonNode in, Predicate<String> named, int deep) {
    Optional<Map.Entry<String, Long>> found = field(in, named);
    for (JsonNode below : in) {
      found =
          found.or(
              () ->
                  deep > 0 && below.isObject() ? field(below, named, deep - 1) : Optional.empty());
    }
    return found;
  }

  private static Optional<Map.Entry<String, Long>> field(JsonNode in, Predicate<String> named) {
    return in.properties().stream()
        .filter(f -> f.getValue().isIntegralNumber() && f.getValue().canConvertToLong())
        .filter(f -> f.getKey().matches("[A-Za-z_]{1,40}") && named.test(f.getKey()))
        .map(f -> Map.entry(f.getKey(), f.getValue().asLong()))
        .findFirst();
  }
}
