package io.millrace.activities.steps;

/**
 * A record that a step cannot take; the run goes on without it. Has no stack trace: a hostile
 * source may send millions.
 */
public final class StepFailed extends Exception {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final String why;
  private final boolean withheld;

  /**
   * @param detail what may show values of the record; {@code null} for nothing
   */
  StepFailed(String path, String why, String detail) {
    this(path, why, detail, false);
  }

  private StepFailed(String path, String why, String detail, boolean withheld) {
    super(detail == null ? why : why + ": " + detail, null, false, false);
    this.path = path;
    this.why = why;
    this.withheld = withheld;
  }

  /** The same for a record that nobody may see. */
  StepFailed hidden() {
    return new StepFailed(path, why, null, true);
  }

  /** Where in the record, as JSONPath. */
  public String path() {
    return path;
  }

  /**
   * Whether nobody may see the record, because fields that a step takes away or hashes are still in
   * it.
   */
  public boolean withheld() {
    return withheld;
  }
}
