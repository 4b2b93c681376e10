package io.millrace.worker.init;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.extract.Told;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The address of a list, taken apart.
 *
 * @param base up to the last slash of the path, with it
 * @param path behind it
 * @param params in their order, decoded; those that carry a secret have no value here
 */
record Address(String base, String host, String path, Map<String, String> params) {
  private static final Set<String> PAGES =
      Set.of("page", "pagenumber", "pageno", "pagenum", "currentpage", "p");
  private static final Set<String> OFFSETS = Set.of("offset", "skip", "startindex", "startat");
  private static final Set<String> SIZES =
      Set.of("limit", "perpage", "pagesize", "size", "count", "maxresults", "rows", "take", "top");
  private static final Set<String> CURSORS =
      Set.of("cursor", "pagetoken", "nexttoken", "continuationtoken", "startingafter", "after");
  private static final Pattern SECRET =
      Pattern.compile("(?i).*(token|secret|passw|api_?-?key|auth|signature|credential).*|key|sig");

  /**
   * @throws MillraceException {@code CONFIG_INVALID} when it is no address of a list
   */
  static Address of(String url) {
    URI uri;
    try {
      uri = new URI(url.strip());
    } catch (URISyntaxException e) {
      throw refused("it is not an address", "check it for blanks and braces", null);
    }
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.matches("https?") || uri.getHost() == null) {
      throw refused("it is not an http or https address", "write https://host/path", url);
    }
    if (uri.getRawUserInfo() != null) {
      throw refused("it carries a user or a password", "leave it out and say --auth basic", null);
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    String trimmed = path.replaceAll("/+$", "");
    if (trimmed.isEmpty()) {
      throw refused("it names no list", "for example https://api.example.com/v1/orders", url);
    }
    int slash = trimmed.lastIndexOf('/');
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return new Address(
        scheme + "://" + uri.getHost() + port + path.substring(0, slash + 1),
        uri.getHost(),
        path.substring(slash + 1),
        params(uri.getRawQuery()));
  }

  private static Map<String, String> params(String query) {
    Map<String, String> params = new LinkedHashMap<>();
    for (String pair : query == null ? new String[0] : query.split("&")) {
      String[] parts = pair.split("=", 2);
      String name = decoded(parts[0]);
      String value = parts.length == 1 ? "" : decoded(parts[1]);
      if (pair.contains("$") && (name + value).contains("${")) {
        throw refused("a parameter of it would be a reference", "leave ${ out", null);
      }
      if (!name.isEmpty()) {
        params.put(name, SECRET.matcher(name).matches() && !cursor(name) ? null : value);
      }
    }
    return params;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw refused("a % in it stands for nothing", "write %25", null);
    }
  }

  private static MillraceException refused(String why, String remedy, String url) {
    return new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot use --url: "
            + why
            + (url == null ? "" : ": " + Yaml.comment(url))
            + " ("
            + remedy
            + ")");
  }

  /** The parameter that counts pages. */
  Optional<String> page() {
    return named(PAGES);
  }

  Optional<String> offset() {
    return named(OFFSETS).or(() -> Optional.of("start").filter(this::begins));
  }

  /** Whether it is an offset of 0: any other start may be a date. */
  private boolean begins(String name) {
    return "0".equals(params.get("start")) && name.equals("start");
  }

  Optional<String> size() {
    return named(SIZES);
  }

  /** Whether a parameter says where to go on, and so is none of the list. */
  boolean position(String name) {
    String plain = Told.plain(name);
    return PAGES.contains(plain) || OFFSETS.contains(plain) || begins(name) || cursor(name);
  }

  private static boolean cursor(String name) {
    return CURSORS.contains(Told.plain(name));
  }

  private Optional<String> named(Set<String> names) {
    return params.keySet().stream().filter(name -> names.contains(Told.plain(name))).findFirst();
  }

  static boolean countsPages(String name) {
    return PAGES.contains(Told.plain(name));
  }

  static boolean countsRecords(String name) {
    return OFFSETS.contains(Told.plain(name));
  }

  static boolean sizes(String name) {
    return SIZES.contains(Told.plain(name));
  }
}
