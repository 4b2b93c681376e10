package io.millrace.activities;

/**
 * How a long step tells that it is alive, and hears that it should stop. Implementations are
 * thread-safe; calls are cheap, so call once per page or batch.
 */
public interface Progress {
  Progress NONE =
      new Progress() {
        @Override
        public void report(long pages, long rows, long bytes) {}

        @Override
        public boolean draining() {
          return false;
        }
      };

  /**
   * Totals of this step so far. Throws when the step was cancelled or its worker lost it: let it
   * pass, nothing may be published after it.
   */
  void report(long pages, long rows, long bytes);

  /** Whether the process is shutting down: end at the next page boundary with what is there. */
  boolean draining();
}
