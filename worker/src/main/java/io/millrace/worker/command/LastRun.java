package io.millrace.worker.command;

import io.millrace.asset.AssetKey;
import io.millrace.run.GraphRun;
import io.millrace.run.Outcome;
import io.millrace.run.Refresh;
import io.millrace.run.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What the newest embedded run of a project did, left in the project's folder for a run that waited
 * for it. Never needed: without it that run runs.
 */
record LastRun(
    String id,
    long millis,
    String manifest,
    Refresh refresh,
    Integer limit,
    List<Outcome> assets,
    List<String> notes) {
  private static final LastRun NOTHING = new LastRun(null, 0, null, null, null, null, null);

  private static final Set<Outcome.Status> BY_ITSELF =
      Set.of(Outcome.Status.SUCCEEDED, Outcome.Status.UNCHANGED, Outcome.Status.FAILED);

  LastRun {
    assets = assets == null ? List.of() : List.copyOf(assets);
    notes = notes == null ? List.of() : List.copyOf(notes);
  }

  static LastRun of(String id, GraphRun.Input input, Watch.End end, Duration took) {
    return new LastRun(
        id,
        took.toMillis(),
        input.manifest(),
        input.refresh(),
        input.limit(),
        end.outcomes(),
        end.notes());
  }

  private static Path file(Path projectFolder) {
    return projectFolder.resolve(".millrace").resolve("last-run.json");
  }

  /** One that did nothing when there is none that can be read. */
  static LastRun read(Path projectFolder) {
    try {
      byte[] json = Files.readAllBytes(file(projectFolder));
      LastRun left = Wire.mapper().readValue(json, LastRun.class);
      return left == null ? NOTHING : left;
    } catch (IOException e) {
      return NOTHING;
    }
  }

  /** Call it while the project is locked. */
  void leave(Path projectFolder, UnaryOperator<String> mask) {
    Path file = file(projectFolder);
    Path written = file.resolveSibling("last-run.tmp");
    try {
      String json = mask.apply(Wire.mapper().writeValueAsString(this));
      Files.write(written, json.getBytes(StandardCharsets.UTF_8));
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // then one that waits runs, as if this run had been killed
    }
  }

  /** Whether it did what another run is to do, and nobody stopped it. */
  boolean did(GraphRun.Input input, List<AssetKey> wanted) {
    Set<String> ended =
        assets.stream()
            .filter(o -> BY_ITSELF.contains(o.status()))
            .map(Outcome::asset)
            .collect(Collectors.toSet());
    return Objects.equals(manifest, input.manifest())
        && refresh == input.refresh()
        && Objects.equals(limit, input.limit())
        && wanted.stream().allMatch(asset -> ended.contains(asset.toString()));
  }

  /** Its report, as far as the wanted assets are concerned. */
  RunReport report(List<AssetKey> wanted) {
    Set<String> names = wanted.stream().map(AssetKey::toString).collect(Collectors.toSet());
    List<Outcome> outcomes = assets.stream().filter(o -> names.contains(o.asset())).toList();
    Watch.End end = new Watch.End(outcomes, notes, null, null);
    return new RunReport(id, end, Duration.ofMillis(millis));
  }
}
