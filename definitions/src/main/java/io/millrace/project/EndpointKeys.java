package io.millrace.project;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.project.shape.Keys;
import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import io.millrace.project.shape.Values;
import io.millrace.source.Endpoint;
import io.millrace.source.Incremental;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** The keys of {@code endpoint} and of {@code incremental}. */
final class EndpointKeys {
  private static final ZonedDateTime EPOCH = Instant.EPOCH.atZone(ZoneOffset.UTC);
  private static final Shape<String> PATTERN = Shapes.TEXT.checked(EndpointKeys::pattern);

  private static final Shape<Incremental.Convert> CONVERT =
      Shapes.either(
          Shapes.wordsMeaning(
                  Map.of("datetime", "{datetime: \"yyyy-MM-dd HH:mm\"}"),
                  "unix_seconds",
                  "unix_millis",
                  "iso_date",
                  "iso_instant")
              .as(word -> new Incremental.Convert(word, null, null)),
          Keys.of(
              "convert",
              "A time in a form of its own.",
              k -> {
                var pattern =
                    k.required(
                        "datetime",
                        PATTERN,
                        "Its form in letters, for example `yyyy-MM-dd HH:mm`.");
                var zone =
                    k.key(
                        "timezone",
                        Shapes.TEXT.checked(EndpointKeys::zone),
                        "UTC",
                        "Where the clock hangs, for example `Europe/Paris`.");
                return v -> new Incremental.Convert("datetime", v.get(pattern), v.get(zone));
              }));

  private static final Keys<Incremental> INCREMENTAL =
      Keys.of(
          "incremental",
          "Which field moves forward and from where.",
          k -> {
            var cursor = cursor(k);
            var startParam =
                k.key("start_param", Shapes.TEXT, "Query parameter that takes the start value.");
            var endParam =
                k.key("end_param", Shapes.TEXT, "Query parameter that takes the end value.");
            var convert =
                k.key("convert", CONVERT, "as it came", "How the value is written into a request.");
            var transform = k.key("transform", CONVERT, "The older name of `convert`.");
            return v -> {
              if (v.said(convert) && v.said(transform)) {
                v.at(transform).refuse("it is the older name of convert", "keep convert");
              }
              return cursor
                  .apply(v)
                  .make(v.get(startParam), v.get(endParam), v.get(convert, v.get(transform)));
            };
          });

  /** The same for files, where there is no request to put a value into. */
  static final Keys<Incremental> FILE_INCREMENTAL =
      Keys.of(
          "incremental of files",
          "Which field of the records moves forward and from where.",
          k -> {
            var cursor = cursor(k);
            return v -> {
              Incremental made = cursor.apply(v).make(null, null, null);
              if (made.cursorPath().equals("modification_date")) {
                v.spot()
                    .key("cursor_path")
                    .refuse(
                        "reading only new and changed files is not available yet in this version",
                        "name a field of the records, or take incremental out");
              }
              return made;
            };
          });

  static final Keys<Endpoint> ENDPOINT =
      Keys.of(
          "endpoint",
          "One endpoint of a REST API.",
          k -> {
            k.shorthand("path");
            var path =
                k.key(
                    "path",
                    Shapes.VALUE,
                    "the resource's name",
                    "Below `base_url`, or a whole address.");
            var method =
                k.key("method", Shapes.words("GET", "POST", "PUT", "PATCH"), "GET", "The method.");
            var params =
                k.key(
                    "params",
                    Shapes.mapOf(new Param()),
                    "Query parameters, written as Python's requests does: a list repeats the name,"
                        + " `null` leaves it out, `true` is `True` (put it in quotes for"
                        + " `true`). May hold `{incremental.start_value}` and fields of a parent,"
                        + " `{resources.parent.field}`, as may `path`, `headers`, `json` and `data`.");
            var headers =
                k.key("headers", Shapes.mapOf(Shapes.SENSITIVE), "Headers, beside the client's.");
            var json =
                k.key(
                    "json",
                    Shapes.REFERRING_JSON,
                    "JSON body. A text that is one placeholder takes the type of its value.");
            var data =
                k.key(
                    "data",
                    Shapes.REFERRING_JSON.checked(EndpointKeys::form),
                    "Another body: a map is sent as a form, a text as it is.");
            var selector = k.key("data_selector", Paths.ANY, "found", "JSONPath of the records.");
            var missing =
                k.key(
                    "on_records_missing",
                    Shapes.words("raise", "empty"),
                    "raise",
                    "What an answer is in which data_selector leads nowhere: a failure, or an"
                        + " empty page.");
            var fieldMissing =
                k.key(
                    "on_parent_field_missing",
                    Shapes.words("raise", "skip"),
                    "raise",
                    "What a record of the parent is that has no value for a placeholder: a failure,"
                        + " or one without children.");
            var format =
                k.key(
                    "response_format",
                    ResponseKeys.FORMAT,
                    "json",
                    "What the body of an answer is.");
            var paginator =
                k.key(
                    "paginator",
                    PaginatorKeys.PAGINATOR,
                    "the client's",
                    "How the next page is found.");
            var auth =
                k.key("auth", AuthKeys.AUTH, "the client's", "How requests prove who we are.");
            var actions =
                k.key(
                    "response_actions",
                    Shapes.listOf(ResponseKeys.ACTION),
                    "Answers that are no errors.");
            var incremental =
                k.key("incremental", INCREMENTAL, "Reads only what is new since the last run.");
            return v -> {
              if (v.said(json) && v.said(data)) {
                v.at(data).refuse("json and data exclude each other", "keep json");
              } else if ((v.said(json) || v.said(data)) && v.get(method, "GET").equals("GET")) {
                v.at(v.said(json) ? json : data)
                    .refuse("a GET request has no body", "add method: POST, PUT or PATCH");
              }
              boolean moves = v.said(incremental);
              Map<String, List<Text>> query = new LinkedHashMap<>(v.get(params, Map.of()));
              Map<String, Text> resolved = Param.taken(query, v.at(params));
              Stream.of(path, params, headers, json, data)
                  .filter(v::said)
                  .forEach(
                      key ->
                          Templates.check(
                              v.at(key), moves, key == path ? resolved.keySet() : Set.of()));
              ResponseKeys.records(v.spot(), v.get(format), v.said(selector));
              return new Endpoint(
                  Param.bound(v.get(path), resolved, v.at(params)),
                  v.get(method),
                  query,
                  v.get(headers),
                  v.get(json),
                  v.get(data),
                  v.get(selector),
                  v.get(paginator),
                  v.get(auth),
                  v.get(actions),
                  v.get(incremental),
                  v.get(format),
                  "empty".equals(v.get(missing)),
                  "skip".equals(v.get(fieldMissing)));
            };
          });

  private EndpointKeys() {}

  private static Function<Values, Cursor> cursor(Keys<?> k) {
    var path = k.required("cursor_path", Paths.CURSOR, "Field, or JSONPath in the record.");
    var initial = k.key("initial_value", Shapes.JSON, "Where the first run begins.");
    var end = k.key("end_value", Shapes.JSON, "Where to stop; such a run keeps no state.");
    var function =
        k.key("last_value_func", Shapes.words("max", "min"), "max", "Which value is the last.");
    var order = k.key("row_order", Shapes.words("asc", "desc"), "Order of the records.");
    var missing =
        k.key(
            "on_cursor_value_missing",
            Shapes.words("raise", "include", "exclude"),
            "raise",
            "What a record without the field does.");
    var start =
        k.key("range_start", Shapes.words("closed", "open"), "closed", "Includes the start.");
    var stop = k.key("range_end", Shapes.words("open", "closed"), "open", "Excludes the end.");
    var lag = k.key("lag", Shapes.NUMBER, "Seconds, days or a number that is read again.");
    var primaryKey =
        k.key(
            "primary_key",
            Shapes.oneOrMany(Shapes.TEXT),
            "the resource's",
            "Tells records at the boundary apart; `[]` keeps them all.");
    var external =
        k.key(
            "allow_external_schedulers",
            Shapes.YES_OR_NO,
            "false",
            "Accepted when it is false: no scheduler of others is asked for an interval.");
    var format =
        k.key(
            "cursor_format",
            Shapes.TEXT.checked(EndpointKeys::cursorFormat),
            "told by the value",
            "Form of a time that is not ISO 8601, in letters: `dd/MM/yyyy HH:mm`. A time without"
                + " a zone is UTC.");
    return v -> {
      if (v.get(external, false)) {
        v.at(external)
            .refuse(
                "there is no scheduler of others whose interval could be taken",
                "take it out; a schedule of this file runs it, initial_value and end_value bound a"
                    + " backfill");
      }
      if (v.said(end) && !v.said(initial)) {
        v.at(end).refuse("an end_value needs an initial_value", "add initial_value");
      }
      return (startParam, endParam, convert) ->
          new Incremental(
              v.get(path),
              v.get(initial),
              v.get(end),
              v.get(function),
              v.get(order),
              v.get(missing),
              v.get(start),
              v.get(stop),
              v.get(lag),
              v.get(primaryKey),
              startParam,
              endParam,
              convert,
              v.get(format));
    };
  }

  private static boolean pattern(String pattern, Spot spot) {
    return pattern(pattern, spot, false);
  }

  private static boolean cursorFormat(String pattern, Spot spot) {
    return pattern(pattern, spot, true);
  }

  /**
   * @param whole whether a day must be told: what has none is neither before nor behind another
   */
  private static boolean pattern(String pattern, Spot spot, boolean whole) {
    try {
      DateTimeFormatter form = DateTimeFormatter.ofPattern(pattern, Locale.ROOT);
      String text = form.format(EPOCH);
      if (whole) {
        LocalDate.parse(text, form);
      }
      return true;
    } catch (IllegalArgumentException | DateTimeException e) {
      spot.refuse(
          "it is no form of a date or time: found " + spot.found(),
          "letters as in yyyy-MM-dd'T'HH:mm:ssXXX");
      return false;
    }
  }

  private static boolean zone(String zone, Spot spot) {
    try {
      ZoneId.of(zone);
      return true;
    } catch (DateTimeException e) {
      spot.refuse("there is no such time zone: found " + spot.found(), "for example Europe/Paris");
      return false;
    }
  }

  /** What {@code requests} would send of deeper values is nothing that anybody means. */
  private static boolean form(JsonNode data, Spot spot) {
    boolean well = data.isTextual();
    if (data.isObject()) {
      well = true;
      for (JsonNode value : data) {
        well &= !value.isObject();
        for (JsonNode item : value) {
          well &= item.isValueNode();
        }
      }
    }
    if (!well) {
      spot.refuse(
          "expected a text, or a map from names to values or lists of values: found "
              + spot.found(),
          "write a nested body under json");
    }
    return well;
  }

  /** What both kinds of incremental have, waiting for the rest. */
  private interface Cursor {
    Incremental make(String startParam, String endParam, Incremental.Convert convert);
  }
}
