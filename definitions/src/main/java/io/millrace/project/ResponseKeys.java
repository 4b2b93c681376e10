package io.millrace.project;

import io.millrace.project.shape.Keys;
import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import io.millrace.project.shape.Variants;
import io.millrace.source.Endpoint;
import io.millrace.source.ResponseFormat;

/** The keys of {@code response_actions} and {@code response_format}: what an answer is. */
final class ResponseKeys {
  static final Keys<Endpoint.ResponseAction> ACTION =
      Keys.of(
          "response_action",
          "What to do with an answer of a status or content.",
          k -> {
            var status = k.key("status_code", Shapes.count(100), "The status.");
            var content = k.key("content", Shapes.TEXT, "Text that the body holds.");
            var action =
                k.required(
                    "action",
                    Shapes.words("ignore", "skip_parent", "retry", "wait", "fail"),
                    "`ignore` ends the pages quietly, `skip_parent` does it and is counted; `retry`"
                        + " asks again, `wait` asks again when the server says or after a minute;"
                        + " `fail` ends the asset.");
            var pause =
                k.key(
                    "for", Shapes.DURATION, "How long `retry` and `wait` wait, whoever says else.");
            var message = k.key("message", Shapes.TEXT, "What `fail` says.");
            return v -> {
              if (!v.said(status) && !v.said(content)) {
                v.spot().refuse("it would take every answer", "add status_code or content");
              }
              String does = String.valueOf(v.get(action));
              if (v.said(pause) && !does.equals("retry") && !does.equals("wait")) {
                v.at(pause).refuse(does + " does not wait", "take it out, or write action: wait");
              }
              if (v.said(message) && !does.equals("fail")) {
                v.at(message).refuse(does + " says nothing", "take it out, or write action: fail");
              }
              return new Endpoint.ResponseAction(
                  v.get(status), v.get(content), v.get(action), v.get(pause), v.get(message));
            };
          });

  static final Shape<ResponseFormat> FORMAT =
      new Variants<ResponseFormat>("response_format", "json", true)
          .with(
              "json",
              Keys.of(
                  "response_format json",
                  "One JSON document.",
                  k -> v -> new ResponseFormat.Json()))
          .with(
              "jsonl",
              Keys.of(
                  "response_format jsonl",
                  "JSON Lines: each line a record.",
                  k -> v -> new ResponseFormat.JsonLines()))
          .alias("ndjson", "jsonl")
          .with(
              "csv",
              Keys.of(
                  "response_format csv",
                  "Lines of fields, each a record of texts; `columns` of the resource give types.",
                  k -> {
                    var delimiter =
                        k.key(
                            "delimiter",
                            Shapes.TEXT.checked(ResponseKeys::oneCharacter),
                            "`,`",
                            "What is between two fields.");
                    var columns =
                        k.key(
                            "columns",
                            Shapes.listOf(Shapes.TEXT),
                            "the first line",
                            "Names of the fields, when no line has them.");
                    return v -> new ResponseFormat.Csv(v.get(delimiter), v.get(columns));
                  }))
          .with(
              "xml",
              Keys.of(
                  "response_format xml",
                  "An XML document; `data_selector` names the elements that are records, from the"
                      + " root on. Attributes are `@name`, text beside others is `#text`.",
                  k -> v -> new ResponseFormat.Xml()));

  private ResponseKeys() {}

  private static boolean oneCharacter(String text, Spot spot) {
    boolean well = text.length() == 1 && !"\"\n\r".contains(text);
    if (!well) {
      spot.refuse("expected one character: found " + spot.found(), "for example \";\"");
    }
    return well;
  }

  static void records(Spot spot, ResponseFormat format, boolean selected) {
    if (format instanceof ResponseFormat.Xml && !selected) {
      spot.refuse("xml needs a data_selector", "name the elements, for example feed.entry");
    }
    boolean lines =
        format instanceof ResponseFormat.JsonLines || format instanceof ResponseFormat.Csv;
    if (lines && selected) {
      spot.refuse("a data_selector has no meaning in lines", "take it out; each line is a record");
    }
  }
}
