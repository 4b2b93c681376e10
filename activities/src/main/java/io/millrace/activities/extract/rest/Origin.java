package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;

/**
 * The guard in front of every address that a server names: the origin is fixed by the
 * configuration, and another one is refused before anything is connected, or visited without
 * anything of ours when the configuration allows its host.
 *
 * @param allowHosts {@code host} or {@code host:port}
 */
record Origin(String scheme, String host, int port, List<String> allowHosts) {

  private static final Pattern ADDRESS = Pattern.compile("(?i)(https?://[^/?#{}]+)([/?#].*)?");

  static Origin of(HttpUrl url, List<String> allowHosts) {
    return new Origin(
        url.scheme(), url.host(), url.port(), allowHosts.stream().map(Origin::canonical).toList());
  }

  /**
   * What the configuration says, and nothing that a record, a cursor or a server filled in: the
   * origin of the path when it is an address up to its first slash, else that of the base.
   *
   * @param base resolved; {@code null} as an answer when it is no address
   * @param path resolved, its placeholders not filled in
   */
  static Origin configured(String base, String path, List<String> allowHosts) {
    Matcher address = ADDRESS.matcher(path);
    HttpUrl url = HttpUrl.parse(address.matches() ? address.group(1) : base);
    return url == null ? null : of(url, allowHosts);
  }

  /** A host as {@link HttpUrl} writes it: small letters, punycode, numbers of IP addresses. */
  private static String canonical(String allowed) {
    HttpUrl url = HttpUrl.parse("http://" + allowed + "/");
    if (url == null || !url.username().isEmpty() || !url.encodedPath().equals("/")) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot read `allow_hosts`: it is not a host, or a host and a port: " + allowed);
    }
    return allowed.matches(".*:\\d+") ? hostAndPort(url) : url.host();
  }

  /**
   * Whether the address is at home, so that our credentials may go there; {@code false} for an
   * allowed foreign host.
   *
   * @param what names the address in the message: the next link, the redirect
   */
  boolean atHome(HttpUrl url, String what) {
    if (!url.username().isEmpty() || !url.password().isEmpty()) {
      throw refused(what, url, "it carries a user or a password");
    }
    if (same(url)) {
      return true;
    }
    if (scheme.equals("https") && !url.isHttps()) {
      throw refused(what, url, "https may not become http");
    }
    boolean allowed =
        allowHosts.stream().anyMatch(h -> h.equals(url.host()) || h.equals(hostAndPort(url)));
    if (!allowed) {
      throw refused(what, url, "it leads to another origin than " + this);
    }
    return false;
  }

  boolean same(HttpUrl url) {
    return url.scheme().equals(scheme) && url.host().equals(host) && url.port() == port;
  }

  private static MillraceException refused(String what, HttpUrl url, String why) {
    return new MillraceException(
        Failure.POLICY_REFUSED,
        "Cannot follow "
            + what
            + ": "
            + why
            + ": "
            + url.scheme()
            + "://"
            + hostAndPort(url)
            + " (add `"
            + url.host()
            + "` to the client's `allow_hosts` if it may be read, without our credentials)");
  }

  private static String hostAndPort(HttpUrl url) {
    return (url.host().contains(":") ? "[" + url.host() + "]" : url.host()) + ":" + url.port();
  }

  @Override
  public String toString() {
    return scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
