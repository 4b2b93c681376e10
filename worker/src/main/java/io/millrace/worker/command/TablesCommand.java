package io.millrace.worker.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.Loader;
import io.millrace.project.shape.Nearest;
import io.millrace.worker.Rooms;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tables}: what is in the destination. */
@CommandLine.Command(
    name = "tables",
    description = "List the tables of the destination, or the columns of one.")
final class TablesCommand extends ReadCommand {
  @Parameters(arity = "0..1", paramLabel = "TABLE", description = "one table, with its columns")
  private String table;

  @Option(names = "--system", description = "with the tables that Millrace keeps for itself")
  private boolean system;

  TablesCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int read(Output out, Rooms.Engine engine, Loader loader) {
    List<Loader.TableInfo> all = loader.tables(system || table != null);
    List<Loader.TableInfo> tables =
        table == null ? all : all.stream().filter(t -> t.table().equals(table)).toList();
    if (table != null && tables.isEmpty()) {
      List<String> names = all.stream().map(Loader.TableInfo::table).toList();
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot show the table: the destination has no such table: "
              + table
              + Nearest.to(table, names)
                  .map(near -> " (did you mean " + near + "?)")
                  .orElse(" (`millrace tables` lists them)"));
    }
    ArrayNode array = out.document().putArray("tables");
    for (Loader.TableInfo t : tables) {
      ObjectNode node = array.addObject().put("table", t.table()).put("rows", t.rows());
      ArrayNode columns = node.putArray("columns");
      t.columns()
          .forEach(
              c ->
                  columns
                      .addObject()
                      .put("name", c.name())
                      .put("type", c.type())
                      .put("nullable", c.nullable()));
    }
    if (tables.isEmpty()) {
      out.say("Nothing loaded yet (`millrace run" + millrace.sameProject() + "` does it)");
    } else if (table == null) {
      out.print(
          Format.table(
              List.of("table", "rows", "columns"),
              tables.stream()
                  .map(
                      t ->
                          List.of(
                              t.table(), Format.count(t.rows()), Format.count(t.columns().size())))
                  .toList(),
              List.of("rows", "columns")));
    } else {
      Loader.TableInfo one = tables.get(0);
      out.print(
          Format.table(
              List.of("column", "type", "null"),
              one.columns().stream()
                  .map(c -> List.of(c.name(), c.type(), c.nullable() ? "yes" : "no"))
                  .toList(),
              List.of()));
      out.say(Format.plural(one.rows(), "row") + " in " + one.table());
    }
    return 0;
  }
}
