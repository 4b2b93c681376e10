package io.millrace.worker.command;

import io.millrace.run.Outcome;
import io.millrace.worker.Env;
import java.io.PrintStream;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The live picture of a run on a terminal: one line per asset, drawn again in place. */
final class Screen {
  private static final int MOST_LINES = 20;
  private static final String UP = "\u001b[%dA";
  private static final String CLEAR_LINE = "\u001b[2K";
  private static final String CLEAR_BELOW = "\u001b[J";

  private final PrintStream err;
  private final int columns;
  private final Map<String, Pace> paces = new HashMap<>();
  private int drawn;

  Screen(Env env) {
    this.err = env.err();
    this.columns = Math.max(40, env.columns());
  }

  /** Rows per second, smoothed, so that the number can be read. */
  private static final class Pace {
    private long at = System.nanoTime();
    private long rows;
    private double perSecond;

    double of(long now, long total) {
      double seconds = (now - at) / 1e9;
      if (seconds > 0.2 && total >= rows) {
        double current = (total - rows) / seconds;
        perSecond = perSecond == 0 ? current : perSecond * 0.7 + current * 0.3;
        at = now;
        rows = total;
      }
      return perSecond;
    }
  }

  void draw(Collection<Outcome> outcomes) {
    List<Outcome> shown =
        outcomes.size() <= MOST_LINES
            ? List.copyOf(outcomes)
            : outcomes.stream()
                .filter(o -> o.status() == Outcome.Status.RUNNING)
                .limit(MOST_LINES)
                .toList();
    int widest = shown.stream().mapToInt(o -> o.asset().length()).max().orElse(0);
    StringBuilder picture = new StringBuilder();
    if (drawn > 0) {
      picture.append(UP.formatted(drawn));
    }
    long now = System.nanoTime();
    for (Outcome o : shown) {
      String line = line(o, Math.min(widest, 40), now);
      picture.append(CLEAR_LINE).append(line, 0, Math.min(line.length(), columns - 1)).append('\n');
    }
    int lines = shown.size();
    if (shown.size() < outcomes.size()) {
      long ended = outcomes.stream().filter(o -> o.status() != Outcome.Status.RUNNING).count();
      picture
          .append(CLEAR_LINE)
          .append("… %d of %d assets have ended".formatted(ended, outcomes.size()))
          .append('\n');
      lines++;
    }
    picture.append(CLEAR_BELOW);
    drawn = lines;
    err.print(picture);
    err.flush();
  }

  private String line(Outcome o, int width, long now) {
    long rows = Format.sum(o.rows());
    double pace = paces.computeIfAbsent(o.asset(), a -> new Pace()).of(now, rows);
    String state =
        o.status() == Outcome.Status.RUNNING ? String.valueOf(o.phase()) : o.status().key();
    String rate =
        o.status() == Outcome.Status.RUNNING && pace > 0
            ? Format.count(Math.round(pace)) + " rows/s"
            : "";
    return ("%-" + Math.max(1, width) + "s  %-10s %12s %11s %10s  %s")
        .formatted(
            o.asset(),
            state,
            Format.plural(rows, "row"),
            Format.plural(o.pages(), "page"),
            Format.bytes(o.bytes()),
            rate)
        .stripTrailing();
  }

  /** Takes the picture away; what is said next begins where it began. */
  void clear() {
    if (drawn > 0) {
      err.print(UP.formatted(drawn) + CLEAR_BELOW);
      err.flush();
      drawn = 0;
    }
  }
}
