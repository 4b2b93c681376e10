package io.millrace.activities.normalize.value;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/**
 * Turns names of the data into names of the destination, as dlt's naming conventions do. Immutable,
 * thread-safe. Names are looked up, not computed, in the row loop: the caller remembers them.
 */
public final class Naming {
  private static final int TAG_BYTES = 4;
  private static final int TAG_LENGTH = 6;

  private final Convention convention;
  private final int maxLength;
  private final boolean breakPath;

  private Naming(Convention convention, int maxLength, boolean breakPath) {
    this.convention = convention;
    this.maxLength = maxLength;
    this.breakPath = breakPath;
  }

  /**
   * The rules of that name.
   *
   * @param convention snake_case, direct, duck_case, sql_ci_v1 or sql_cs_v1
   * @param maxLength code points, at least 6 (the length of the tag in a shortened name)
   * @param breakPath whether the separator inside a raw name separates (dlt's default)
   */
  public static Naming of(String convention, int maxLength, boolean breakPath) {
    if (maxLength < TAG_LENGTH) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot shorten names: the longest name is too short: "
              + maxLength
              + " (allow at least "
              + TAG_LENGTH
              + " characters)");
    }
    for (Convention c : Convention.values()) {
      if (c.name().toLowerCase(Locale.ROOT).equals(convention)) {
        return new Naming(c, maxLength, breakPath);
      }
    }
    throw new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot normalize names: no such naming convention: "
            + convention
            + " (use snake_case, direct, duck_case, sql_ci_v1 or sql_cs_v1)");
  }

  /** What a record's key becomes; {@code ""} when nothing of it is left (the caller decides). */
  public String key(String rawKey) {
    if (!breakPath) {
      return identifier(rawKey);
    }
    String separator = separator();
    if (!rawKey.contains(separator)) {
      String one = identifier(rawKey);
      return shorten(one, rawKey);
    }
    StringBuilder path = new StringBuilder();
    int from = 0;
    while (from <= rawKey.length()) {
      int to = rawKey.indexOf(separator, from);
      to = to < 0 ? rawKey.length() : to;
      String piece = identifier(rawKey.substring(from, to));
      if (!piece.isEmpty()) {
        path.append(path.length() == 0 ? "" : separator).append(piece);
      }
      from = to + separator.length();
    }
    return shorten(path.toString(), rawKey);
  }

  /** What a table's name becomes; {@code ""} when nothing of it is left. */
  public String table(String raw) {
    return key(raw);
  }

  /** A key in which separators do not separate; {@code ""} for nothing but whitespace. */
  public String component(String rawKey) {
    return identifier(rawKey);
  }

  /** Two normalized parts in one name, shortened; an empty one is left out. */
  public String join(String a, String b) {
    String path = path(a, b);
    return shorten(path, path);
  }

  /** Two normalized parts in one name of any length; an empty one is left out. */
  public String path(String a, String b) {
    return a.isEmpty() ? b : b.isEmpty() ? a : a + separator() + b;
  }

  /** Whether the key is nothing but whitespace. */
  public static boolean blank(String rawKey) {
    return PyText.strip(rawKey).isEmpty();
  }

  /** What stands between the parts of a path. */
  public String separator() {
    return convention == Convention.DIRECT ? "▶" : "__";
  }

  /** Whether names that differ only in case are different names. */
  public boolean caseSensitive() {
    return switch (convention) {
      case SNAKE_CASE, SQL_CI_V1 -> false;
      case SQL_CS_V1, DUCK_CASE, DIRECT -> true;
    };
  }

  /** One component of a name; {@code ""} for nothing but whitespace. */
  private String identifier(String raw) {
    String trimmed = PyText.strip(raw);
    return trimmed.isEmpty() ? "" : shorten(convention.apply(trimmed), trimmed);
  }

  /** Keeps both ends of a name that is too long and puts a tag of {@code tagSource} between. */
  private String shorten(String name, String tagSource) {
    if (name.length() <= maxLength || name.codePointCount(0, name.length()) <= maxLength) {
      return name;
    }
    int rest = maxLength - TAG_LENGTH;
    int head = name.offsetByCodePoints(0, rest - rest / 2);
    int tail = name.offsetByCodePoints(name.length(), -(rest / 2));
    return name.substring(0, head) + tag(tagSource) + name.substring(tail);
  }

  /** Six characters that a name keeps of what was cut out of it. */
  static String tag(String source) {
    byte[] in = source.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[TAG_BYTES];
    Shake128.digest(in, 0, in.length, out, 0, out.length);
    return Base64.getEncoder()
        .withoutPadding()
        .encodeToString(out)
        .replace('/', 'a')
        .replace('+', 'b')
        .toLowerCase(Locale.ROOT);
  }

  private enum Convention {
    SNAKE_CASE {
      @Override
      String apply(String trimmed) {
        StringBuilder mapped = new StringBuilder(trimmed.length());
        for (int i = 0; i < trimmed.length(); i++) {
          char c = trimmed.charAt(i);
          int at = "+*-@|".indexOf(c);
          mapped.append(at < 0 ? c : "xx_al".charAt(at));
        }
        String broken = camelB(camelA(reduce(mapped))).toString().toLowerCase(Locale.ROOT);
        StringBuilder name = leadingDigit(broken);
        int end = name.length();
        while (end > 0 && name.charAt(end - 1) == '_') {
          end--;
          name.setCharAt(end, 'x');
        }
        return collapse(name);
      }
    },
    DIRECT {
      @Override
      String apply(String trimmed) {
        return replace(trimmed, "\0\n\r'\"▶").toString();
      }
    },
    DUCK_CASE {
      @Override
      String apply(String trimmed) {
        return collapse(replace(trimmed, "\0\n\r\""));
      }
    },
    SQL_CI_V1 {
      @Override
      String apply(String trimmed) {
        return SQL_CS_V1.apply(trimmed).toLowerCase(Locale.ROOT);
      }
    },
    SQL_CS_V1 {
      @Override
      String apply(String trimmed) {
        StringBuilder name = leadingDigit(reduce(trimmed));
        if (name.length() > 1 || name.charAt(0) != '_') {
          int end = name.length();
          while (end > 0 && name.charAt(end - 1) == '_') {
            end--;
          }
          name.setLength(end);
        }
        return collapse(name);
      }
    };

    /** The name of a trimmed, not empty component. */
    abstract String apply(String trimmed);

    /** Every run of characters that no identifier has becomes one underscore. */
    private static StringBuilder reduce(CharSequence in) {
      StringBuilder out = new StringBuilder(in.length());
      boolean inRun = false;
      for (int i = 0; i < in.length(); ) {
        int c = Character.codePointAt(in, i);
        i += Character.charCount(c);
        boolean keep =
            c == '_'
                || lower(c)
                || upper(c)
                || Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER;
        if (keep) {
          out.appendCodePoint(c);
        } else if (!inRun) {
          out.append('_');
        }
        inRun = !keep;
      }
      return out;
    }

    /** {@code xAbc} becomes {@code x_Abc}; what one break has used cannot begin the next. */
    private static StringBuilder camelA(StringBuilder in) {
      StringBuilder out = new StringBuilder(in.length() + 8);
      int i = 0;
      while (i < in.length()) {
        int c = in.codePointAt(i);
        int word = i + Character.charCount(c);
        out.appendCodePoint(c);
        i = word;
        if (c != '_'
            && word + 1 < in.length()
            && upper(in.charAt(word))
            && lower(in.charAt(word + 1))) {
          out.append('_').append(in.charAt(word));
          i = word + 1;
          while (i < in.length() && lower(in.charAt(i))) {
            out.append(in.charAt(i++));
          }
        }
      }
      return out;
    }

    /** {@code aB} and {@code 1B} become {@code a_B} and {@code 1_B}. */
    private static StringBuilder camelB(StringBuilder in) {
      StringBuilder out = new StringBuilder(in.length() + 8);
      for (int i = 0; i < in.length(); i++) {
        char c = in.charAt(i);
        if (i > 0 && upper(c)) {
          char before = in.charAt(i - 1);
          if (lower(before) || before >= '0' && before <= '9') {
            out.append('_');
          }
        }
        out.append(c);
      }
      return out;
    }

    private static StringBuilder leadingDigit(CharSequence in) {
      boolean digit =
          in.length() > 0
              && Character.getType(Character.codePointAt(in, 0)) == Character.DECIMAL_DIGIT_NUMBER;
      return new StringBuilder(in.length() + 1).append(digit ? "_" : "").append(in);
    }

    private static String collapse(CharSequence in) {
      StringBuilder out = new StringBuilder(in.length());
      for (int i = 0; i < in.length(); i++) {
        if (in.charAt(i) != '_' || i == 0 || in.charAt(i - 1) != '_') {
          out.append(in.charAt(i));
        }
      }
      return out.toString();
    }

    /** Forbidden beyond what dlt replaces is NUL, which no database takes in a name. */
    private static StringBuilder replace(String in, String forbidden) {
      StringBuilder out = new StringBuilder(in);
      for (int i = 0; i < out.length(); i++) {
        if (forbidden.indexOf(out.charAt(i)) >= 0) {
          out.setCharAt(i, '_');
        }
      }
      return out;
    }

    private static boolean upper(int c) {
      return c >= 'A' && c <= 'Z';
    }

    private static boolean lower(int c) {
      return c >= 'a' && c <= 'z';
    }
  }
}
