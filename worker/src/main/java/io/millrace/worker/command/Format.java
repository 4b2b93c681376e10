package io.millrace.worker.command;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import com.github.freva.asciitable.OverflowBehaviour;
import io.millrace.worker.Printable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Numbers and tables for people. */
final class Format {
  /** The widest cell where a table is an overview. */
  private static final int WIDEST_CELL = 60;

  private Format() {}

  /** A table with a header. Columns named in {@code right} are aligned to the right. */
  static String table(List<String> header, List<List<String>> rows, List<String> right) {
    return table(header, rows, right, WIDEST_CELL);
  }

  /**
   * The same with cells of at most so many characters.
   *
   * @param widest longer cells end in an ellipsis
   */
  static String table(
      List<String> header, List<List<String>> rows, List<String> right, int widest) {
    if (rows.isEmpty()) {
      return String.join("  ", header);
    }
    Column[] columns =
        header.stream()
            .map(
                name -> {
                  HorizontalAlign align =
                      right.contains(name) ? HorizontalAlign.RIGHT : HorizontalAlign.LEFT;
                  return new Column()
                      .header(name)
                      .headerAlign(align)
                      .dataAlign(align)
                      .maxWidth(widest, OverflowBehaviour.ELLIPSIS_RIGHT);
                })
            .toArray(Column[]::new);
    Object[][] cells =
        rows.stream()
            .map(
                row ->
                    IntStream.range(0, header.size())
                        .mapToObj(i -> printable(row.get(i)))
                        .toArray())
            .toArray(Object[][]::new);
    String drawn =
        AsciiTable.getTable(
            AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS_NO_OUTSIDE_BORDER, columns, cells);
    return drawn.lines().map(String::stripTrailing).reduce((a, b) -> a + "\n" + b).orElse("");
  }

  /**
   * A cell on one line: what moves the cursor or colours a terminal is shown as a blank, whoever
   * wrote it.
   */
  private static String printable(String cell) {
    return cell == null ? "" : Printable.text(cell).replaceAll("\\p{Cntrl}", " ");
  }

  /** {@code 1,234}. */
  static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /** {@code 91.8 kB}. */
  static String bytes(double n) {
    if (n < 1000) {
      return String.format(Locale.ROOT, "%.0f B", n);
    }
    String[] units = {"kB", "MB", "GB", "TB", "PB"};
    int unit = -1;
    double left = n;
    while (left >= 999.95 && unit < units.length - 1) {
      left /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", left, units[unit]);
  }

  /** {@code 1.9 s}, {@code 2 min 05 s}. */
  static String seconds(double s) {
    if (s < 60) {
      return String.format(Locale.ROOT, "%.1f s", s);
    }
    long whole = Math.round(s);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole % 3600 / 60);
  }

  /** {@code 1 page}, {@code 3 pages}. */
  static String plural(long n, String noun) {
    return plural(n, noun, noun + "s");
  }

  /** {@code 1 half}, {@code 3 halves}. */
  static String plural(long n, String one, String many) {
    return count(n) + " " + (n == 1 ? one : many);
  }

  static long sum(Map<String, Long> rows) {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }
}
