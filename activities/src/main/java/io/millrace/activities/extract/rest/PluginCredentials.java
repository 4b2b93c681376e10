package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.secret.Secrets;
import io.millrace.plugin.AuthPlugin;
import io.millrace.plugin.Plugins;
import io.millrace.source.Auth;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import okhttp3.HttpUrl;
import okhttp3.Request;

/** An auth that a plugin brings. */
final class PluginCredentials implements Credentials {
  private final String type;
  private final AuthPlugin.Signer signer;
  private final Secrets secrets;

  private PluginCredentials(String type, AuthPlugin.Signer signer, Secrets secrets) {
    this.type = type;
    this.signer = signer;
    this.secrets = secrets;
  }

  static Credentials of(Auth.Custom auth, Secrets secrets) {
    AuthPlugin plugin = Plugins.ofAuth().get(auth.type());
    if (plugin == null) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot use auth "
              + auth.type()
              + ": this worker has no such plugin (put its jar on the class path of every worker)");
    }
    Map<String, String> options = new LinkedHashMap<>();
    auth.options()
        .forEach(
            (name, text) -> {
              boolean secret = text.hasReferences() || RequestPlan.sensitive(name);
              options.put(name, secret ? secrets.resolveSecret(text) : secrets.resolve(text));
            });
    AuthPlugin.Signer signer =
        guarded(auth.type(), secrets, () -> plugin.signer(Map.copyOf(options)));
    return new PluginCredentials(auth.type(), signer, secrets);
  }

  @Override
  public Request sign(Request request, Desk desk) {
    Signing signing = new Signing(request);
    return guarded(
        type,
        secrets,
        () -> {
          signer.sign(signing);
          return signing.signed.url(signing.url.build()).build();
        });
  }

  @Override
  public boolean renew(Request sent, Http.Answer answer) {
    return guarded(type, secrets, () -> signer.renew(answer.headers().toMultimap()));
  }

  /** A stranger's code may throw anything; no cause goes further, it may hold a secret. */
  private static <T> T guarded(String type, Secrets secrets, Supplier<T> call) {
    try {
      return call.get();
    } catch (MillraceException e) {
      throw new MillraceException(e.failure(), secrets.mask(e.getMessage()));
    } catch (RuntimeException e) {
      boolean config = e instanceof IllegalArgumentException;
      throw new MillraceException(
          config ? Failure.CONFIG_INVALID : Failure.INTERNAL,
          "Cannot use auth "
              + type
              + ": the plugin refuses: "
              + RequestPlan.cut(secrets.mask(String.valueOf(e.getMessage()))));
    }
  }

  private final class Signing implements AuthPlugin.Outgoing {
    private final Request request;
    private final Request.Builder signed;
    private final HttpUrl.Builder url;

    Signing(Request request) {
      this.request = request;
      this.signed = request.newBuilder();
      this.url = request.url().newBuilder();
    }

    @Override
    public String method() {
      return request.method();
    }

    @Override
    public URI uri() {
      return url.build().uri();
    }

    @Override
    public byte[] body() {
      return Sigv4.body(request);
    }

    @Override
    public void header(String name, String value) {
      signed.header(name, value);
    }

    @Override
    public void param(String name, String value) {
      url.setQueryParameter(name, value);
    }

    @Override
    public void secret(String value) {
      secrets.remember(value);
    }
  }
}
