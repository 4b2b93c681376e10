package io.millrace.source;

import io.millrace.project.Text;

/** How requests prove who we are. Holds references, never values. */
public sealed interface Auth {
  /** {@code Authorization: Bearer …}. */
  record Bearer(Text token) implements Auth {}

  /**
   * A key under a name.
   *
   * @param name header or parameter; default {@code Authorization}
   * @param location {@code header} (default), {@code query} or {@code param}, {@code cookie}
   */
  record ApiKey(Text apiKey, String name, String location) implements Auth {
    public ApiKey {
      name = name == null ? "Authorization" : name;
      location = location == null ? "header" : location;
    }
  }

  /** {@code Authorization: Basic …}. */
  record HttpBasic(Text username, Text password) implements Auth {}

  /**
   * OAuth 2 client credentials: a token is fetched before the first request, before it expires, and
   * once after a 401.
   *
   * @param accessTokenRequestData further form fields of the token request
   * @param defaultTokenExpiration seconds, when the answer names none; default 3600
   */
  record OAuth2ClientCredentials(
      Text accessTokenUrl,
      Text clientId,
      Text clientSecret,
      java.util.Map<String, Text> accessTokenRequestData,
      Integer defaultTokenExpiration)
      implements Auth {
    public OAuth2ClientCredentials {
      accessTokenRequestData =
          accessTokenRequestData == null
              ? java.util.Map.of()
              : java.util.Map.copyOf(accessTokenRequestData);
      defaultTokenExpiration = defaultTokenExpiration == null ? 3600 : defaultTokenExpiration;
    }
  }
}
