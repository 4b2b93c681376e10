package io.millrace.workflows;

import io.millrace.run.GraphRun;
import io.millrace.run.Outcome;
import io.millrace.run.Wire;
import java.util.List;

/** Keeps the result of a run with many assets below what may travel. */
final class Results {
  private static final int MAX_BYTES = Wire.MAX_PAYLOAD_BYTES / 2;

  /** Names and characters per asset, from everything to next to nothing. */
  private static final int[][] CUTS = {
    {Outcome.MAX_NAMES, 1000}, {10, 300}, {3, 120}, {0, 40}, {0, 0}
  };

  private Results() {}

  /** The same, with less of each asset if it must be. */
  static GraphRun.Result bounded(GraphRun.Result full) {
    GraphRun.Result result = full;
    for (int[] cut : CUTS) {
      List<Outcome> assets = full.assets().stream().map(a -> a.cut(cut[0], cut[1])).toList();
      result = new GraphRun.Result(full.runId(), full.manifest(), assets, full.notes());
      if (Wire.bytes(result) <= MAX_BYTES) {
        break;
      }
    }
    return result;
  }
}
