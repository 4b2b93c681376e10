package io.millrace.activities.secret;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One form of a secret value, found also where its special characters were encoded for a URL, for
 * JSON or for HTML, how often and in which order ever.
 *
 * @param anchor a part without special characters, which is looked for first: most texts hold none
 */
record MaskedForm(int length, String anchor, Pattern pattern) {
  /** Shorter values are found by chance in harmless text. */
  static final int SHORTEST = 6;

  /** Shorter lines of a value say nothing by themselves. */
  private static final int LINE = 16;

  private static final String PERCENT = "%(?:25)*";
  private static final String BACKSLASH = "(?:\\\\|" + PERCENT + "5[Cc])";

  /**
   * Backslashes that escape what follows: each level of JSON doubles them. Never given back, or a
   * text of backslashes would take its time, and the stack.
   */
  private static final String ESCAPES = BACKSLASH + "{0,64}+";

  /** The value itself, its lines, and what it looks like inside of base64. */
  static List<MaskedForm> of(String value) {
    Set<String> texts = new LinkedHashSet<>();
    texts.add(value);
    texts.add(value.strip());
    String url = URLEncoder.encode(value, StandardCharsets.UTF_8);
    for (String inside : new LinkedHashSet<>(List.of(value, url, url.replace("+", "%20")))) {
      addBase64(texts, inside.getBytes(StandardCharsets.UTF_8));
    }
    if (value.indexOf('\n') >= 0) {
      addLines(texts, value);
    }
    return texts.stream()
        .filter(text -> text.length() >= SHORTEST)
        .map(text -> new MaskedForm(text.length(), anchor(text), pattern(text)))
        .toList();
  }

  String replaced(String text) {
    return text.contains(anchor) ? pattern.matcher(text).replaceAll("***") : text;
  }

  @Override
  public String toString() {
    return "MaskedForm";
  }

  /** Whole, and inside of something longer: a user and a password, a JSON text. */
  private static void addBase64(Set<String> texts, byte[] bytes) {
    for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
      texts.add(encoder.encodeToString(bytes));
      for (int before = 0; before <= 2; before++) {
        byte[] shifted = new byte[bytes.length + before];
        System.arraycopy(bytes, 0, shifted, before, bytes.length);
        String text = encoder.withoutPadding().encodeToString(shifted);
        // the first and the last characters depend on what is around
        texts.add(
            text.substring(
                before == 0 ? 0 : before + 1, text.length() - (shifted.length % 3 == 0 ? 0 : 1)));
      }
    }
  }

  /** A key in PEM is known by any of its lines, and without its line breaks. */
  private static void addLines(Set<String> texts, String value) {
    texts.add(value.replaceAll("\\s+", ""));
    for (String line : value.split("\\s*\n")) {
      if (line.length() >= LINE && !line.startsWith("-----")) {
        texts.add(line);
      }
    }
  }

  private static String anchor(String text) {
    String longest = "";
    for (String part : text.split("[^A-Za-z0-9]+")) {
      longest = part.length() > longest.length() ? part : longest;
    }
    return longest;
  }

  private static Pattern pattern(String text) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int from = i;
      i += Character.charCount(c);
      if (c == '\\') {
        while (i < text.length() && text.charAt(i) == '\\') {
          i++;
        }
        backslashes(regex, i - from);
      } else if (c < 128 && Character.isLetterOrDigit(c)) {
        regex.appendCodePoint(c);
      } else {
        special(regex, c);
      }
    }
    return Pattern.compile(regex.toString());
  }

  /** So many of them, or more: how many are one only the writer of the text knows. */
  private static void backslashes(StringBuilder regex, int many) {
    regex.append(BACKSLASH).append("{1,").append(64L * many).append("}+");
    regex.append("(?:(?i:u005c)").append(ESCAPES).append("){0,").append(many).append('}');
  }

  private static void special(StringBuilder regex, int c) {
    String plain = Character.toString(c);
    StringBuilder percent = new StringBuilder("(?i:");
    for (byte one : plain.getBytes(StandardCharsets.UTF_8)) {
      percent.append(PERCENT).append(String.format(Locale.ROOT, "%02X", one & 0xFF));
    }
    // an encoded backslash begins with a % itself
    regex.append(c == '%' ? BACKSLASH + "{0,8}" : ESCAPES).append("(?:");
    regex.append(Pattern.quote(plain)).append('|');
    regex.append(percent).append(')');
    for (char half : plain.toCharArray()) {
      regex.append(half == plain.charAt(0) ? "|" : BACKSLASH + "{1,64}+");
      regex.append("(?i:u").append(String.format(Locale.ROOT, "%04x", (int) half)).append(')');
    }
    regex.append(named(c)).append(')');
  }

  private static String named(int c) {
    return switch (c) {
      case ' ' -> "|\\+|(?i:" + PERCENT + "2B)";
      case '\n' -> "|\r\n|n|r" + BACKSLASH + "{1,64}+n";
      case '\r' -> "|r";
      case '\t' -> "|t";
      case '&' -> "|&amp;|&#38;";
      case '<' -> "|&lt;|&#60;";
      case '>' -> "|&gt;|&#62;";
      case '"' -> "|&quot;|&#34;";
      case '\'' -> "|&apos;|&#39;";
      default -> "";
    };
  }
}
