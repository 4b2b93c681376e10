package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.secret.Secrets;
import io.millrace.source.Auth;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import okhttp3.FormBody;
import okhttp3.HttpUrl;
import okhttp3.Request;

/** The configured auth with its values, at the moment of use. Never printed. */
abstract class Credentials {

  static Credentials of(Auth auth, Secrets secrets) {
    if (auth == null) {
      return new Header(null, null);
    }
    if (auth instanceof Auth.Bearer bearer) {
      return new Header("Authorization", "Bearer " + secrets.resolveSecret(bearer.token()).strip());
    }
    if (auth instanceof Auth.ApiKey key) {
      return apiKey(key, secrets.resolveSecret(key.apiKey()).strip());
    }
    if (auth instanceof Auth.HttpBasic basic) {
      String pair =
          secrets.resolve(basic.username()) + ":" + secrets.resolveSecret(basic.password());
      secrets.remember(pair);
      byte[] bytes = pair.getBytes(StandardCharsets.UTF_8);
      return new Header("Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
    }
    return new OAuth((Auth.OAuth2ClientCredentials) auth, secrets);
  }

  private static Credentials apiKey(Auth.ApiKey key, String value) {
    return switch (key.location()) {
      case "header" -> new Header(key.name(), value);
      case "cookie" -> new Header("Cookie", key.name() + "=" + value);
      case "query", "param" -> new Query(key.name(), value);
      default ->
          throw new MillraceException(
              Failure.CONFIG_INVALID,
              "Cannot use auth api_key: unknown location: "
                  + key.location()
                  + " (header, query, param or cookie)");
    };
  }

  /** The query parameter that holds the key; {@code null} for none. */
  String queryName() {
    return null;
  }

  String value() {
    return null;
  }

  abstract void apply(Request.Builder request, String token);

  private static final class Header extends Credentials {
    private final String name;
    private final String value;

    Header(String name, String value) {
      this.name = name;
      this.value = value;
    }

    @Override
    void apply(Request.Builder request, String token) {
      if (name != null) {
        request.header(name, value);
      }
    }
  }

  private static final class Query extends Credentials {
    private final String name;
    private final String value;

    Query(String name, String value) {
      this.name = name;
      this.value = value;
    }

    @Override
    String queryName() {
      return name;
    }

    @Override
    String value() {
      return value;
    }

    @Override
    void apply(Request.Builder request, String token) {}
  }

  /** What is needed to ask for a token. */
  static final class OAuth extends Credentials {
    final HttpUrl url;
    final String clientId;
    final Map<String, String> form = new LinkedHashMap<>();
    final int defaultSeconds;

    OAuth(Auth.OAuth2ClientCredentials auth, Secrets secrets) {
      String address = secrets.resolve(auth.accessTokenUrl());
      this.url = HttpUrl.parse(address);
      if (url == null) {
        throw new MillraceException(
            Failure.CONFIG_INVALID,
            "Cannot get a token: `access_token_url` is not an http or https address: "
                + secrets.mask(address));
      }
      this.clientId = secrets.resolve(auth.clientId());
      form.put("grant_type", "client_credentials");
      form.put("client_id", clientId);
      form.put("client_secret", secrets.resolveSecret(auth.clientSecret()));
      auth.accessTokenRequestData()
          .forEach((name, value) -> form.put(name, secrets.resolve(value)));
      this.defaultSeconds = auth.defaultTokenExpiration();
    }

    Request tokenRequest() {
      FormBody.Builder body = new FormBody.Builder();
      form.forEach(body::add);
      return new Request.Builder()
          .url(url)
          .header("Accept", "application/json")
          .header("User-Agent", "millrace")
          .post(body.build())
          .build();
    }

    @Override
    void apply(Request.Builder request, String token) {
      request.header("Authorization", "Bearer " + token);
    }
  }
}
