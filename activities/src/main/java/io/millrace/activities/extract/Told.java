package io.millrace.activities.extract;

import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What an answer tells of more records than it brought.
 *
 * @param path of the field, as {@code total_path} has it; {@code null} for a header
 * @param header its name; {@code null} for a field
 * @param number what it holds; 1 for a flag, which only says that there is more
 * @param came records of the answer
 */
public record Told(What what, String path, String header, long number, long came) {

  /** What is told of, the most telling first. */
  public enum What {
    RECORDS,
    PAGES,
    FLAG
  }

  private static final Pattern OTHERS = Pattern.compile("[^a-z]");

  /** Names of fields that hold a number of all records, in {@link #plain} letters. */
  public static final Set<String> RECORDS =
      Set.of(
          "total",
          "count",
          "totalcount",
          "totalitems",
          "totalresults",
          "totalrecords",
          "totalrows",
          "totalelements",
          "totalhits",
          "totalsize",
          "numfound",
          "recordcount",
          "rowcount",
          "odatacount",
          "hits");

  /** Those of numbers of pages that no paginator finds by itself. */
  private static final Set<String> PAGES = Set.of("pagecount", "numpages", "lastpage", "totalpage");

  private static final Set<String> FLAGS = Set.of("hasmore", "hasnext", "hasnextpage", "morepages");

  /** What a field of this name would tell of; {@code null} for nothing. */
  public static What named(String name) {
    String plain = plain(name);
    return RECORDS.contains(plain)
        ? What.RECORDS
        : PAGES.contains(plain) ? What.PAGES : FLAGS.contains(plain) ? What.FLAG : null;
  }

  /** A name without what people write differently: small letters alone. */
  public static String plain(String name) {
    return OTHERS.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("");
  }

  /**
   * Of several the one that counts records, and of these the largest, as one of them may count the
   * page. {@code null} when none tells of more than came.
   */
  public static Told most(Stream<Told> told) {
    return told.filter(Told::more)
        .min(
            Comparator.comparing(Told::what).thenComparing(Told::number, Comparator.reverseOrder()))
        .orElse(null);
  }

  /** Whether it tells of more than came. */
  public boolean more() {
    return what == What.RECORDS ? number > came : what == What.FLAG || number > 1;
  }

  /** For the report of a run, by kind; may be added up. */
  public Map<String, Long> notes() {
    return what == What.RECORDS
        ? Map.of("more_told", number, "more_told_came", came)
        : Map.of("more_pages_told", what == What.PAGES ? number - 1 : 1);
  }

  /** {@code total: 250}, for people. */
  @Override
  public String toString() {
    return (path == null ? "header " + header : path)
        + ": "
        + (what == What.FLAG ? "true" : number);
  }
}
