package io.millrace.project.shape;

/** Where something stands in the file. Both count from 1; columns are characters (code points). */
public record Place(int line, int column) implements Comparable<Place> {
  @Override
  public int compareTo(Place other) {
    return line != other.line
        ? Integer.compare(line, other.line)
        : Integer.compare(column, other.column);
  }
}
