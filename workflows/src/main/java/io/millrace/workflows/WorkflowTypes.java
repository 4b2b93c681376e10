package io.millrace.workflows;

import java.util.List;

/** What a worker registers. */
public final class WorkflowTypes {
  private static final List<Class<?>> ALL =
      List.of(GraphRunWorkflow.class, MaterializeWorkflow.class, QuotaWorkflow.class);

  private WorkflowTypes() {}

  /**
   * The implementations: {@code worker.registerWorkflowImplementationTypes(WorkflowTypes.all())}.
   */
  public static Class<?>[] all() {
    return ALL.toArray(new Class<?>[0]);
  }
}
