package io.millrace.activities.destination;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.Loader.Committed;
import io.millrace.activities.destination.Loader.Order;
import io.millrace.activities.destination.Loader.Stored;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.asset.AssetKey;
import io.millrace.destination.WriteDisposition;
import io.millrace.run.Kept;
import io.millrace.run.Refresh;
import io.millrace.run.Segment;
import java.util.Map;

/** One run of an asset, as a workflow drives it: reads the state, then loads segment by segment. */
final class TestRun {
  private final Loader loader;
  private final String project;
  private final String asset;
  private final WriteDisposition disposition;
  private final Stored stored;
  private final int epoch;
  private Refresh refresh;
  private boolean restart;
  private boolean closes;
  private boolean compat;
  private int seq;
  private JsonNode checkpoint;
  private String runId = "run:test:1";

  TestRun(Loader loader, String asset, WriteDisposition disposition) {
    this(loader, asset, disposition, null);
  }

  TestRun(Loader loader, String asset, WriteDisposition disposition, Refresh refresh) {
    this(loader, "test", asset, disposition, refresh);
  }

  TestRun(
      Loader loader, String project, String asset, WriteDisposition disposition, Refresh refresh) {
    this.loader = loader;
    this.project = project;
    this.asset = asset;
    this.disposition = disposition;
    this.refresh = refresh;
    this.stored = loader.read(project, asset, null, source(), refresh);
    this.epoch = stored.epoch() + 1;
    this.checkpoint = stored.checkpoint();
  }

  Loader loader() {
    return loader;
  }

  /** The strategy of its merges, else its disposition. */
  String how() {
    return disposition.strategy() == null ? disposition.kind().key() : disposition.strategy().key();
  }

  Stored stored() {
    return stored;
  }

  TestRun in(String run) {
    runId = run;
    return this;
  }

  /** Its first load begins the open window again. */
  TestRun restarting() {
    restart = true;
    return this;
  }

  /** Its last load closes the window, as that of a run without a limit does. */
  TestRun closing() {
    closes = true;
    return this;
  }

  /** It follows dlt. */
  TestRun compat() {
    compat = true;
    return this;
  }

  String source() {
    return AssetKey.parse(asset).source();
  }

  /** A segment that is not the last. */
  Committed load(LoadPackage load) {
    return load(load, false, false);
  }

  /** The last segment. */
  Committed finish(LoadPackage load) {
    return load(load, true, false);
  }

  Committed load(LoadPackage load, boolean finish, boolean unchanged) {
    Order order = order(seq + 1, checkpoint, finish, unchanged);
    Committed committed = loader.load(order, load, Progress.NONE);
    seq++;
    checkpoint = order.after();
    refresh = null;
    restart = false;
    return committed;
  }

  /** The order of a segment of this run. */
  Order order(int number, JsonNode before, boolean finish, boolean unchanged) {
    Segment segment =
        new Segment(project, "manifest", asset, null, runId, loadId(number), epoch, number);
    ObjectNode after = JsonNodeFactory.instance.objectNode().put("page", epoch * 1000L + number);
    if (closes && finish) {
      after.putObject("cursor").put("running_max", number);
      after.put("done", true);
    }
    return new Order(
        segment,
        source(),
        disposition,
        before,
        after,
        finish,
        unchanged,
        refresh,
        restart,
        compat,
        2,
        100);
  }

  JsonNode checkpoint() {
    return checkpoint;
  }

  int seq() {
    return seq;
  }

  /**
   * Loads the package of an earlier load, normalized again.
   *
   * @param extent whether all rows there are of such loads
   */
  Committed again(String loadId, LoadPackage load, boolean finish, Kept.Extent extent) {
    Order plain = order(seq + 1, checkpoint, finish, false);
    Order order =
        new Order(
            plain.segment().of(loadId),
            source(),
            disposition,
            checkpoint,
            checkpoint,
            finish,
            false,
            null,
            false,
            compat,
            0,
            0,
            Map.of(),
            extent);
    Committed committed = loader.load(order, load, Progress.NONE);
    seq++;
    return committed;
  }

  String loadId(int number) {
    return "%d.000000-%08x-%05d-%06d"
        .formatted(1_700_000_000L + epoch, asset.hashCode(), epoch, number);
  }
}
