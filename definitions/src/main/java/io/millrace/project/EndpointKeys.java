package io.millrace.project;

import io.millrace.project.shape.Keys;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Values;
import io.millrace.source.Endpoint;
import io.millrace.source.Incremental;
import java.util.function.Function;
import java.util.stream.Stream;

/** The keys of {@code endpoint} and of {@code incremental}. */
final class EndpointKeys {
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
                k.key(
                    "convert",
                    Shapes.words("unix_seconds", "unix_millis", "iso_date", "iso_instant"),
                    "as it came",
                    "How the value is written into a request.");
            k.later("transform", "write convert");
            return v -> cursor.apply(v).make(v.get(startParam), v.get(endParam), v.get(convert));
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

  private static final Keys<Endpoint.ResponseAction> ACTION =
      Keys.of(
          "response_action",
          "What to do with an answer of a status or content.",
          k -> {
            var status = k.key("status_code", Shapes.count(100), "The status.");
            var content = k.key("content", Shapes.TEXT, "Text that the body holds.");
            var action =
                k.required("action", Shapes.words("ignore"), "`ignore` ends the pages quietly.");
            return v -> {
              if (!v.said(status) && !v.said(content)) {
                v.spot().refuse("it would take every answer", "add status_code or content");
              }
              return new Endpoint.ResponseAction(v.get(status), v.get(content), v.get(action));
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
            var method = k.key("method", Shapes.words("GET", "POST"), "GET", "The method.");
            var params =
                k.key(
                    "params",
                    Shapes.mapOf(new Param()),
                    "Query parameters; may hold `{incremental.start_value}`.");
            var headers =
                k.key("headers", Shapes.mapOf(Shapes.SENSITIVE), "Headers, beside the client's.");
            var json = k.key("json", Shapes.JSON, "JSON body.");
            var data = k.key("data", Shapes.JSON, "Form body; not available yet.");
            var selector = k.key("data_selector", Paths.NAMES, "found", "JSONPath of the records.");
            var paginator =
                k.key(
                    "paginator",
                    ClientKeys.PAGINATOR,
                    "the client's",
                    "How the next page is found.");
            var auth =
                k.key("auth", AuthKeys.AUTH, "the client's", "How requests prove who we are.");
            var actions =
                k.key("response_actions", Shapes.listOf(ACTION), "Answers that are no errors.");
            var incremental =
                k.key("incremental", INCREMENTAL, "Reads only what is new since the last run.");
            return v -> {
              if (v.said(json) && v.said(data)) {
                v.at(data).refuse("json and data exclude each other", "keep json");
              } else if (v.said(data)) {
                v.at(data).refuseForNow("write json");
              }
              boolean moves = v.said(incremental);
              Stream.of(path, params, headers, json)
                  .filter(v::said)
                  .forEach(key -> Templates.check(v.at(key), moves));
              return new Endpoint(
                  v.get(path),
                  v.get(method),
                  v.get(params),
                  v.get(headers),
                  v.get(json),
                  v.get(selector),
                  v.get(paginator),
                  v.get(auth),
                  v.get(actions),
                  v.get(incremental));
            };
          });

  private EndpointKeys() {}

  private static Function<Values, Cursor> cursor(Keys<?> k) {
    var path = k.required("cursor_path", Shapes.TEXT, "Field, or JSONPath in the record.");
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
    k.later("allow_external_schedulers", "take it out");
    return v -> {
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
              convert);
    };
  }

  /** What both kinds of incremental have, waiting for the rest. */
  private interface Cursor {
    Incremental make(String startParam, String endParam, String convert);
  }
}
