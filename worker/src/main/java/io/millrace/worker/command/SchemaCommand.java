package io.millrace.worker.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.Ledger;
import io.millrace.destination.Destination;
import io.millrace.project.shape.Nearest;
import io.millrace.schema.Column;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaDiff;
import io.millrace.schema.TableSchema;
import io.millrace.source.Source;
import io.millrace.worker.Opened;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code schema}: the schemas that the destinations keep of the sources. */
abstract class SchemaCommand extends BooksCommand {
  private static final int MOST = 1_000;

  @Option(names = "--source", paramLabel = "NAME", description = "one source (default: all)")
  private String source;

  SchemaCommand(Millrace millrace) {
    super(millrace);
  }

  static CommandLine group(Millrace millrace) {
    return Group.of(
        "schema",
        "Show the schemas that the destination keeps, and how they changed.",
        List.of(new Show(millrace), new History(millrace), new Diff(millrace)));
  }

  /** The versions of a source in one destination, newest first. */
  record Kept(Source source, Destination destination, List<Ledger.Version> versions) {}

  /** What is stored of the wanted sources; those without anything are left out. */
  final List<Kept> kept(Opened opened, int limit) {
    List<String> names = opened.project().sources().stream().map(Source::name).toList();
    if (source != null && !names.contains(source)) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot show the schema: the project has no such source: "
              + source
              + Nearest.to(source, names)
                  .map(near -> " (did you mean " + near + "?)")
                  .orElse(" (there is: " + String.join(", ", names) + ")"));
    }
    List<Kept> kept = new ArrayList<>();
    for (Source one : opened.project().sources()) {
      if (source == null || source.equals(one.name())) {
        Set<Destination> destinations = new LinkedHashSet<>();
        one.resources().forEach(r -> destinations.add(opened.project().destinationOf(r)));
        for (Destination destination : destinations) {
          List<Ledger.Version> versions = ledger(destination).versions(one.name(), limit);
          if (!versions.isEmpty()) {
            kept.add(new Kept(one, destination, versions));
          }
        }
      }
    }
    return kept;
  }

  final void nothing(Output out) {
    out.say("Nothing loaded yet (`millrace run" + millrace.sameProject() + "` does it)");
  }

  private static ObjectNode about(ObjectNode node, Kept kept, Ledger.Version version) {
    return node.put("source", kept.source().name())
        .put("destination", kept.destination().name())
        .put("version", version.version())
        .put("hash", version.hash())
        .put("at", version.at().toString());
  }

  /** {@code schema show}. */
  @CommandLine.Command(
      name = "show",
      description = "Show the newest schema: its tables, or the columns of one.")
  static final class Show extends SchemaCommand {
    @Parameters(arity = "0..1", paramLabel = "TABLE", description = "one table, with its columns")
    private String table;

    Show(Millrace millrace) {
      super(millrace);
    }

    @Override
    int run(Output out, Opened opened) {
      List<Kept> all = kept(opened, 1);
      ArrayNode array = out.document().putArray("schemas");
      List<List<String>> tables = new ArrayList<>();
      List<List<String>> columns = new ArrayList<>();
      List<String> known = new ArrayList<>();
      for (Kept kept : all) {
        Ledger.Version newest = kept.versions().get(0);
        ObjectNode node = about(array.addObject(), kept, newest);
        ArrayNode nodes = node.putArray("tables");
        for (TableSchema t : newest.schema().tables()) {
          known.add(t.name());
          if (table == null || table.equals(t.name())) {
            describe(nodes.addObject(), t);
            tables.add(
                Arrays.asList(
                    t.name(),
                    kept.source().name(),
                    t.parent() == null ? t.resource() : "below " + t.parent(),
                    Format.count(t.completeColumns().size()),
                    String.valueOf(newest.version())));
            t.completeColumns().forEach(c -> columns.add(line(c)));
          }
        }
      }
      if (all.isEmpty()) {
        nothing(out);
      } else if (table == null) {
        out.print(
            Format.table(
                List.of("table", "source", "from", "columns", "version"),
                tables,
                List.of("columns", "version")));
      } else if (tables.isEmpty()) {
        throw new MillraceException(
            Failure.CONFIG_INVALID,
            "Cannot show the table: no stored schema has it: "
                + table
                + Nearest.to(table, known)
                    .map(near -> " (did you mean " + near + "?)")
                    .orElse(" (`millrace schema show` lists them)"));
      } else {
        out.print(Format.table(List.of("column", "type", "null", "hints"), columns, List.of()));
      }
      return 0;
    }

    private static List<String> line(Column column) {
      return List.of(
          column.name(),
          SchemaDiff.type(column),
          column.acceptsNull() ? "yes" : "no",
          String.join(", ", column.hints().keySet()));
    }

    private static void describe(ObjectNode node, TableSchema t) {
      node.put("table", t.name()).put("parent", t.parent()).put("resource", t.resource());
      node.putPOJO("hints", t.hints());
      ArrayNode nodes = node.putArray("columns");
      for (Column c : t.completeColumns()) {
        nodes
            .addObject()
            .put("name", c.name())
            .put("type", c.type().key())
            .put("precision", c.precision())
            .put("scale", c.scale())
            .put("nullable", c.acceptsNull())
            .putPOJO("hints", c.hints());
      }
    }
  }

  /** {@code schema history}. */
  @CommandLine.Command(
      name = "history",
      description = "List the versions of the schemas and what each changed, newest first.")
  static final class History extends SchemaCommand {
    @Option(
        names = "--limit",
        paramLabel = "N",
        description = "versions at the most (default: ${DEFAULT-VALUE})",
        defaultValue = "20")
    private int limit;

    History(Millrace millrace) {
      super(millrace);
    }

    @Override
    int run(Output out, Opened opened) {
      ArrayNode array = out.document().putArray("versions");
      List<List<String>> rows = new ArrayList<>();
      int most = Math.max(1, Math.min(limit, MOST));
      for (Kept kept : kept(opened, most + 1)) {
        List<Ledger.Version> versions = kept.versions();
        for (int i = 0; i < Math.min(most, versions.size()); i++) {
          Ledger.Version version = versions.get(i);
          Schema before =
              i + 1 < versions.size()
                  ? versions.get(i + 1).schema()
                  : Schema.empty(kept.source().name());
          List<String> changes = SchemaDiff.changes(before, version.schema());
          ArrayNode list = about(array.addObject(), kept, version).putArray("changes");
          changes.forEach(list::add);
          rows.add(
              List.of(
                  kept.source().name(),
                  String.valueOf(version.version()),
                  version.at().toString(),
                  changes.isEmpty()
                      ? "hints or settings only"
                      : changes.get(0)
                          + (changes.size() == 1 ? "" : " and " + (changes.size() - 1) + " more")));
        }
      }
      if (rows.isEmpty()) {
        nothing(out);
      } else {
        out.print(
            Format.table(
                List.of("source", "version", "when", "changes"), rows, List.of("version"), 100));
      }
      return 0;
    }
  }

  /** {@code schema diff}. */
  @CommandLine.Command(
      name = "diff",
      description = "Show what changed between two versions of a schema (default: the newest two).")
  static final class Diff extends SchemaCommand {
    @Parameters(index = "0", arity = "0..1", paramLabel = "FROM", description = "a version")
    private Long from;

    @Parameters(index = "1", arity = "0..1", paramLabel = "TO", description = "a later version")
    private Long to;

    Diff(Millrace millrace) {
      super(millrace);
    }

    @Override
    int run(Output out, Opened opened) {
      List<Kept> all = kept(opened, MOST);
      if (from != null && all.size() > 1) {
        throw new MillraceException(
            Failure.CONFIG_INVALID,
            "Cannot compare versions: each source has its own: %d of several (name one with --source)"
                .formatted(from));
      }
      ArrayNode array = out.document().putArray("diffs");
      for (Kept kept : all) {
        Ledger.Version after = to == null ? kept.versions().get(0) : version(kept, to);
        Ledger.Version before = from != null ? version(kept, from) : before(kept, after);
        List<String> changes =
            SchemaDiff.changes(
                before == null ? Schema.empty(kept.source().name()) : before.schema(),
                after.schema());
        ObjectNode node =
            array
                .addObject()
                .put("source", kept.source().name())
                .put("from", before == null ? 0 : before.version())
                .put("to", after.version());
        ArrayNode list = node.putArray("changes");
        changes.forEach(list::add);
        out.say(
            "%s, version %d to %d"
                .formatted(
                    kept.source().name(), before == null ? 0 : before.version(), after.version()));
        changes.forEach(out::print);
        if (changes.isEmpty()) {
          out.say("No table or column changed");
        }
      }
      if (all.isEmpty()) {
        nothing(out);
      }
      return 0;
    }

    private static Ledger.Version before(Kept kept, Ledger.Version after) {
      int at = kept.versions().indexOf(after);
      return at + 1 < kept.versions().size() ? kept.versions().get(at + 1) : null;
    }

    private static Ledger.Version version(Kept kept, long number) {
      return kept.versions().stream()
          .filter(v -> v.version() == number)
          .findFirst()
          .orElseThrow(
              () ->
                  new MillraceException(
                      Failure.CONFIG_INVALID,
                      "Cannot compare versions: %s has no such version: %d (`millrace schema history` lists them)"
                          .formatted(kept.source().name(), number)));
    }
  }
}
