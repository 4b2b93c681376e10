package io.millrace.project;

import io.millrace.MillraceException;
import io.millrace.asset.AssetGraph;
import io.millrace.asset.AssetKey;
import io.millrace.asset.Selection;
import io.millrace.project.shape.Nearest;
import io.millrace.project.shape.Node;
import io.millrace.project.shape.Problems;
import io.millrace.project.shape.Spot;
import io.millrace.source.Endpoint;
import io.millrace.source.Parent;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import io.millrace.source.TableHints;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Checks what no key can tell alone: names that must exist, tables that two assets write. */
final class Checks {
  private final Project project;
  private final Node.Fields root;
  private final Problems problems;
  private final Map<AssetKey, Spot> spots = new LinkedHashMap<>();

  private Checks(Project project, Node.Fields root, Problems problems) {
    this.project = project;
    this.root = root;
    this.problems = problems;
    for (Source source : project.sources()) {
      for (Resource resource : source.resources()) {
        spots.putIfAbsent(new AssetKey(source.name(), resource.name()), problems.origin(resource));
      }
    }
  }

  static void check(Project project, Node.Fields root, Problems problems) {
    Checks checks = new Checks(project, root, problems);
    checks.destinations();
    checks.tables();
    checks.parents();
    if (checks.dependencies()) {
      checks.schedules();
    }
  }

  private void destinations() {
    Set<String> known = names("destinations");
    known.add("default");
    for (Source source : project.sources()) {
      for (Resource resource : source.resources()) {
        if (resource.destination() != null && !known.contains(resource.destination())) {
          problems
              .origin(resource)
              .key("destination")
              .refuse(
                  "no such destination: " + resource.destination(),
                  Nearest.advice(resource.destination(), known));
        }
      }
    }
  }

  /** A resource has one parent, of its own source; fields of others come through that one. */
  private void parents() {
    for (Source source : project.sources()) {
      List<String> known = source.resources().stream().map(Resource::name).toList();
      for (Resource resource : source.resources()) {
        Endpoint endpoint = resource.endpoint();
        List<String> parents = endpoint == null ? List.of() : Parent.resources(endpoint);
        Spot at = problems.origin(resource);
        for (String parent : parents) {
          if (!known.contains(parent)) {
            naming(at.key("endpoint"), parent)
                .refuse(
                    "the source has no resource of that name: " + parent,
                    Nearest.advice(parent, known));
          }
        }
        if (parents.size() > 1) {
          naming(at.key("endpoint"), parents.get(1))
              .refuse(
                  "it reads fields of two parents: " + parents.get(0) + " and " + parents.get(1),
                  "name fields of one; with include_from_parent they reach the next one below");
        }
        if (parents.isEmpty() && !resource.includeFromParent().isEmpty()) {
          at.key("include_from_parent")
              .refuse(
                  "the resource has no parent",
                  "name a field of it in the endpoint, as {resources.parent.field}");
        }
      }
    }
  }

  /** The first text at or below a spot that names a field of that parent, in either form. */
  private static Spot naming(Spot spot, String parent) {
    return find(spot, parent).orElse(spot);
  }

  private static Optional<Spot> find(Spot spot, String parent) {
    if (spot.node() instanceof Node.Scalar scalar) {
      boolean old = spot.path().endsWith(".resource") && scalar.text().equals(parent);
      return old
              || scalar
                  .text()
                  .matches("(?s).*\\{\\s*resources\\." + Pattern.quote(parent) + "\\..*")
          ? Optional.of(spot)
          : Optional.empty();
    }
    return spot.below().stream().flatMap(below -> find(below, parent).stream()).findFirst();
  }

  /** Also of what could not be read: a name that is there is not unknown. */
  private Set<String> names(String key) {
    return root.get(key).orElse(null) instanceof Node.Fields fields
        ? fields.fields().stream()
            .map(Node.Field::name)
            .collect(Collectors.toCollection(HashSet::new))
        : new HashSet<>();
  }

  private boolean dependencies() {
    Set<String> read = project.sources().stream().map(Source::name).collect(Collectors.toSet());
    Set<String> unread = names("sources");
    unread.removeAll(read);
    boolean well = unread.isEmpty();
    for (AssetGraph.Flaw flaw : AssetGraph.flaws(project.assets())) {
      well = false;
      boolean unknown = flaw.upstream() != null;
      if (unknown && parentOf(flaw)) {
        continue; // said where the parent is named
      }
      if (!unknown || !unread.contains(String.valueOf(flaw.upstream().source()))) {
        Spot at = spots.get(flaw.asset()).key("depends_on");
        boolean parents = !unknown && at.equals(spots.get(flaw.asset()));
        dependency(at, flaw)
            .refuse(flaw.why(), parents ? "take out one {resources.…}" : flaw.advice());
      }
    }
    return well;
  }

  private boolean parentOf(AssetGraph.Flaw flaw) {
    return project
        .locate(flaw.asset())
        .filter(l -> !l.resource().dependsOn().contains(flaw.upstream().toString()))
        .isPresent();
  }

  private static Spot dependency(Spot list, AssetGraph.Flaw flaw) {
    return list.below().stream()
        .filter(
            s ->
                s.node() instanceof Node.Scalar scalar
                    && flaw.upstream() != null
                    && scalar.text().equals(flaw.upstream().toString()))
        .findFirst()
        .orElse(list);
  }

  private void schedules() {
    AssetGraph graph = AssetGraph.of(project.assets());
    Spot all = new Spot(root, "", problems).key("schedules");
    for (Schedule schedule : project.schedules().values()) {
      if (schedule.select() != null) {
        try {
          Selection.parse(schedule.select()).resolve(graph);
        } catch (MillraceException e) {
          String why = "c" + e.getMessage().substring(1);
          all.key(schedule.name()).key("select").refuse(why, "");
        }
      }
    }
  }

  /** Two assets may write one table only when they say the same of it. */
  private void tables() {
    Map<List<String>, Resource> writers = new HashMap<>();
    Map<Resource, String> keys = new IdentityHashMap<>();
    for (Source source : project.sources()) {
      for (Resource resource : source.resources()) {
        String table = table(resource);
        if (table.contains("{")) {
          continue;
        }
        String destination = resource.destination() == null ? "default" : resource.destination();
        keys.put(resource, source.name() + "." + resource.name());
        Resource first = writers.putIfAbsent(List.of(destination, table), resource);
        if (first != null
            && !keys.get(first).equals(keys.get(resource))
            && !shared(first.hints()).equals(shared(resource.hints()))) {
          problems
              .origin(resource)
              .refuse(
                  "it writes the same table as " + keys.get(first) + ", with other hints",
                  "give both the same hints, or this one another table_name");
        }
      }
    }
  }

  private String table(Resource resource) {
    Text said = resource.hints().tableName();
    String name = said == null ? resource.name() : said.raw();
    boolean folds = !project.schema().naming().matches("direct|sql_cs_v1");
    return folds ? name.toLowerCase(Locale.ROOT) : name;
  }

  private static TableHints shared(TableHints hints) {
    return new TableHints(
        null,
        hints.disposition(),
        hints.primaryKey(),
        hints.mergeKey(),
        hints.columns(),
        hints.schemaContract(),
        hints.maxTableNesting(),
        hints.nestedHints());
  }
}
