package io.millrace.source;

import io.millrace.project.Text;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How requests prove who we are. Holds references, never values. */
public sealed interface Auth {
  /** {@code Authorization: Bearer …}. */
  record Bearer(Text token) implements Auth {}

  /**
   * A key under a name.
   *
   * @param name header, parameter or cookie; default {@code Authorization}
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

  /** {@code Authorization: Digest …}, after the server's first challenge. */
  record HttpDigest(Text username, Text password) implements Auth {}

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
      Map<String, Text> accessTokenRequestData,
      Integer defaultTokenExpiration)
      implements Auth {
    public OAuth2ClientCredentials {
      accessTokenRequestData = copy(accessTokenRequestData);
      defaultTokenExpiration = defaultTokenExpiration == null ? 3600 : defaultTokenExpiration;
    }
  }

  /**
   * OAuth 2 refresh token. A newer one that the server gives is used while the process lives, and
   * after it when there is a file for it.
   *
   * @param refreshTokenFile keeps the newest refresh token; {@code null} for none
   * @param clientId {@code null} when the server wants none
   * @param clientSecret {@code null} for a public client
   * @param accessTokenRequestData further form fields of the token request
   * @param defaultTokenExpiration seconds, when the answer names none; default 3600
   */
  record OAuth2RefreshToken(
      Text accessTokenUrl,
      Text refreshToken,
      Text refreshTokenFile,
      Text clientId,
      Text clientSecret,
      Map<String, Text> accessTokenRequestData,
      Integer defaultTokenExpiration)
      implements Auth {
    public OAuth2RefreshToken {
      accessTokenRequestData = copy(accessTokenRequestData);
      defaultTokenExpiration = defaultTokenExpiration == null ? 3600 : defaultTokenExpiration;
    }
  }

  /**
   * OAuth 2 JWT bearer grant, signed with RS256: dlt's {@code OAuthJWTAuth}, and what service
   * accounts use.
   *
   * @param authEndpoint where tokens come from
   * @param clientId the issuer, for example the e-mail address of a service account
   * @param privateKey PEM
   * @param privateKeyPassphrase {@code null} for a key that is not encrypted
   * @param headers of the token request
   * @param subject default is the client id
   * @param audience default is the auth endpoint
   * @param keyId {@code kid} of the JWT's header; {@code null} for none
   * @param defaultTokenExpiration seconds, when the answer names none; default 3600
   */
  record OAuth2JwtBearer(
      Text authEndpoint,
      Text clientId,
      Text privateKey,
      Text privateKeyPassphrase,
      List<String> scopes,
      Map<String, Text> headers,
      Text subject,
      Text audience,
      String keyId,
      Integer defaultTokenExpiration)
      implements Auth {
    public OAuth2JwtBearer {
      scopes = scopes == null ? List.of() : List.copyOf(scopes);
      headers = copy(headers);
      defaultTokenExpiration = defaultTokenExpiration == null ? 3600 : defaultTokenExpiration;
    }
  }

  /**
   * AWS Signature Version 4 over each request.
   *
   * @param sessionToken of temporary credentials; {@code null} for none
   * @param service as AWS names it for signing, for example {@code execute-api}
   */
  record AwsSigv4(
      Text accessKeyId, Text secretAccessKey, Text sessionToken, Text region, Text service)
      implements Auth {}

  /**
   * A type that a plugin brings.
   *
   * @param options the keys beside {@code type}, as written
   * @see io.millrace.plugin.AuthPlugin
   */
  record Custom(String type, Map<String, Text> options) implements Auth {
    public Custom {
      options = copy(options);
    }
  }

  private static Map<String, Text> copy(Map<String, Text> map) {
    return map == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
