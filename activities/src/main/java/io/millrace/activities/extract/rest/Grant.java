package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.secret.Secrets;
import io.millrace.project.Text;
import io.millrace.source.Auth;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okhttp3.FormBody;
import okhttp3.HttpUrl;
import okhttp3.Request;

/**
 * One of OAuth 2's ways of asking for an access token, with its values. Immutable. Holds secrets,
 * so it is never printed.
 */
final class Grant {
  /** The same for everybody who may share a token. */
  final List<Object> key;

  final HttpUrl url;
  final int defaultSeconds;

  /** What to check when the server refuses. */
  final String remedy;

  /** Where the newest refresh token outlives the process; {@code null} for nowhere. */
  final KeptToken kept;

  private final Map<String, String> headers = new LinkedHashMap<>();
  private final Form form;

  /** The fields of a token request. */
  private interface Form {
    /**
     * @param newer the refresh token that the server gave last; {@code null} for none
     */
    Map<String, String> fields(String newer, Instant now);
  }

  private Grant(
      List<Object> key, HttpUrl url, int defaultSeconds, String remedy, KeptToken kept, Form form) {
    this.key = key;
    this.url = url;
    this.defaultSeconds = defaultSeconds;
    this.remedy = remedy;
    this.kept = kept;
    this.form = form;
  }

  static Grant of(Auth auth, Secrets secrets) {
    if (auth instanceof Auth.OAuth2RefreshToken refresh) {
      return refreshToken(refresh, secrets);
    }
    if (auth instanceof Auth.OAuth2JwtBearer jwt) {
      return jwtBearer(jwt, secrets);
    }
    return clientCredentials((Auth.OAuth2ClientCredentials) auth, secrets);
  }

  /**
   * @param newer the refresh token that the server gave last; {@code null} for none
   */
  Request request(String newer, Instant now) {
    FormBody.Builder body = new FormBody.Builder();
    form.fields(newer, now).forEach(body::add);
    Request.Builder request =
        new Request.Builder()
            .url(url)
            .header("Accept", "application/json")
            .header("User-Agent", "millrace");
    headers.forEach(request::header);
    return request.post(body.build()).build();
  }

  private static Grant clientCredentials(Auth.OAuth2ClientCredentials auth, Secrets secrets) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "client_credentials");
    form.put("client_id", secrets.resolve(auth.clientId()));
    form.put("client_secret", secrets.resolveSecret(auth.clientSecret()));
    form.putAll(resolved(auth.accessTokenRequestData(), secrets));
    HttpUrl url = address("access_token_url", auth.accessTokenUrl(), secrets);
    return new Grant(
        List.of(url, Map.copyOf(form)),
        url,
        auth.defaultTokenExpiration(),
        "check `client_id`, `client_secret` and `access_token_url`",
        null,
        (newer, now) -> form);
  }

  private static Grant refreshToken(Auth.OAuth2RefreshToken auth, Secrets secrets) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "refresh_token");
    String first = secrets.resolveSecret(auth.refreshToken()).strip();
    form.put("refresh_token", first);
    if (auth.clientId() != null) {
      form.put("client_id", secrets.resolve(auth.clientId()));
    }
    if (auth.clientSecret() != null) {
      form.put("client_secret", secrets.resolveSecret(auth.clientSecret()));
    }
    form.putAll(resolved(auth.accessTokenRequestData(), secrets));
    HttpUrl url = address("access_token_url", auth.accessTokenUrl(), secrets);
    KeptToken kept =
        auth.refreshTokenFile() == null
            ? null
            : new KeptToken(secrets.path(auth.refreshTokenFile()), first);
    return new Grant(
        List.of(url, Map.copyOf(form)),
        url,
        auth.defaultTokenExpiration(),
        "check `access_token_url` and `client_id`; when the refresh token was used up, get a new"
            + " one"
            + (kept == null
                ? ", and where the server gives a new one each time let a `refresh_token_file` keep"
                    + " it"
                : " and set `refresh_token`"),
        kept,
        (newer, now) -> {
          Map<String, String> fields = new LinkedHashMap<>(form);
          if (newer != null) {
            fields.put("refresh_token", newer);
          }
          return fields;
        });
  }

  private static Grant jwtBearer(Auth.OAuth2JwtBearer auth, Secrets secrets) {
    HttpUrl url = address("auth_endpoint", auth.authEndpoint(), secrets);
    Map<String, String> headers = resolved(auth.headers(), secrets);
    Assertion assertion = Assertion.of(auth, secrets);
    Grant grant =
        new Grant(
            List.of(url, assertion.key(), headers),
            url,
            auth.defaultTokenExpiration(),
            "check `client_id`, `private_key`, `scopes`, `audience` and `auth_endpoint`",
            null,
            (newer, now) -> {
              String jwt = assertion.signed(now);
              secrets.remember(jwt);
              return Map.of(
                  "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion", jwt);
            });
    grant.headers.putAll(headers);
    return grant;
  }

  /** A literal is no secret unless its name says so. */
  private static Map<String, String> resolved(Map<String, Text> values, Secrets secrets) {
    Map<String, String> resolved = new LinkedHashMap<>();
    values.forEach(
        (name, text) -> {
          boolean secret = text.hasReferences() || RequestPlan.sensitive(name);
          resolved.put(name, secret ? secrets.resolveSecret(text) : secrets.resolve(text));
        });
    return resolved;
  }

  private static HttpUrl address(String key, Text text, Secrets secrets) {
    String address = secrets.resolve(text).strip();
    HttpUrl url = HttpUrl.parse(address);
    if (url == null) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot get a token: `"
              + key
              + "` is not an http or https address: "
              + RequestPlan.cut(secrets.mask(address)));
    }
    return url;
  }
}
