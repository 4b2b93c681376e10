package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.secret.Secrets;
import io.millrace.source.Auth;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import okhttp3.Request;

/**
 * The configured auth with its values, at the moment of use: one per fetch, used by one thread.
 * Never printed.
 */
interface Credentials {
  /**
   * The request as it may go out. Only asked for requests to our own origin.
   *
   * @return another request when it needs more than it has
   */
  Request sign(Request request, Desk desk);

  /**
   * Whether signing anew may help after a 401. Asked once per page.
   *
   * @param sent the request that was answered, as it was signed
   */
  default boolean renew(Request sent, Http.Answer answer) {
    return false;
  }

  /** Query parameters of every request that hold what is ours, by name. */
  default Map<String, String> params() {
    return Map.of();
  }

  /** What signing needs from outside. */
  interface Desk {
    /**
     * A token that is good for some time still.
     *
     * @param refused a token that the server did not take; {@code null} for none
     */
    String token(Grant grant, String refused);

    Instant now();
  }

  static Credentials of(Auth auth, Secrets secrets) {
    if (auth == null) {
      return (request, desk) -> request;
    }
    if (auth instanceof Auth.Bearer bearer) {
      return header("Authorization", "Bearer " + secrets.resolveSecret(bearer.token()).strip());
    }
    if (auth instanceof Auth.ApiKey key) {
      return apiKey(key, secrets.resolveSecret(key.apiKey()).strip());
    }
    if (auth instanceof Auth.HttpBasic basic) {
      String pair =
          secrets.resolve(basic.username()) + ":" + secrets.resolveSecret(basic.password());
      secrets.remember(pair);
      byte[] bytes = pair.getBytes(StandardCharsets.UTF_8);
      return header("Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
    }
    if (auth instanceof Auth.HttpDigest digest) {
      return new Digest(
          secrets.resolve(digest.username()), secrets.resolveSecret(digest.password()));
    }
    if (auth instanceof Auth.AwsSigv4 aws) {
      return new Sigv4(aws, secrets);
    }
    if (auth instanceof Auth.Custom custom) {
      return PluginCredentials.of(custom, secrets);
    }
    return new Granted(Grant.of(auth, secrets));
  }

  private static Credentials apiKey(Auth.ApiKey key, String value) {
    return switch (key.location()) {
      case "header" -> header(key.name(), value);
      case "cookie" -> cookie(key.name() + "=" + value);
      case "query", "param" -> new Parameter(Map.of(key.name(), value));
      default ->
          throw new MillraceException(
              Failure.CONFIG_INVALID,
              "Cannot use auth api_key: unknown location: "
                  + key.location()
                  + " (header, query, param or cookie)");
    };
  }

  private static Credentials header(String name, String value) {
    return (request, desk) -> request.newBuilder().header(name, value).build();
  }

  /** A cookie beside those that `headers` name. */
  private static Credentials cookie(String pair) {
    return (request, desk) -> {
      String others = request.header("Cookie");
      String all = others == null || others.isBlank() ? pair : others + "; " + pair;
      return request.newBuilder().header("Cookie", all).build();
    };
  }

  /** Something that the request plan adds to each address, and takes out of what is stored. */
  final class Parameter implements Credentials {
    private final Map<String, String> params;

    Parameter(Map<String, String> params) {
      this.params = params;
    }

    @Override
    public Map<String, String> params() {
      return params;
    }

    @Override
    public Request sign(Request request, Desk desk) {
      return request;
    }
  }

  /** A token that a server grants. */
  final class Granted implements Credentials {
    private final Grant grant;
    private String token;
    private String refused;

    Granted(Grant grant) {
      this.grant = grant;
    }

    @Override
    public Request sign(Request request, Desk desk) {
      token = desk.token(grant, refused);
      return request.newBuilder().header("Authorization", "Bearer " + token).build();
    }

    @Override
    public boolean renew(Request sent, Http.Answer answer) {
      refused = token;
      return true;
    }
  }
}
