package io.millrace.worker;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.asset.AssetKey;
import io.millrace.project.Project;
import io.millrace.workflows.WorkflowTypes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The real rooms, wired together. */
final class House implements Rooms {
  @Override
  public Project read(Path file, Map<String, String> variables) {
    throw missing();
  }

  @Override
  public List<AssetKey> select(Project project, String select, String exclude) {
    throw missing();
  }

  @Override
  public Set<AssetKey> upstream(Project project, AssetKey asset) {
    throw missing();
  }

  @Override
  public List<Class<?>> workflows() {
    return List.of(WorkflowTypes.all());
  }

  @Override
  public Engine engine(Path file, Project project, Map<String, String> variables) {
    throw missing();
  }

  private static MillraceException missing() {
    return new MillraceException(Failure.INTERNAL, "Cannot go on: this room is not built yet");
  }
}
