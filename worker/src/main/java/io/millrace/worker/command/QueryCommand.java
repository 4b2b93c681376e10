package io.millrace.worker.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.millrace.activities.destination.Loader;
import io.millrace.worker.Rooms;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code query}: one read-only statement against the destination. */
@CommandLine.Command(name = "query", description = "Ask the destination; read only.")
final class QueryCommand extends ReadCommand {
  /** What somebody asked for is shown, if it is not a whole document. */
  private static final int WIDEST_CELL = 1000;

  private static final int USUAL_LIMIT = 1000;

  @Parameters(paramLabel = "SQL", description = "one statement in the destination's SQL")
  private String sql;

  @Option(
      names = "--limit",
      paramLabel = "ROWS",
      description = "rows at the most, 0 for all (default: " + USUAL_LIMIT + ")")
  private int limit = USUAL_LIMIT;

  QueryCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int read(Output out, Rooms.Engine engine, Loader loader) {
    // one more than is shown tells whether there are more
    int asked = limit <= 0 || limit == Integer.MAX_VALUE ? 0 : limit + 1;
    Loader.Rows answer = loader.query(sql, asked);
    boolean more = asked > 0 && answer.rows().size() > limit;
    List<List<Object>> rows = more ? answer.rows().subList(0, limit) : answer.rows();

    ArrayNode columns = out.document().putArray("columns");
    answer.columns().forEach(columns::add);
    ArrayNode array = out.document().putArray("rows");
    rows.forEach(row -> array.addPOJO(row));
    out.document().put("more", more);

    if (!out.json()) {
      List<String> numeric = numeric(answer, rows);
      List<List<String>> cells = new ArrayList<>();
      rows.forEach(
          row -> cells.add(row.stream().map(v -> v == null ? "NULL" : v.toString()).toList()));
      out.print(Format.table(answer.columns(), cells, numeric, WIDEST_CELL));
      out.say(
          Format.plural(rows.size(), "row")
              + (more ? ", and there are more (--limit 0 shows all)" : ""));
    }
    return 0;
  }

  /** Columns that hold numbers only are aligned to the right. */
  private static List<String> numeric(Loader.Rows answer, List<List<Object>> rows) {
    return IntStream.range(0, answer.columns().size())
        .filter(
            i ->
                rows.stream().anyMatch(r -> r.get(i) != null)
                    && rows.stream().allMatch(r -> r.get(i) == null || r.get(i) instanceof Number))
        .mapToObj(answer.columns()::get)
        .toList();
  }
}
