package io.millrace.worker.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.extract.Probe;
import io.millrace.activities.extract.Told;
import io.millrace.destination.WriteDisposition;
import io.millrace.source.Incremental;
import io.millrace.source.JsonPath;
import io.millrace.source.Paginator;
import io.millrace.source.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a configuration and an answer say together that neither says alone. Pure. */
final class LiveAdvice {
  /** Pages are seldom as long as this by chance. */
  private static final Set<Long> ROUND = Set.of(10L, 15L, 20L, 25L, 30L, 40L, 50L, 60L, 75L, 80L);

  private LiveAdvice() {}

  /** Of the configuration alone. */
  static List<String> of(Resource resource) {
    List<String> advice = new ArrayList<>();
    WriteDisposition disposition = resource.hints().disposition();
    if (disposition.kind() == WriteDisposition.Kind.MERGE
        && disposition.strategy() != WriteDisposition.Strategy.SCD2
        && resource.hints().primaryKey().isEmpty()
        && resource.hints().mergeKey().isEmpty()) {
      advice.add(
          "it merges and has no primary_key, so that rows are only added: name the field that"
              + " tells records apart");
    }
    return advice;
  }

  /** Of a page and the resource that asked for it. */
  static List<String> of(Resource resource, Paginator paginator, Probe.Page page) {
    List<String> advice = new ArrayList<>();
    if (page.records() == null) {
      advice.add(
          "there is no page: the answer says that there is nothing, or an ignored status came");
      return advice;
    }
    long count = page.records().count();
    if (count == 0) {
      advice.add("there are no records at " + page.records().selector());
      return advice;
    }
    JsonNode first = page.records().sample().get(0);
    for (String key : resource.hints().primaryKey()) {
      missing(first, key).ifPresent(f -> advice.add("the first record has no primary_key " + f));
    }
    Incremental incremental = resource.incremental();
    if (incremental != null) {
      missing(first, incremental.cursorPath())
          .ifPresent(f -> advice.add("the first record has no cursor_path " + f));
    }
    Told told = page.way().told();
    if (told != null) {
      advice.add(
          "the answer tells of more records than the "
              + count
              + " that came ("
              + told
              + ") and no way to a next page was found: say the paginator");
    } else if (paginator instanceof Paginator.Auto
        && page.way().next() == null
        && (ROUND.contains(count) || count >= 100 && count % 50 == 0)) {
      advice.add(
          "there are exactly "
              + count
              + " records and no way to a next page was found, so there may be more: say the"
              + " paginator");
    }
    if (paginator instanceof Paginator.PageNumber number && !number.totalPath().isEmpty()) {
      rows(number.totalPath(), count, page).ifPresent(advice::add);
    }
    return advice;
  }

  /** A total of rows where a number of pages is wanted ends too late, or reads on for nothing. */
  private static Optional<String> rows(String totalPath, long count, Probe.Page page) {
    JsonNode total = at(page.envelope(), totalPath);
    if (total == null || !total.canConvertToLong()) {
      return Optional.empty();
    }
    String name = totalPath.substring(totalPath.lastIndexOf('.') + 1);
    String plain = Told.plain(name);
    boolean named = Told.RECORDS.contains(plain) && !plain.equals("total"); // dlt's, for pages
    boolean fits = total.asLong() == count && count > 1;
    return named || fits
        ? Optional.of(
            "total_path "
                + totalPath
                + " is "
                + total.asLong()
                + ", which looks like a number of rows; page_number wants a number of pages: set"
                + " total_path: null and let an empty page be the end")
        : Optional.empty();
  }

  private static Optional<String> missing(JsonNode record, String path) {
    JsonNode value = at(record, path);
    return value == null || value.isMissingNode() ? Optional.of(path) : Optional.empty();
  }

  /** {@code null} when it is not there; also when the path is not a simple one. */
  private static JsonNode at(JsonNode from, String path) {
    JsonNode here = from;
    Optional<JsonPath> steps = JsonPath.read(path);
    if (steps.isEmpty()) {
      return from;
    }
    for (Object step : steps.get().steps()) {
      here =
          here == null ? null : step instanceof Integer i ? here.get(i) : here.get((String) step);
    }
    return here;
  }
}
