package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** JSON Lines, which are staged as they are: here they are checked and counted. */
final class LinesBody {
  private LinesBody() {}

  /** The number of records; a line that is a list holds several, a null none. */
  static long records(byte[] body) throws IOException {
    long records = 0;
    long line = 0;
    for (int from = 0; from < body.length; line++) {
      int to = from;
      while (to < body.length && body[to] != '\n') {
        to++;
      }
      try {
        records += records(body, from, to - from);
      } catch (JacksonException e) {
        boolean last = to == body.length;
        throw new PageScan.Damaged(
            last,
            last
                ? "the last line ends too early: after " + body.length + " bytes"
                : "line " + (line + 1) + " is not JSON");
      }
      from = to + 1;
    }
    return records;
  }

  private static long records(byte[] body, int from, int length) throws IOException {
    try (JsonParser in = JsonScan.JSON.createParser(body, from, length)) {
      JsonToken first = in.nextToken();
      long records = first == null || first == JsonToken.VALUE_NULL ? 0 : 1;
      if (first == JsonToken.START_ARRAY) {
        records = 0;
        while (in.nextToken() != JsonToken.END_ARRAY) {
          in.skipChildren();
          records++;
        }
      } else if (first == JsonToken.START_OBJECT) {
        in.skipChildren();
      }
      if (first != null && in.nextToken() != null) {
        throw new com.fasterxml.jackson.core.JsonParseException(in, "there is more on the line");
      }
      return records;
    }
  }
}
