package io.millrace.activities.normalize.reference;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** One input: segments one after the other, in one or more runs. */
record Case(Setup setup, List<Part> parts) {

  /**
   * A segment of one page.
   *
   * @param document whether the records are a list in a document instead of lines
   */
  record Part(int run, boolean document, List<byte[]> records) {
    byte[] page() {
      StringBuilder out = new StringBuilder(document ? "{\"data\": [" : "");
      for (int i = 0; i < records.size(); i++) {
        out.append(document && i > 0 ? "," : "");
        out.append(new String(records.get(i), StandardCharsets.ISO_8859_1));
        out.append(document ? "" : "\n");
      }
      return out.append(document ? "]}" : "").toString().getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(setup.toString());
    for (Part p : parts) {
      out.append("\n-- run ").append(p.run).append(p.document ? ", document" : ", lines");
      for (byte[] r : p.records) {
        out.append('\n').append(new String(r, StandardCharsets.UTF_8));
      }
    }
    return out.toString();
  }
}
