package io.millrace.activities.normalize.reference;

import java.util.List;

/** A column of a table; without a type while only hints speak of it. */
final class Column {
  String name;
  String type;
  boolean nullable = true;
  Integer precision;
  Integer scale;
  boolean variant;

  /** Keys from the row to the value, where names are kept apart; {@code null} for none yet. */
  List<String> place;

  /** Whether hints spoke of it before any data. */
  boolean declared;

  Column(String name, String type) {
    this.name = name;
    this.type = type;
  }

  /** Whether it belongs to no key yet. */
  boolean free() {
    return declared && place == null;
  }

  @Override
  public String toString() {
    return name + " " + type + (nullable ? "" : " NOT NULL") + (variant ? " variant" : "");
  }
}
