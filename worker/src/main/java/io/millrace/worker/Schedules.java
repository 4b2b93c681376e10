package io.millrace.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.Sha256;
import io.millrace.project.Project;
import io.millrace.run.GraphRun;
import io.millrace.run.Wire;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleDescription;
import io.temporal.client.schedules.ScheduleException;
import io.temporal.client.schedules.ScheduleHandle;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.SchedulePolicy;
import io.temporal.client.schedules.ScheduleSpec;
import io.temporal.client.schedules.ScheduleState;
import io.temporal.client.schedules.ScheduleUpdate;
import io.temporal.common.converter.EncodedValues;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The schedules of a project as Temporal Schedules: id {@code run:{project}:{schedule}}, each
 * starts a {@code GraphRun}. A hash of our definition lies in the memo of the runs that it starts,
 * since the server gives a schedule back in another form than it got.
 */
public final class Schedules {
  private static final String HASH = "MillraceSchedule";

  /** Raise it when what we make of the same definition changes. */
  private static final String FORM = "1";

  /**
   * What was missed in this time is made up for: the server's minimum, and its maximum by default.
   */
  private static final Duration NOTHING = Duration.ofSeconds(10);

  private static final Duration EVERYTHING = Duration.ofDays(365);
  private static final Duration SHORTEST_LATEST = Duration.ofMinutes(10);

  private final Backend backend;
  private final ScheduleClient client;
  private final Project project;
  private final String queue;

  public Schedules(Backend backend, Project project, String queue) {
    this.backend = backend;
    this.client = backend.schedules();
    this.project = project;
    this.queue = queue;
  }

  /** {@code what}: {@code created}, {@code updated}, {@code unchanged} or {@code deleted}. */
  public record Change(String name, String what) {}

  /**
   * @param state {@code active}, {@code paused}, {@code not synced} (only in the file), {@code
   *     changed} (the file says otherwise), {@code not in the file}
   * @param next {@code null} when it will not run
   */
  public record Line(
      String name,
      String state,
      String cron,
      String timezone,
      Instant next,
      long missed,
      long skipped) {}

  /** Makes the server's schedules of this project those of the file. May be called twice. */
  public List<Change> sync() {
    List<Change> changes = new ArrayList<>();
    Set<String> there = names();
    for (String name : new TreeSet<>(project.schedules().keySet())) {
      changes.add(new Change(name, put(project.schedules().get(name))));
      there.remove(name);
    }
    for (String gone : there) {
      call("delete", gone, () -> client.getHandle(id(gone)).delete());
      changes.add(new Change(gone, "deleted"));
    }
    return changes;
  }

  private String put(io.millrace.project.Schedule ours) {
    String hash = hash(ours);
    ScheduleHandle handle = client.getHandle(id(ours.name()));
    ScheduleDescription before = describe(handle);
    if (before != null && hash.equals(hash(before))) {
      return "unchanged";
    }
    if (before == null) {
      call(
          "create",
          ours.name(),
          () ->
              client.createSchedule(
                  id(ours.name()),
                  schedule(ours, hash, SHORTEST_LATEST, ScheduleState.newBuilder().build()),
                  ScheduleOptions.newBuilder().build()));
    } else {
      call(
          "update",
          ours.name(),
          () ->
              handle.update(input -> changed(ours, hash, SHORTEST_LATEST, input.getDescription())));
    }
    if (ours.catchup().equals("latest")) {
      // the server tells how far the next times are apart: in just that time, one was missed
      Duration apart =
          apart(call("describe", ours.name(), handle::describe).getInfo().getNextActionTimes());
      if (apart.compareTo(SHORTEST_LATEST) > 0) {
        call(
            "update",
            ours.name(),
            () -> handle.update(input -> changed(ours, hash, apart, input.getDescription())));
      }
    }
    return before == null ? "created" : "updated";
  }

  private ScheduleUpdate changed(
      io.millrace.project.Schedule ours, String hash, Duration latest, ScheduleDescription before) {
    // whoever paused it did not mean to be overruled by a changed cron expression
    return new ScheduleUpdate(schedule(ours, hash, latest, before.getSchedule().getState()));
  }

  private Schedule schedule(
      io.millrace.project.Schedule ours, String hash, Duration latest, ScheduleState state) {
    Duration window =
        switch (ours.catchup()) {
          case "none" -> NOTHING;
          case "all" -> EVERYTHING;
          default -> latest;
        };
    ScheduleSpec.Builder spec =
        ScheduleSpec.newBuilder()
            .setCronExpressions(List.of(ours.cron()))
            .setTimeZoneName(ours.timezone());
    if (ours.jitter() != null) {
      spec.setJitter(ours.jitter());
    }
    return Schedule.newBuilder()
        .setAction(
            ScheduleActionStartWorkflow.newBuilder()
                .setWorkflowType("GraphRun")
                .setArguments(
                    new GraphRun.Input(
                        project.name(), ours.select(), null, null, null, null, null, "schedule"))
                .setOptions(
                    WorkflowOptions.newBuilder()
                        .setWorkflowId(id(ours.name()))
                        .setTaskQueue(queue)
                        .setMemo(Map.of(HASH, hash))
                        .setStaticSummary(
                            project.name()
                                + " "
                                + ours.name()
                                + ": "
                                + (ours.select() == null ? "(all)" : ours.select()))
                        // with a summary and no details the SDK cannot read the schedule back
                        .setStaticDetails(details(ours))
                        .build())
                .build())
        .setSpec(spec.build())
        .setPolicy(
            SchedulePolicy.newBuilder()
                .setOverlap(overlap(ours.overlap()))
                .setCatchupWindow(window)
                .build())
        .setState(state)
        .build();
  }

  private static String details(io.millrace.project.Schedule ours) {
    return "Started by the schedule **%s** (`%s`, %s; overlap %s, catchup %s)."
        .formatted(ours.name(), ours.cron(), ours.timezone(), ours.overlap(), ours.catchup());
  }

  private static ScheduleOverlapPolicy overlap(String word) {
    return ScheduleOverlapPolicy.valueOf(
        "SCHEDULE_OVERLAP_POLICY_" + word.toUpperCase(Locale.ROOT));
  }

  static Duration apart(List<Instant> next) {
    Duration shortest = Duration.ZERO;
    for (int i = 1; i < next.size(); i++) {
      Duration gap = Duration.between(next.get(i - 1), next.get(i));
      shortest = i == 1 || gap.compareTo(shortest) < 0 ? gap : shortest;
    }
    return shortest;
  }

  /** Those of the file and those on the server, by name. */
  public List<Line> list() {
    Set<String> names = new TreeSet<>(project.schedules().keySet());
    names.addAll(names());
    return names.stream().map(this::line).toList();
  }

  private Line line(String name) {
    io.millrace.project.Schedule ours = project.schedules().get(name);
    String cron = ours == null ? "" : ours.cron();
    String timezone = ours == null ? "" : ours.timezone();
    ScheduleDescription there = describe(client.getHandle(id(name)));
    if (there == null) {
      return new Line(name, "not synced", cron, timezone, null, 0, 0);
    }
    boolean paused =
        there.getSchedule().getState() != null && there.getSchedule().getState().isPaused();
    String state =
        ours == null
            ? "not in the file"
            : paused ? "paused" : hash(ours).equals(hash(there)) ? "active" : "changed";
    List<Instant> next = there.getInfo().getNextActionTimes();
    return new Line(
        name,
        state,
        cron,
        timezone,
        paused || next.isEmpty() ? null : next.get(0),
        there.getInfo().getNumActionsMissedCatchupWindow(),
        there.getInfo().getNumActionsSkippedOverlap());
  }

  /**
   * Runs it now, whatever its clock says; a run of it that is going on is joined as its overlap
   * says.
   */
  public void trigger(String name) {
    call("trigger", name, () -> client.getHandle(id(name)).trigger());
  }

  public void pause(String name) {
    call(
        "pause",
        name,
        () -> client.getHandle(id(name)).pause("paused with millrace schedule pause"));
  }

  public void resume(String name) {
    call(
        "resume",
        name,
        () -> client.getHandle(id(name)).unpause("resumed with millrace schedule resume"));
  }

  private Set<String> names() {
    String prefix = id("");
    return call(
        "list",
        "all",
        () ->
            client
                .listSchedules()
                .map(s -> s.getScheduleId())
                .filter(id -> id.startsWith(prefix))
                .map(id -> id.substring(prefix.length()))
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  private String id(String name) {
    return "run:" + project.name() + ":" + name;
  }

  private String hash(io.millrace.project.Schedule ours) {
    try {
      return Sha256.of(FORM + "\n" + queue + "\n" + Wire.mapper().writeValueAsString(ours));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The hash that was put there; {@code null} when somebody else made the schedule. */
  private static String hash(ScheduleDescription there) {
    if (there.getSchedule().getAction() instanceof ScheduleActionStartWorkflow action
        && action.getOptions().getMemo() != null) {
      Object memo = action.getOptions().getMemo().get(HASH);
      return memo instanceof EncodedValues values
          ? values.get(0, String.class)
          : String.valueOf(memo);
    }
    return null;
  }

  private static ScheduleDescription describe(ScheduleHandle handle) {
    try {
      return handle.describe();
    } catch (ScheduleException e) {
      if (code(e) == Status.Code.NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }

  private void call(String verb, String name, Runnable action) {
    call(
        verb,
        name,
        () -> {
          action.run();
          return null;
        });
  }

  private <T> T call(String verb, String name, java.util.function.Supplier<T> action) {
    try {
      return action.get();
    } catch (ScheduleException | StatusRuntimeException e) {
      Status.Code code = code(e);
      String what = "Cannot " + verb + " the schedule " + name + ": ";
      if (code == Status.Code.NOT_FOUND) {
        throw new MillraceException(
            Failure.CONFIG_INVALID,
            what
                + "the server has none of that name: "
                + id(name)
                + " (`millrace schedule sync` puts it there)",
            e);
      }
      if (code == Status.Code.INVALID_ARGUMENT) {
        throw new MillraceException(
            Failure.CONFIG_INVALID,
            what + "Temporal refuses it: " + description(e) + " (change it in millrace.yaml)",
            e);
      }
      throw new MillraceException(
          Failure.TEMPORAL_UNREACHABLE,
          what + description(e) + " (server " + backend.name() + ")",
          e);
    }
  }

  private static StatusRuntimeException status(Throwable e) {
    Throwable cause = e;
    while (cause != null && !(cause instanceof StatusRuntimeException)) {
      cause = cause.getCause();
    }
    return (StatusRuntimeException) cause;
  }

  private static Status.Code code(Throwable e) {
    StatusRuntimeException status = status(e);
    return status == null ? Status.Code.UNKNOWN : status.getStatus().getCode();
  }

  private static String description(Throwable e) {
    StatusRuntimeException status = status(e);
    return status == null
        ? String.valueOf(e.getMessage())
        : String.valueOf(status.getStatus().getDescription());
  }
}
