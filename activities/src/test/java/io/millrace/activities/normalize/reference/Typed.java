package io.millrace.activities.normalize.reference;

import java.util.List;

/** Detections (section 9). Texts that begin with one of dlt's private characters are left out. */
final class Typed {
  private Typed() {}

  static String detect(Val v, List<String> detections) {
    if (!v.type().equals("text")) {
      return null;
    }
    String s = (String) v.value();
    for (String d : detections) {
      if (d.equals("iso_timestamp") && Iso.timestamp(s) != null) {
        return "timestamp";
      }
      if (d.equals("iso_date") && Iso.timestamp(s) == null && Iso.date(s) != null) {
        return "date";
      }
    }
    return null;
  }
}
