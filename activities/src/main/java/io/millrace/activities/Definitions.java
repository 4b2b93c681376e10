package io.millrace.activities;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.staging.Staging;
import io.millrace.asset.AssetKey;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.project.Reading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The definitions that a step works with. A run names the manifest it began with; that one is read
 * from staging and kept, so that a run in flight goes on with it whatever is deployed meanwhile.
 */
final class Definitions {
  private final Path projectFile;
  private final String ours;
  private final Staging staging;
  private final Map<String, Project> byManifest = new ConcurrentHashMap<>();

  /**
   * @param ours name of the project that this process works for
   */
  Definitions(Path projectFile, String ours, Staging staging) {
    this.projectFile = projectFile;
    this.ours = ours;
    this.staging = staging;
  }

  /** Reads the project's file as it is now and stages its manifest. */
  Deployed deployed() {
    Reading reading = read(projectFile);
    Project project = reading.orThrow();
    String manifest =
        staging.document(reading.manifest().text().getBytes(StandardCharsets.UTF_8)).sha256();
    byManifest.put(manifest, project);
    return new Deployed(project, manifest);
  }

  static Reading read(Path projectFile) {
    try {
      return ProjectFile.read(
          Files.readAllBytes(projectFile), projectFile.getFileName().toString());
    } catch (IOException e) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot read "
              + projectFile
              + ": "
              + e.getMessage()
              + " (name the project's file or folder with -c)",
          e);
    }
  }

  /** The project of a manifest, which the worker's file need not be any more. */
  Project project(String name, String manifest) {
    mine(name);
    return byManifest.computeIfAbsent(
        manifest,
        sha256 ->
            ProjectFile.read(staging.bytes(Staging.documentRef(sha256)), "manifest").orThrow());
  }

  /**
   * Refuses the task of another project; a worker of that project will take it. Asked before
   * anything is looked up: another project's staged files are not here.
   */
  void mine(String name) {
    if (!ours.equals(name)) {
      throw new MillraceException(
          Failure.NOT_MY_PROJECT,
          "Cannot work on project "
              + name
              + ": this worker's project is "
              + ours
              + " (start a worker for "
              + name
              + ", or give each project a queue of its own with --queue)");
    }
  }

  /** The resource of an asset. */
  static Project.Located locate(Project project, String asset) {
    return project
        .locate(AssetKey.parse(asset))
        .orElseThrow(
            () ->
                new MillraceException(
                    Failure.CONFIG_INVALID,
                    "Cannot find asset "
                        + asset
                        + ": project "
                        + project.name()
                        + " has none of that name (see 'millrace assets')"));
  }

  /** The project as deployed now and the manifest that stands for it. */
  record Deployed(Project project, String manifest) {}
}
