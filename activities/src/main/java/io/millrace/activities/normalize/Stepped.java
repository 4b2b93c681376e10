package io.millrace.activities.normalize;

import io.millrace.activities.steps.StepFailed;
import io.millrace.activities.steps.Steps;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;

/**
 * Records between the raw page and the tape while a resource has {@code processing_steps}: read,
 * changed, and written again into a window of their own.
 */
final class Stepped {
  private final Steps steps;
  private final Records in;
  private final Window own = Window.whole();
  private Window page;
  private int start;
  private Map<String, Object> record;

  /** Records that a filter dropped. */
  long filtered;

  Stepped(Steps steps, Records in) {
    this.steps = steps;
    this.in = in;
  }

  boolean hides() {
    return steps.hides();
  }

  /** The record at that place of the page. */
  Map<String, Object> read(int from, int to) throws StepFailed {
    start = from;
    record = steps.read(in.buf, from, to - from);
    return record;
  }

  /** The record after its steps; {@code null} when a filter dropped it. */
  byte[] made(Map<String, Object> from) throws StepFailed {
    if (!steps.apply(from)) {
      filtered++;
      return null;
    }
    return written(from);
  }

  private byte[] written(Map<String, Object> from) {
    try {
      return steps.write(from);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // into memory
    }
  }

  /** What may be shown of a record that failed: as far as it came, or {@code null} for nothing. */
  byte[] failed(StepFailed e) {
    return e.withheld() ? null : written(record);
  }

  /** Lets the scanner read {@code made} instead of the page. */
  void enter(byte[] made, int from) {
    page = in.window;
    start = from;
    own.buf = Arrays.copyOf(made, made.length + Window.SLACK);
    own.limit = made.length;
    in.window = own;
    in.attach();
    in.pos = 0;
    in.tape.clear();
  }

  /** Back to the page. */
  void leave() {
    in.window = page;
    in.attach();
    page = null;
  }

  /** Where the record stands in its page. */
  String where(Pages pages) {
    Window now = in.window;
    in.window = page == null ? now : page;
    try {
      return pages.where(start);
    } finally {
      in.window = now;
    }
  }
}
