package io.millrace.activities.normalize.reference;

/**
 * A row's id. Ids of roots are random: they are whatever the other side chose, and all ids below
 * follow from them (section 6.2).
 */
final class Id {
  private final Id parent;
  private final String table;
  private final long index;
  final boolean random;
  private String text;

  private Id(Id parent, String table, long index, String text) {
    this.parent = parent;
    this.table = table;
    this.index = index;
    this.text = text;
    this.random = parent == null && text == null;
  }

  static Id random() {
    return new Id(null, null, 0, null);
  }

  static Id of(String text) {
    return new Id(null, null, 0, text);
  }

  static Id child(Id parent, String table, long index) {
    return new Id(parent, table, index, null);
  }

  /** Whether that is the id; a random one becomes what it is compared with first. */
  boolean is(Object other) {
    if (text == null && parent == null && other instanceof String s) {
      text = s;
      return s.matches("[A-Za-z0-9+/]{14}");
    }
    return text().equals(other);
  }

  private String text() {
    if (text == null) {
      text = parent == null ? "(random)" : Shake.id(parent.text() + "_" + table + "_" + index);
    }
    return text;
  }

  @Override
  public String toString() {
    return text();
  }
}
