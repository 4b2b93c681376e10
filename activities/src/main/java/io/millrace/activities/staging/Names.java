package io.millrace.activities.staging;

import java.nio.charset.StandardCharsets;

/** File names of our own making from names that others chose. One to one, so it can be undone. */
final class Names {
  /** Room for the longest name of an asset, and below what file systems take. */
  private static final int LONGEST = 220;

  private Names() {}

  /** Letters, digits, {@code _ -} and inner dots stay, every other byte becomes {@code %XX}. */
  static String encode(String name) {
    StringBuilder out = new StringBuilder();
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      boolean inner = out.length() > 0;
      boolean plain =
          b >= 'a' && b <= 'z'
              || b >= 'A' && b <= 'Z'
              || b >= '0' && b <= '9'
              || b == '_'
              || b == '-'
              || b == '.' && inner;
      if (plain) {
        out.append((char) b);
      } else {
        out.append(String.format("%%%02X", b & 0xFF));
      }
    }
    if (name.isEmpty()) {
      return "%";
    }
    if (out.length() <= LONGEST) {
      return out.toString();
    }
    String digest = Digests.hex(Digests.sha256(name.getBytes(StandardCharsets.UTF_8)));
    return out.substring(0, LONGEST - 33) + "~" + digest.substring(0, 32);
  }

  /** The load id of a folder's name. Load ids are short and plain (protocol.md 1). */
  static String decode(String encoded) {
    if (encoded.indexOf('%') < 0) {
      return encoded;
    }
    byte[] bytes = new byte[encoded.length()];
    int n = 0;
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      boolean escape = c == '%' && i + 2 < encoded.length();
      bytes[n++] = (byte) (escape ? Integer.parseInt(encoded, i + 1, i + 3, 16) : c);
      i += escape ? 2 : 0;
    }
    return new String(bytes, 0, n, StandardCharsets.UTF_8);
  }
}
