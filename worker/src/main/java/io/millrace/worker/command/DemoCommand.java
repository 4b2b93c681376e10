package io.millrace.worker.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.activities.destination.Loader.TableInfo;
import io.millrace.run.Wire;
import io.millrace.worker.Logging;
import io.millrace.worker.demo.Demo;
import io.millrace.worker.demo.DemoDatabase.Check;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;

/** {@code demo}: shows in a few seconds what Millrace is for, with nothing but a JDK. */
@CommandLine.Command(
    name = "demo",
    description = {
      "Load a small local API into millrace-demo.duckdb, with a crash in the middle.",
      "Needs no account and no network. Run it twice: the second time only what is new is loaded."
    })
final class DemoCommand extends Command {
  DemoCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    millrace.logging(Logging.Volume.QUIET);
    Demo.Result demo = new Demo(env(), rooms(), out::say).run();
    document(out.document(), demo);
    Watch.End end = new Watch.End(demo.run().assets(), demo.run().notes(), null, null);
    int code = new RunReport(demo.runId(), end, demo.took()).tell(out);
    tables(out, demo);
    verdict(out, demo);
    if (code == 0 && demo.right()) {
      whatNext(out, demo);
    }
    return code == 0 && !demo.right() ? 1 : code;
  }

  private static void tables(Output out, Demo.Result demo) {
    out.print("");
    out.print(
        Format.table(
            List.of("table", "rows", "columns"),
            demo.tables().stream()
                .map(t -> List.of(t.table(), Format.count(t.rows()), names(t)))
                .toList(),
            List.of("rows")));
    if (!demo.answer().rows().isEmpty()) {
      out.print("");
      out.print(demo.question());
      out.print("");
      out.print(
          Format.table(
              demo.answer().columns(),
              demo.answer().rows().stream()
                  .map(row -> row.stream().map(String::valueOf).toList())
                  .toList(),
              List.of("orders", "revenue")));
    }
  }

  private static String names(TableInfo table) {
    return table.columns().stream().map(column -> column.name()).collect(Collectors.joining(", "));
  }

  private static void verdict(Output out, Demo.Result demo) {
    out.print("");
    if (demo.right()) {
      out.print(
          out.bold("Verified: every id exactly once, none outdated: ")
              + demo.checks().stream()
                  .map(
                      c ->
                          c.table()
                              + " "
                              + Format.count(c.found())
                              + " of "
                              + Format.count(c.expected()))
                  .collect(Collectors.joining(", ")));
      return;
    }
    for (Check check : demo.checks()) {
      if (!check.right()) {
        out.warn(
            out.red(
                check.table()
                    + " is wrong: the source has "
                    + Format.plural(check.expected(), "row")
                    + ", the table "
                    + Format.count(check.found())
                    + " with "
                    + Format.plural(check.distinct(), "different id")
                    + (check.same() ? "" : ", and their values differ")));
      }
    }
    out.warn(
        "If you changed the tables yourself, delete millrace-demo.duckdb and run the demo again.");
  }

  private void whatNext(Output out, Demo.Result demo) {
    if (!demo.surprises().isEmpty()) {
      out.say("On the way the API also answered " + String.join(", ", demo.surprises()) + ".");
    }
    out.say("");
    String us = env().command();
    List<List<String>> next =
        List.of(
            List.of(us + " demo", "again: the shop has a new day, only that is loaded"),
            List.of(us + " tables -c millrace-demo", "what is in the database"),
            List.of("millrace-demo/millrace.yaml", "the project: 60 lines, with comments"),
            List.of(us + " init rest", "a project of your own"));
    int width = next.stream().mapToInt(line -> line.get(0).length()).max().orElse(0);
    String begin = "Next:  ";
    for (List<String> line : next) {
      String what = line.get(0);
      out.say(begin + what + " ".repeat(width - what.length() + 2) + line.get(1));
      begin = " ".repeat(begin.length());
    }
  }

  private static void document(ObjectNode document, Demo.Result demo) {
    document.put("day", demo.day());
    if (demo.crash() == null) {
      document.putNull("crash");
    } else {
      document
          .putObject("crash")
          .put("killed_pid", demo.crash().killed())
          .put("replacement_pid", demo.crash().replacement())
          .set("rows_then", Wire.mapper().valueToTree(demo.crash().rows()));
    }
    document.set("surprises", Wire.mapper().valueToTree(demo.surprises()));
    document.set("requests", Wire.mapper().valueToTree(demo.requests()));
    document.set("tables", Wire.mapper().valueToTree(demo.tables()));
    document
        .putObject("query")
        .put("sql", demo.question())
        .<ObjectNode>set("columns", Wire.mapper().valueToTree(demo.answer().columns()))
        .set("rows", Wire.mapper().valueToTree(demo.answer().rows()));
    ArrayNode verified = document.putArray("verified");
    for (Check check : demo.checks()) {
      verified
          .addObject()
          .put("table", check.table())
          .put("expected", check.expected())
          .put("found", check.found())
          .put("distinct", check.distinct())
          .put("right", check.right());
    }
  }
}
