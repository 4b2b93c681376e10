package io.millrace.project;

import io.millrace.plugin.Plugins;
import io.millrace.project.shape.Keys;
import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Variants;
import io.millrace.source.Auth;

/** The keys of {@code auth}, and the types that plugins bring. */
final class AuthKeys {
  private static final String TOKEN_URL = "Where tokens come from.";
  private static final String FORM = "Further form fields of the token request.";
  private static final String EXPIRATION = "Seconds, when the answer names none.";
  private static final String FETCHED = "take it out; a token is fetched";
  private static final String SESSION = "take it out; use timeout and retry of the client";

  static final Shape<Auth> AUTH = auth();

  private AuthKeys() {}

  private static Shape<Auth> auth() {
    Variants<Auth> auth =
        new Variants<Auth>("auth", "bearer", true)
            .with("bearer", bearer())
            .with("api_key", apiKey())
            .with("http_basic", basic())
            .with("http_digest", digest())
            .with("oauth2_client_credentials", clientCredentials())
            .with("oauth2_refresh_token", refreshToken())
            .with("oauth2_jwt_bearer", jwtBearer())
            .with("aws_sigv4", sigv4());
    for (String type : Plugins.ofAuth().keySet()) {
      auth.plugin(
          type, Shapes.mapOf(Shapes.SENSITIVE).as(options -> new Auth.Custom(type, options)));
    }
    return auth;
  }

  private static Keys<Auth.Bearer> bearer() {
    return Keys.of(
        "auth bearer",
        "`Authorization: Bearer …`; the type when none is said.",
        k -> {
          var token = k.required("token", Shapes.SECRET, "The token.");
          return v -> new Auth.Bearer(v.get(token));
        });
  }

  private static Keys<Auth.ApiKey> apiKey() {
    return Keys.of(
        "auth api_key",
        "A key under a name.",
        k -> {
          var apiKey = k.required("api_key", Shapes.SECRET, "The key.");
          var name =
              k.key("name", Shapes.TEXT, "Authorization", "Name of header, parameter or cookie.");
          var location =
              k.key(
                  "location",
                  Shapes.words("header", "query", "param", "cookie"),
                  "header",
                  "Where it goes; `param` is `query`.");
          return v -> new Auth.ApiKey(v.get(apiKey), v.get(name), v.get(location));
        });
  }

  private static Keys<Auth.HttpBasic> basic() {
    return Keys.of(
        "auth http_basic",
        "`Authorization: Basic …`.",
        k -> {
          var username = k.required("username", Shapes.VALUE, "The name.");
          var password = k.required("password", Shapes.SECRET, "The password.");
          return v -> new Auth.HttpBasic(v.get(username), v.get(password));
        });
  }

  private static Keys<Auth.HttpDigest> digest() {
    return Keys.of(
        "auth http_digest",
        "`Authorization: Digest …`, after a challenge of the server.",
        k -> {
          var username = k.required("username", Shapes.VALUE, "The name.");
          var password = k.required("password", Shapes.SECRET, "The password.");
          return v -> new Auth.HttpDigest(v.get(username), v.get(password));
        });
  }

  private static Keys<Auth.OAuth2ClientCredentials> clientCredentials() {
    return Keys.of(
        "auth oauth2_client_credentials",
        "OAuth 2 client credentials: a token is fetched and renewed.",
        k -> {
          var url = k.required("access_token_url", Shapes.VALUE, TOKEN_URL);
          var id = k.required("client_id", Shapes.VALUE, "The client's id.");
          var secret = k.required("client_secret", Shapes.SECRET, "The client's secret.");
          var data = k.key("access_token_request_data", Shapes.mapOf(Shapes.SENSITIVE), FORM);
          var expiration = k.key("default_token_expiration", Shapes.count(1), "3600", EXPIRATION);
          k.later("access_token", FETCHED);
          k.later("session", SESSION);
          return v ->
              new Auth.OAuth2ClientCredentials(
                  v.get(url), v.get(id), v.get(secret), v.get(data), v.get(expiration));
        });
  }

  private static Keys<Auth.OAuth2RefreshToken> refreshToken() {
    return Keys.of(
        "auth oauth2_refresh_token",
        "OAuth 2 refresh token: an access token is fetched and renewed with it.",
        k -> {
          var url = k.required("access_token_url", Shapes.VALUE, TOKEN_URL);
          var token =
              k.required(
                  "refresh_token",
                  Shapes.SECRET,
                  "The refresh token. A newer one that the server gives is used while the process"
                      + " lives; without `refresh_token_file` nothing writes it down.");
          var file =
              k.key(
                  "refresh_token_file",
                  Shapes.VALUE,
                  "For a server that gives a new refresh token each time and takes no older one: the"
                      + " file, from the project's folder, that keeps the newest. Only its owner"
                      + " may read it; it counts until `refresh_token` changes.");
          var id = k.key("client_id", Shapes.VALUE, "The client's id.");
          var secret = k.key("client_secret", Shapes.SECRET, "The client's secret.");
          var data = k.key("access_token_request_data", Shapes.mapOf(Shapes.SENSITIVE), FORM);
          var expiration = k.key("default_token_expiration", Shapes.count(1), "3600", EXPIRATION);
          return v ->
              new Auth.OAuth2RefreshToken(
                  v.get(url),
                  v.get(token),
                  v.get(file),
                  v.get(id),
                  v.get(secret),
                  v.get(data),
                  v.get(expiration));
        });
  }

  private static Keys<Auth.OAuth2JwtBearer> jwtBearer() {
    return Keys.of(
        "auth oauth2_jwt_bearer",
        "OAuth 2 with a JWT that we sign (RS256), as service accounts do.",
        k -> {
          var endpoint = k.required("auth_endpoint", Shapes.VALUE, TOKEN_URL);
          var id =
              k.required(
                  "client_id", Shapes.VALUE, "The issuer, for example a service account's e-mail.");
          var key =
              k.required(
                  "private_key",
                  Shapes.SECRET,
                  "RSA key as PEM, for example `${file:service-account.pem}`.");
          var passphrase =
              k.key("private_key_passphrase", Shapes.SECRET, "When the key is encrypted.");
          var scopes = k.key("scopes", Shapes.oneOrMany(Shapes.TEXT), "What to ask for.");
          var headers =
              k.key("headers", Shapes.mapOf(Shapes.SENSITIVE), "Headers of the token request.");
          var subject =
              k.key("subject", Shapes.VALUE, "client_id", "For whom, for example a user's e-mail.");
          var audience =
              k.key("audience", Shapes.VALUE, "auth_endpoint", "Who the JWT is meant for.");
          var keyId = k.key("key_id", Shapes.TEXT, "`kid` of the JWT.");
          var expiration = k.key("default_token_expiration", Shapes.count(1), "3600", EXPIRATION);
          return v ->
              new Auth.OAuth2JwtBearer(
                  v.get(endpoint),
                  v.get(id),
                  v.get(key),
                  v.get(passphrase),
                  v.get(scopes),
                  v.get(headers),
                  v.get(subject),
                  v.get(audience),
                  v.get(keyId),
                  v.get(expiration));
        });
  }

  private static Keys<Auth.AwsSigv4> sigv4() {
    return Keys.of(
        "auth aws_sigv4",
        "AWS Signature Version 4 over each request.",
        k -> {
          var id = k.required("access_key_id", Shapes.VALUE, "The key's id.");
          var secret = k.required("secret_access_key", Shapes.SECRET, "The key.");
          var token = k.key("session_token", Shapes.SECRET, "Of temporary credentials.");
          var region = k.required("region", Shapes.VALUE, "For example `eu-central-1`.");
          var service =
              k.required("service", Shapes.VALUE, "As AWS names it, for example `execute-api`.");
          return v ->
              new Auth.AwsSigv4(
                  v.get(id), v.get(secret), v.get(token), v.get(region), v.get(service));
        });
  }
}
