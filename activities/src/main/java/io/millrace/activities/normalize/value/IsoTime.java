package io.millrace.activities.normalize.value;

/**
 * ISO 8601 texts and what dlt takes for them, straight from UTF-8. No allocation, no exception;
 * {@link #NONE} when the text is something else.
 */
public final class IsoTime {
  public static final long NONE = Long.MIN_VALUE;

  private IsoTime() {}

  /** A text that shows date and time: microseconds since 1970 UTC. What detection accepts. */
  public static long timestamp(byte[] b, int off, int len) {
    throw new UnsupportedOperationException();
  }

  /** What a timestamp column accepts: also dates and epoch seconds. Microseconds since 1970 UTC. */
  public static long coerceTimestamp(byte[] b, int off, int len) {
    throw new UnsupportedOperationException();
  }

  /** A text that is a date without time: days since 1970. What the detection iso_date accepts. */
  public static long date(byte[] b, int off, int len) {
    throw new UnsupportedOperationException();
  }

  /** What a date column accepts: also timestamps (their UTC day) and epoch seconds. */
  public static long coerceDate(byte[] b, int off, int len) {
    throw new UnsupportedOperationException();
  }

  /** What a time column accepts: microseconds of the day, UTC when there was an offset. */
  public static long time(byte[] b, int off, int len) {
    throw new UnsupportedOperationException();
  }

  /** A timestamp text as Python's isoformat prints it, its offset kept; {@code null} if it is none. */
  public static String isoText(byte[] b, int off, int len) {
    throw new UnsupportedOperationException();
  }
}
