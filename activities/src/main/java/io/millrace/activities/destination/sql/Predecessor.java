package io.millrace.activities.destination.sql;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.Fence;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.activities.destination.WholeRun;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.run.Segment;
import io.millrace.schema.Column;
import java.util.ArrayList;
import java.util.List;

/**
 * What the load before left, which this one follows.
 *
 * @param wholeRun whether rows of this run show only with its last load
 */
record Predecessor(States.State state, boolean wholeRun) {
  /** {@code LOAD_REFUSED} when this load does not follow. */
  static Predecessor of(States states, Order order, LoadPackage load) {
    Segment segment = order.segment();
    boolean refreshing = order.refresh() != null;
    States.State state =
        states.read(segment.project(), segment.asset(), segment.partition(), refreshing);
    Shadow open = state.shadow();
    boolean wholeRun = wholeRun(order, load, open);
    if (open != null
        && open.epoch() != segment.epoch()
        && !wholeRun
        && !refreshing
        && !Fence.same(order.before(), open.from())) {
      throw new MillraceException(
          Failure.DESTINATION_REFUSED,
          "Cannot load %s: the run before did not finish and its rows were never applied: write disposition is now %s (finish it with the old disposition, or run with --refresh drop_data)"
              .formatted(segment.asset(), order.disposition().kind().key()));
    }
    Fence.check(
        new Fence.Has(
            state.epoch(),
            state.seq(),
            state.checkpoint(),
            open != null,
            open == null ? null : open.from()),
        segment,
        order.before(),
        refreshing);
    return new Predecessor(state, wholeRun);
  }

  private static boolean wholeRun(Order order, LoadPackage load, Shadow open) {
    if (load == null) {
      return open != null || WholeRun.needed(order.disposition(), List.of());
    }
    List<Column> columns = new ArrayList<>();
    for (String root : load.rootTables()) {
      load.schema().table(root).ifPresent(t -> columns.addAll(t.columns()));
    }
    return WholeRun.needed(order.disposition(), columns);
  }

  /** The shadow tables of this run. Those of another were never applied and never will be. */
  Shadow shadow(Order order, Tables tables) {
    Shadow open = state.shadow();
    if (open == null || open.epoch() == order.segment().epoch() && order.refresh() == null) {
      return open;
    }
    tables.drop(open);
    return null;
  }
}
