package io.millrace.source;

import java.util.List;

/** How the body of an answer is to be read. */
public sealed interface ResponseFormat {
  /** One JSON document: dlt's only one. */
  record Json() implements ResponseFormat {}

  /** JSON Lines, also called NDJSON: each line a record. */
  record JsonLines() implements ResponseFormat {}

  /**
   * Lines of fields (RFC 4180); each line a record of texts.
   *
   * @param delimiter one character; default a comma
   * @param columns names of the fields; {@code null} when the first line has them
   */
  record Csv(String delimiter, List<String> columns) implements ResponseFormat {
    public Csv {
      delimiter = delimiter == null ? "," : delimiter;
      columns = columns == null ? null : List.copyOf(columns);
    }
  }

  /** An XML document; a {@link DataSelector} names the elements that are records. */
  record Xml() implements ResponseFormat {}
}
