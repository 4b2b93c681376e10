package io.millrace.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * Which field moves forward and from where: dlt's {@code incremental}, key by key. {@code null}
 * means "not said".
 *
 * @param cursorPath field name or JSONPath in the record as the source sends it
 * @param initialValue where the first run begins
 * @param endValue exclusive end; makes the read a backfill that keeps no state
 * @param lastValueFunc {@code max} or {@code min}
 * @param rowOrder {@code asc}, {@code desc} or {@code null}
 * @param onCursorValueMissing {@code raise}, {@code include} or {@code exclude}
 * @param rangeStart {@code closed} or {@code open}
 * @param rangeEnd {@code open} or {@code closed}
 * @param lag seconds for instants, days for dates, a number otherwise
 * @param primaryKey key of the records at the boundary; {@code null} is the resource's, empty
 *     switches the deduplication off
 * @param startParam query parameter that takes the start value
 * @param endParam query parameter that takes the end value
 * @param convert how the value is written into a request; {@code null} as it came
 * @param cursorFormat how the records write a time that is not ISO 8601, as {@code
 *     DateTimeFormatter} has it; {@code null} for what is told by the value
 */
public record Incremental(
    String cursorPath,
    JsonNode initialValue,
    JsonNode endValue,
    String lastValueFunc,
    String rowOrder,
    String onCursorValueMissing,
    String rangeStart,
    String rangeEnd,
    Double lag,
    List<String> primaryKey,
    String startParam,
    String endParam,
    Convert convert,
    String cursorFormat) {
  public Incremental {
    lastValueFunc = lastValueFunc == null ? "max" : lastValueFunc;
    onCursorValueMissing = onCursorValueMissing == null ? "raise" : onCursorValueMissing;
    rangeStart = rangeStart == null ? "closed" : rangeStart;
    rangeEnd = rangeEnd == null ? "open" : rangeEnd;
    primaryKey = primaryKey == null ? null : List.copyOf(primaryKey);
  }

  /** With a conversion that needs only a word, and values that tell what they are. */
  public Incremental(
      String cursorPath,
      JsonNode initialValue,
      JsonNode endValue,
      String lastValueFunc,
      String rowOrder,
      String onCursorValueMissing,
      String rangeStart,
      String rangeEnd,
      Double lag,
      List<String> primaryKey,
      String startParam,
      String endParam,
      String convert) {
    this(
        cursorPath,
        initialValue,
        endValue,
        lastValueFunc,
        rowOrder,
        onCursorValueMissing,
        rangeStart,
        rangeEnd,
        lag,
        primaryKey,
        startParam,
        endParam,
        convert == null ? null : new Convert(convert, null, null),
        null);
  }

  /** Whether the read is a backfill, which neither reads nor moves the state. */
  public boolean backfills() {
    return endValue != null && !endValue.isNull();
  }

  /** Whether larger values come later. */
  public boolean ascends() {
    return !lastValueFunc.equals("min");
  }

  /**
   * How a value is written into a request.
   *
   * @param to {@code unix_seconds}, {@code unix_millis}, {@code iso_date}, {@code iso_instant} or
   *     {@code datetime}
   * @param pattern of a {@code datetime}, as {@code DateTimeFormatter} has it
   * @param zone in which a {@code datetime} is written; {@code null} is UTC
   */
  public record Convert(String to, String pattern, String zone) {}
}
