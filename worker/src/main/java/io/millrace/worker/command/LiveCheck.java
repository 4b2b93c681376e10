package io.millrace.worker.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.MillraceException;
import io.millrace.activities.extract.Probe;
import io.millrace.asset.AssetKey;
import io.millrace.destination.Destination;
import io.millrace.project.Project;
import io.millrace.source.Endpoint;
import io.millrace.source.Paginator;
import io.millrace.source.Parent;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import io.millrace.worker.Rooms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The live part of {@code check}: one request of each endpoint, one look at each folder, one write
 * into each destination that is taken back. A failure is told and the next one is looked at.
 */
final class LiveCheck {
  private static final String INDENT = "  ";

  private final Output out;
  private final Rooms.Engine engine;
  private final Project project;
  private final ArrayNode assets;
  private final ArrayNode destinations;
  private final Set<Integer> codes = new TreeSet<>();
  private final Map<Project.Located, Seen> seen = new HashMap<>();

  /** What a look gave: a failure, or what there was; neither when there was nothing to ask with. */
  private record Seen(Probe probe, MillraceException failure) {}

  LiveCheck(Output out, Rooms.Engine engine, Project project) {
    this.out = out;
    this.engine = engine;
    this.project = project;
    this.assets = out.document().putArray("live");
    this.destinations = out.document().putArray("destinations");
  }

  /** Returns the exit code: 0, that of the one class of failures, or 1 when they differ. */
  int run(List<AssetKey> selected) {
    Set<Destination> targets = new LinkedHashSet<>();
    for (AssetKey key : selected) {
      Project.Located located = project.locate(key).orElse(null);
      if (located != null) {
        asset(key, located);
        targets.add(project.destinationOf(located.resource()));
      }
    }
    targets.forEach(this::destination);
    return codes.isEmpty() ? 0 : codes.size() == 1 ? codes.iterator().next() : 1;
  }

  private void asset(AssetKey key, Project.Located located) {
    ObjectNode node = assets.addObject().put("asset", key.toString()).put("status", "ok");
    out.print(out.bold(key.toString()));
    List<String> warnings = new ArrayList<>(LiveAdvice.of(located.resource()));
    try {
      Probe probe = probe(located);
      if (probe == null) {
        String parent = Parent.of(located.resource()).orElseThrow().resource();
        String reason = "needs a record of its parent " + parent + ", and none came";
        node.put("status", "skipped").put("reason", reason);
        line("skipped", reason);
      } else if (probe instanceof Probe.Page page) {
        page(node, located, page, warnings);
      } else if (probe instanceof Probe.FileSet files) {
        files(node, files, warnings);
      }
    } catch (MillraceException e) {
      failed(node, e);
    }
    ArrayNode told = node.putArray("warnings");
    warnings.forEach(told::add);
    warnings.forEach(warning -> line("warning", warning));
  }

  /**
   * One look at a resource, and before it at its parents, each once however many children it has.
   *
   * @return {@code null} when there is no record of its parent to ask with
   */
  private Probe probe(Project.Located located) {
    Seen known = seen(located);
    if (known.failure() != null) {
      throw known.failure();
    }
    return known.probe();
  }

  private Seen seen(Project.Located located) {
    Seen known = seen.get(located);
    if (known == null) {
      known = look(located);
      seen.put(located, known);
    }
    return known;
  }

  private Seen look(Project.Located located) {
    try {
      Parent parent = Parent.of(located.resource()).orElse(null);
      Probe probe =
          parent == null
              ? engine.probe(located, null)
              : engine.probeChild(located, records(located.source(), parent)).orElse(null);
      return new Seen(probe, null);
    } catch (MillraceException e) {
      return new Seen(null, e);
    }
  }

  /** What a look at the parent showed; nothing when that failed, which is told of the parent. */
  private List<JsonNode> records(Source source, Parent parent) {
    Resource resource = source.resource(parent.resource()).orElseThrow();
    Project.Located located = new Project.Located(source, resource);
    Probe probe = seen(located).probe();
    boolean records = probe instanceof Probe.Page page && page.records() != null;
    return records ? ((Probe.Page) probe).records().sample() : List.of();
  }

  private void page(
      ObjectNode node, Project.Located located, Probe.Page page, List<String> warnings) {
    if (page.answer() != null) {
      answer(node, page);
    }
    if (page.records() != null) {
      ObjectNode records = node.putObject("records");
      records.put("selector", page.records().selector()).put("count", page.records().count());
      line("records", Format.count(page.records().count()) + " at " + page.records().selector());
      way(node, page.way());
      if (!page.records().sample().isEmpty()) {
        shape(node, RecordShape.of(page.records().sample().get(0)));
      }
    }
    if (page.answer() != null && !page.answer().limits().isEmpty()) {
      line(
          "limits",
          page.answer().limits().entrySet().stream()
              .map(e -> e.getKey() + ": " + e.getValue())
              .collect(Collectors.joining(", ")));
    }
    if (page.failure() == null) {
      warnings.addAll(LiveAdvice.of(located.resource(), paginator(located), page));
    } else {
      failed(node, page.failure());
    }
  }

  private static Paginator paginator(Project.Located located) {
    Endpoint endpoint = located.resource().endpoint();
    return endpoint.paginator() == null
        ? ((Source.RestApi) located.source()).client().paginator()
        : endpoint.paginator();
  }

  private void answer(ObjectNode node, Probe.Page page) {
    Probe.Answer answer = page.answer();
    ObjectNode request = node.putObject("answer");
    request
        .put("method", page.method())
        .put("url", answer.url())
        .put("status", answer.status())
        .put("millis", answer.millis())
        .put("bytes", answer.bytes())
        .put("requests", answer.requests())
        .put("content_type", answer.contentType());
    ObjectNode limits = request.putObject("rate_limit");
    answer.limits().forEach(limits::put);
    line("asked", page.method() + " " + answer.url());
    line(
        "answer",
        "%d in %d ms, %s%s"
            .formatted(
                answer.status(),
                answer.millis(),
                Format.bytes(answer.bytes()),
                answer.contentType() == null ? "" : ", " + answer.contentType()));
  }

  private void way(ObjectNode node, Probe.Way way) {
    node.putObject("paginator")
        .put("type", way.type())
        .put("detected", way.detected())
        .put("path", way.path())
        .put("next", way.next());
    String type = way.path() == null ? way.type() : way.type() + " at " + way.path();
    String how = way.detected() ? type + " (detected)" : type;
    line("paginator", how);
    line("next page", way.next() == null ? "none" : way.next());
  }

  private void shape(ObjectNode node, RecordShape shape) {
    ArrayNode fields = node.putArray("first_record");
    shape.fields().forEach(f -> fields.addObject().put("field", f.name()).put("type", f.type()));
    line("record", shape.toString());
  }

  private void files(ObjectNode node, Probe.FileSet files, List<String> warnings) {
    node.putObject("files")
        .put("folder", files.folder())
        .put("count", files.files())
        .put("bytes", files.bytes())
        .put("first", files.first());
    line(
        "files",
        Format.plural(files.files(), "file")
            + ", "
            + Format.bytes(files.bytes())
            + (files.first() == null ? "" : ", the first is " + files.first()));
    if (files.files() == 0) {
      warnings.add("no file matches in " + files.folder());
    }
  }

  private void destination(Destination destination) {
    ObjectNode node =
        destinations
            .addObject()
            .put("destination", destination.name())
            .put("type", destination.type())
            .put("dataset", destination.dataset())
            .put("status", "ok");
    out.print(out.bold("destination " + destination.name()));
    try {
      engine.loader(destination).probe();
      line("write", "a table was made, written and taken back");
    } catch (MillraceException e) {
      failed(node, e);
    }
  }

  private void failed(ObjectNode node, MillraceException e) {
    node.put("status", "failed");
    String message = out.spelled(e.getMessage());
    node.putObject("failure").put("code", e.failure().name()).put("message", message);
    codes.add(e.failure().exitCode());
    line("failed", out.red(message));
  }

  private void line(String what, String text) {
    out.print(INDENT + "%-10s %s".formatted(what, text));
  }
}
