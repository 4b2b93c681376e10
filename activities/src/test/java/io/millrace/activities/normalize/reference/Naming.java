package io.millrace.activities.normalize.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Sections 2 and 3: keys to names by a naming convention, and the shortening of long names. */
final class Naming {
  private static final Pattern OTHER = Pattern.compile("[^A-Za-z\\p{Nd}_]+");
  private static final Pattern WORD = Pattern.compile("([^_])([A-Z][a-z]+)");
  private static final Pattern HUMP = Pattern.compile("([a-z0-9])([A-Z])");
  private static final Pattern DIGIT = Pattern.compile("^(?=\\p{Nd})");
  private static final Pattern TAIL = Pattern.compile("_+$");
  private static final Pattern RUN = Pattern.compile("_{2,}");

  private final String convention;
  private final String separator;
  private final int longest;
  private final boolean folds;
  private final boolean compat;

  /**
   * @param folds whether names that differ only in case are one to the destination
   */
  Naming(String convention, int longest, boolean folds, boolean compat) {
    this.compat = compat;
    this.convention = convention;
    this.separator = convention.equals("direct") ? "▶" : "__";
    this.longest = longest;
    this.folds = folds;
  }

  /** What two names have in common that are one to the destination. */
  String fold(String name) {
    return folds ? name.toLowerCase(Locale.ROOT) : name;
  }

  /** A key of the data; {@code _empty} when nothing of it is left. */
  String key(String raw) {
    String name = plain(raw);
    return name.isEmpty() ? "_empty" : name;
  }

  /** The same in a path of columns: dlt leaves out what is separators alone. */
  String part(String raw) {
    return compat && !Python.strip(raw).isEmpty() ? plain(raw) : key(raw);
  }

  /** The same in a path of lists: dlt leaves out blank ones, too. */
  String list(String raw) {
    return compat ? plain(raw) : key(raw);
  }

  /** The same in the path of nested hints, which to dlt is one component. */
  String hint(String raw) {
    String trimmed = Python.strip(raw);
    String one = trimmed.isEmpty() ? "" : shorten(known(trimmed), trimmed);
    return !compat ? key(raw) : one.isEmpty() ? "_empty" : one;
  }

  /** The same, however little is left of it. */
  String plain(String raw) {
    List<String> parts = new ArrayList<>();
    for (String piece : raw.split(separator, -1)) {
      String trimmed = Python.strip(piece);
      String named = trimmed.isEmpty() ? "" : shorten(known(trimmed), trimmed);
      if (!named.isEmpty()) {
        parts.add(named);
      }
    }
    return shorten(String.join(separator, parts), raw);
  }

  /** Normalized parts in one name. */
  String path(List<String> all) {
    List<String> parts = all.stream().filter(p -> !p.isEmpty()).toList();
    if (parts.isEmpty()) {
      return "_empty";
    }
    String whole = String.join(separator, parts);
    return parts.size() == 1 ? whole : shorten(whole, whole);
  }

  String path(String one, String other) {
    return path(List.of(one, other));
  }

  /** What was named before: the same keys come over and over. */
  private static final Map<String, String> KNOWN = new ConcurrentHashMap<>();

  private String known(String trimmed) {
    if (KNOWN.size() > 10_000) {
      KNOWN.clear();
    }
    return KNOWN.computeIfAbsent(convention + ' ' + trimmed, k -> name(trimmed));
  }

  private String name(String trimmed) {
    return switch (convention) {
      case "direct" -> trimmed.replaceAll("[\0\n\r'\"▶]", "_");
      case "duck_case" -> RUN.matcher(trimmed.replaceAll("[\0\n\r\"]", "_")).replaceAll("_");
      case "sql_cs_v1" -> sql(trimmed);
      case "sql_ci_v1" -> sql(trimmed).toLowerCase(Locale.ROOT);
      default -> snake(trimmed);
    };
  }

  private static String sql(String trimmed) {
    String s = OTHER.matcher(trimmed).replaceAll("_");
    s = DIGIT.matcher(s).replaceFirst("_");
    s = s.equals("_") ? s : TAIL.matcher(s).replaceFirst("");
    return RUN.matcher(s).replaceAll("_");
  }

  private static String snake(String trimmed) {
    String s = trimmed.replace('+', 'x').replace('*', 'x').replace('-', '_');
    s = s.replace('@', 'a').replace('|', 'l');
    s = OTHER.matcher(s).replaceAll("_");
    s = WORD.matcher(s).replaceAll("$1_$2");
    s = HUMP.matcher(s).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
    s = DIGIT.matcher(s).replaceFirst("_");
    s = TAIL.matcher(s).replaceFirst(m -> "x".repeat(m.group().length()));
    return RUN.matcher(s).replaceAll("_");
  }

  private String shorten(String name, String tagOf) {
    if (name.length() <= longest) {
      return name;
    }
    int[] points = name.codePoints().toArray();
    if (points.length <= longest) {
      return name;
    }
    int rest = longest - 6;
    int head = (rest + 1) / 2;
    int tail = rest / 2;
    return new String(points, 0, head)
        + tag(tagOf)
        + new String(points, points.length - tail, tail);
  }

  private static String tag(String source) {
    return Shake.base64(source, 4).replace('/', 'a').replace('+', 'b').toLowerCase(Locale.ROOT);
  }

  /** Millrace's own: the name of a key whose plain name, and so many others, belong to others. */
  String apart(String name, String place, int tries) {
    if (tries == 0) {
      return name;
    }
    String of = tries == 1 ? place : place + "#" + tries;
    String tag = Shake.id(of).substring(0, 6).replace('+', 'b').replace('/', 'a');
    return path(name, tag.toLowerCase(Locale.ROOT));
  }
}
