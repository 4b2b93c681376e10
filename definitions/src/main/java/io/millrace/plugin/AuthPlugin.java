package io.millrace.plugin;

import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * An auth of your own: {@code auth: {type: <name>, …}} of a client or an endpoint picks it. Named
 * in {@code META-INF/services/io.millrace.plugin.AuthPlugin}, made with a constructor without
 * arguments, used by many threads.
 *
 * <p>Whoever checks a configuration needs the plugin too: a type that no jar on the class path
 * brings is an unknown type. Plugins are trusted like the configuration is.
 */
public interface AuthPlugin {
  /** The {@code type} that picks this plugin, for example {@code acme_hmac}. */
  String type();

  /**
   * What signs the requests of one fetch; at most one thread uses it. What it throws ends the
   * fetch; {@link IllegalArgumentException} says that the configuration is wrong.
   *
   * @param options the keys beside {@code type}, with {@code ${env:…}} and {@code ${file:…}}
   *     replaced; these values are masked wherever text leaves the process
   */
  Signer signer(Map<String, String> options);

  /** Signs one request after the other. */
  interface Signer {
    /** Adds to a request what proves who we are. Only called for requests to our own origin. */
    void sign(Outgoing request);

    /**
     * Whether trying once more may help after a 401, for example because a session is over: then
     * {@link #sign} is called again. Asked once per page.
     *
     * @param headers of the answer, names in lower case
     */
    default boolean renew(Map<String, List<String>> headers) {
      return false;
    }
  }

  /** A request before it goes out. */
  interface Outgoing {
    String method();

    /** Whole, with its query. */
    URI uri();

    /** Empty for none. */
    byte[] body();

    /** Sets a header, in place of one of the same name. */
    void header(String name, String value);

    /** Sets a query parameter, in place of those of the same name. */
    void param(String name, String value);

    /** Masks a value from now on that did not come from the options, for example a session's. */
    void secret(String value);
  }
}
