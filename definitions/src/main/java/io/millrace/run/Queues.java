package io.millrace.run;

/** Names that both sides of Temporal must agree on. */
public final class Queues {
  /** The task queue unless the project or a flag says otherwise. */
  public static final String DEFAULT = "millrace";

  private Queues() {}
}
