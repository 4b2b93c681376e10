package io.millrace.activities;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.destination.Loader.Loaded;
import io.millrace.activities.destination.Loader.Span;
import io.millrace.activities.extract.Parents;
import io.millrace.activities.staging.ParentList;
import io.millrace.activities.staging.StageKey;
import io.millrace.activities.staging.Staging;
import io.millrace.project.Project;
import io.millrace.run.Visits.Mark;
import io.millrace.run.Visits.Place;
import io.millrace.source.Parent;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The parents of a resource as the destination has them committed: which loads its receipts say,
 * and of each load the list that normalizing it left in staging. A list that is gone is made again
 * of the parent's table.
 */
final class CommittedParents implements Parents {
  /** Receipts that are held at once. */
  private static final int LOADS = 500;

  private final Project project;
  private final Source source;
  private final Resource child;
  private final Resource resource;
  private final Collection<String> paths;
  private final Loader loader;
  private final Staging staging;
  private final ParentTable table;

  private CommittedParents(
      Engine engine, Project project, Source source, Resource child, Parent parent) {
    this.project = project;
    this.source = source;
    this.child = child;
    this.resource = source.resource(parent.resource()).orElseThrow();
    this.paths = parent.wanted();
    this.loader = engine.loader(project, resource);
    this.staging = engine.staging();
    this.table =
        new ParentTable(
            project,
            source,
            resource,
            engine.capabilities(project, resource).maxIdentifierLength(),
            loader);
  }

  /** {@code null} for a resource without a parent. */
  static CommittedParents of(Engine engine, Project project, Project.Located located) {
    return Parent.of(located.resource())
        .map(
            parent ->
                new CommittedParents(engine, project, located.source(), located.resource(), parent))
        .orElse(null);
  }

  /**
   * Of an incremental parent the loads that are new since the window before; of another one those
   * of its newest run, and of these the rest when the window before ended among them.
   */
  @Override
  public Window open(Mark passed) {
    boolean whole = Engine.wholeRun(resource);
    Span newest = loader.newest(project.name(), asset(), whole ? table.name() : null);
    if (newest == null) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot read "
              + source.name()
              + "."
              + child.name()
              + ": its parent has never loaded anything: "
              + asset()
              + " (run the parent first, or with it: millrace run "
              + asset()
              + " "
              + source.name()
              + "."
              + child.name()
              + ")");
    }
    // loads that are not there were of another destination, where the parent was before
    boolean gone = passed != null && passed.compareTo(newest.to()) > 0;
    Mark before = passed == null || gone ? Mark.NONE : passed;
    Mark after = newest.after();
    boolean within = before.compareTo(after) > 0 && before.compareTo(newest.to()) < 0;
    if (incremental() && !whole) {
      after = before;
    } else if (within || incremental() && before.compareTo(after) > 0) {
      after = before;
    }
    return new Window(after, newest.to());
  }

  @Override
  public Window resume(Window window) {
    boolean whole = Engine.wholeRun(resource);
    Span newest = loader.newest(project.name(), asset(), whole ? table.name() : null);
    boolean further =
        newest != null
            && newest.to().compareTo(window.to()) > 0
            && (incremental() && !whole || newest.after().compareTo(window.to()) < 0);
    return further ? new Window(window.after(), newest.to()) : window;
  }

  private boolean incremental() {
    return resource.incremental() != null;
  }

  private String asset() {
    return source.name() + "." + resource.name();
  }

  @Override
  public Rows rows(Window window, Place from) {
    return new Committed(window, from);
  }

  /** Goes through the loads, and through each load's list or rows. */
  private final class Committed implements Rows {
    private final Mark to;
    private final Deque<Loaded> loads = new ArrayDeque<>();
    private Mark asked;
    private Place from;
    private Loaded load;
    private ParentList.Reader list;
    private Deque<ParentTable.Row> chunk = new ArrayDeque<>();
    private String after;
    private long row;
    private boolean ended;

    private Committed(Window window, Place from) {
      this.to = window.to();
      this.from = from;
      Mark first = window.after();
      if (from != null) {
        // the load of the place itself is the first
        first = new Mark(from.load().epoch(), from.load().seq() - 1);
      }
      this.asked = first;
    }

    @Override
    public Row next() {
      while (!ended) {
        Row next = load == null ? null : list != null ? ofList() : ofTable();
        if (next != null) {
          return next;
        }
        close();
        open();
      }
      return null;
    }

    private void open() {
      if (loads.isEmpty()) {
        List<Loaded> more = loader.loads(project.name(), asset(), new Span(asked, to), LOADS);
        loads.addAll(more);
        asked = more.isEmpty() ? to : more.get(more.size() - 1).mark();
      }
      load = loads.poll();
      ended = load == null;
      if (ended) {
        return;
      }
      boolean here = from != null && load.mark().equals(from.load());
      row = here ? from.row() : 0;
      after = here ? from.after() : null;
      from = null;
      if (after == null) {
        StageKey key = StageKey.parents(asset(), load.loadId(), load.sha256());
        Optional<ParentList.Reader> found = ParentList.open(staging, key, paths, row);
        if (found.isPresent()) {
          list = found.get();
        } else if (!table.has(resource)) {
          throw new MillraceException(
              Failure.DATA_INVALID,
              "Cannot find the parents of "
                  + source.name()
                  + "."
                  + child.name()
                  + ": what was staged of them is gone, and no one table has them: load "
                  + load.loadId()
                  + " of "
                  + asset()
                  + " (read the parent anew: millrace run "
                  + asset()
                  + " --refresh drop_data)");
        } else if (row > 0) {
          throw new MillraceException(
              Failure.WINDOW_LOST,
              "Cannot resume "
                  + source.name()
                  + "."
                  + child.name()
                  + ": the staged list of its parents is gone: load "
                  + load.loadId()
                  + " of "
                  + asset());
        }
      }
    }

    private Row ofList() {
      Map<String, String> fields = list.next();
      if (fields == null) {
        return null;
      }
      Place here = new Place(load.mark(), row, null);
      row++;
      return new Row(here, new Place(load.mark(), row, null), load.loadId(), fields);
    }

    private Row ofTable() {
      if (chunk.isEmpty()) {
        chunk.addAll(table.rows(load.loadId(), paths, after));
      }
      ParentTable.Row found = chunk.poll();
      if (found == null) {
        return null;
      }
      Place here = new Place(load.mark(), row, after);
      after = found.id();
      row++;
      return new Row(here, new Place(load.mark(), row, after), load.loadId(), found.fields());
    }

    @Override
    public void close() {
      if (list != null) {
        list.close();
        list = null;
      }
      chunk = new ArrayDeque<>();
    }
  }
}
