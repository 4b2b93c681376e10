package io.millrace.project;

import io.millrace.project.shape.Keys;
import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import io.millrace.project.shape.Values;
import io.millrace.project.shape.Variants;
import io.millrace.source.Endpoint;
import io.millrace.source.Files;
import io.millrace.source.Incremental;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import io.millrace.source.TableHints;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The keys of a source and of its resources. */
final class SourceKeys {
  static final Keys<Resource.SegmentBounds> SEGMENT =
      Keys.of(
          "segment",
          "Where a unit of work ends: at the first of the three.",
          k -> {
            var bytes =
                k.key(
                    "bytes",
                    Shapes.SIZE,
                    "64MB; 256MB for local files that are not compressed",
                    "Bytes as the source sends them.");
            var pages = k.key("pages", Shapes.count(1), "500", "Pages.");
            var time = k.key("time", Shapes.DURATION, "60s", "Time since its begin.");
            return v -> new Resource.SegmentBounds(v.get(bytes), v.get(pages), v.get(time));
          });

  /** A source that learns its name from where it stands. */
  static final Shape<Function<String, Source>> SOURCE =
      new Variants<Function<String, Source>>("source", null, false)
          .with("rest_api", restApi())
          .with("filesystem", filesystem())
          .later("sql_database", "webhook", "websocket", "kafka");

  private SourceKeys() {}

  private static Keys<Function<String, Source>> restApi() {
    return Keys.of(
        "source rest_api",
        "A REST API.",
        k -> {
          k.lenient();
          var client = k.required("client", ClientKeys.CLIENT, "What all endpoints share.");
          k.key(
              "resource_defaults",
              endpointResource(false),
              "Keys of every resource; `endpoint.params`, `endpoint.json` and `columns` are merged"
                  + " with the resource's own, others are replaced.");
          var resources = resources(k, endpointResource(true));
          k.key("parallelized", Shapes.YES_OR_NO, "false", "Accepted; pace is the client's.");
          var settings = settings(k);
          return v ->
              name ->
                  new Source.RestApi(
                      name, v.get(client), settings.apply(v), v.get(resources, List.of()));
        });
  }

  private static Keys<Function<String, Source>> filesystem() {
    return Keys.of(
        "source filesystem",
        "A set of files.",
        k -> {
          k.lenient();
          var bucket =
              k.required("bucket_url", FileKeys.FOLDER, "A folder, relative to this file.");
          k.key(
              "resource_defaults",
              filesResource(false),
              "Keys of every resource; `columns` are merged with the resource's own, others are"
                  + " replaced.");
          var resources = resources(k, filesResource(true));
          var limits = k.key("limits", ClientKeys.LIMITS, "What the source may not exceed.");
          k.key("parallelized", Shapes.YES_OR_NO, "false", "Accepted; says nothing.");
          var settings = settings(k);
          return v ->
              name ->
                  new Source.Filesystem(
                      name,
                      v.get(bucket),
                      settings.apply(v),
                      v.get(limits),
                      v.get(resources, List.of()));
        });
  }

  private static Keys.Key<List<Resource>> resources(Keys<?> k, Keys<Resource> resource) {
    return k.required(
        "resources",
        Shapes.listOf(resource).checked(SourceKeys::onceEach),
        "The streams of records.");
  }

  private static Function<Values, Source.Settings> settings(Keys<?> k) {
    var nesting =
        k.key(
            "max_table_nesting",
            Shapes.count(0),
            "no limit",
            "How deep nested lists become tables; deeper ones become JSON.");
    var rootKey =
        k.key(
            "root_key",
            Shapes.YES_OR_NO,
            "where needed",
            "Whether child rows carry the root's id.");
    var contract =
        k.key("schema_contract", TableKeys.CONTRACT, "evolve", "What may change by itself.");
    return v -> new Source.Settings(v.get(nesting), v.get(rootKey), v.get(contract));
  }

  private static Keys<Resource> endpointResource(boolean named) {
    return Keys.of(
        named ? "resource rest_api" : "resource_defaults rest_api",
        named ? "One stream of records: an endpoint." : "What every resource begins with.",
        k -> {
          var name = name(k, named);
          var endpoint =
              k.key("endpoint", EndpointKeys.ENDPOINT, "the name", "Where it comes from.");
          var include =
              k.key(
                  "include_from_parent",
                  Shapes.listOf(Shapes.TEXT),
                  "Keys of the parent's record that each record gets, as `_parent_key`.");
          var common = common(k);
          return v -> {
            Endpoint at = v.get(endpoint);
            return common
                .apply(v)
                .make(
                    name(v, name), at, null, at == null ? null : at.incremental(), v.get(include));
          };
        });
  }

  private static Keys<Resource> filesResource(boolean named) {
    return Keys.of(
        named ? "resource filesystem" : "resource_defaults filesystem",
        named ? "One stream of records: some files." : "What every resource begins with.",
        k -> {
          var name = name(k, named);
          var glob =
              k.key("file_glob", FileKeys.GLOB, "*", "Which files, for example `events/*.jsonl`.");
          var format =
              k.key(
                  "format",
                  FileKeys.FORMAT,
                  "told by the name",
                  "What the files hold; `.gz` and `.zst` are read as they are.");
          var incremental =
              k.key(
                  "incremental",
                  EndpointKeys.FILE_INCREMENTAL,
                  "Reads only records that are new since the last run.");
          var common = common(k);
          return v -> {
            if (named && v.said(glob) && !v.said(format)) {
              FileKeys.tellsFormat(v.get(glob), v.at(glob));
            }
            return common
                .apply(v)
                .make(
                    name(v, name),
                    null,
                    new Files(v.get(glob), v.get(format)),
                    v.get(incremental),
                    List.of());
          };
        });
  }

  /** The name's key; {@code null} where there is none, in the defaults. */
  private static Keys.Key<String> name(Keys<?> k, boolean named) {
    if (!named) {
      return null;
    }
    k.shorthand("name");
    return k.required("name", Shapes.TEXT, "Its name, and its table's.");
  }

  private static String name(Values v, Keys.Key<String> key) {
    return key == null ? "resource_defaults" : v.get(key);
  }

  private static Function<Values, Common> common(Keys<?> k) {
    Function<Values, TableHints> hints = TableKeys.declare(k);
    var selected =
        k.key("selected", Shapes.YES_OR_NO, "true", "Whether it runs without being named.");
    var destination =
        k.key("destination", Shapes.TEXT, "the default", "Name of one of the destinations.");
    var segment = k.key("segment", SEGMENT, "the project's", "Where a unit of work ends.");
    var tags = k.key("tags", Shapes.oneOrMany(Shapes.TEXT), "For selections: `tag:x`.");
    var group = k.key("group", Shapes.TEXT, "For selections: `group:x`.");
    var dependsOn = k.key("depends_on", Shapes.oneOrMany(Shapes.TEXT), "Assets that run first.");
    k.key(
        "parallelized",
        Shapes.YES_OR_NO,
        "true",
        "Accepted: several parents are visited at once anyway, up to the client's `concurrency`.");
    var steps =
        k.key(
            "processing_steps",
            Shapes.listOf(StepKeys.STEP),
            "What happens to each record before it becomes rows, in order.");
    k.later(
        "parent_table_name",
        "take it out; nested lists are children of this table, and nested_hints name them");
    k.later("partitions", "take it out");
    k.later("checks", "take it out");
    k.later("freshness", "take it out");
    return v ->
        (name, endpoint, files, incremental, include) ->
            new Resource(
                name,
                endpoint,
                files,
                incremental,
                hints.apply(v),
                include,
                v.get(selected, true),
                v.get(destination),
                v.get(segment),
                v.get(tags),
                v.get(group),
                v.get(dependsOn),
                v.get(steps));
  }

  private static boolean onceEach(List<Resource> resources, Spot spot) {
    Map<String, Integer> lines = new HashMap<>();
    for (Resource resource : resources) {
      Spot at = spot.problems().origin(resource).key("name");
      Integer first = lines.putIfAbsent(resource.name(), at.place().line());
      if (first != null) {
        at.refuse(
            "the source has this resource twice: " + resource.name(),
            "give it another name than the one at line " + first);
      }
    }
    return true;
  }

  /** What resources of all sources have, waiting for the rest. */
  private interface Common {
    Resource make(
        String name, Endpoint endpoint, Files files, Incremental incremental, List<String> include);
  }
}
