package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.activities.secret.Secrets;
import io.millrace.plugin.AuthPlugin;
import io.millrace.plugin.Plugins;
import io.millrace.source.Auth;
import java.net.URI;
import java.util.Map;
import okhttp3.HttpUrl;
import okhttp3.Request;

/** An auth that a plugin brings. */
final class PluginCredentials implements Credentials {
  private final Guest guest;
  private final AuthPlugin.Signer signer;

  private PluginCredentials(Guest guest, AuthPlugin.Signer signer) {
    this.guest = guest;
    this.signer = signer;
  }

  static Credentials of(Auth.Custom auth, Secrets secrets) {
    Guest guest = new Guest("auth " + auth.type(), Failure.INTERNAL, secrets);
    AuthPlugin plugin = Plugins.ofAuth().get(auth.type());
    if (plugin == null) {
      throw Guest.missing(guest.what());
    }
    Map<String, String> options = guest.options(auth.options());
    return new PluginCredentials(guest, guest.call(() -> plugin.signer(options)));
  }

  @Override
  public Request sign(Request request, Desk desk) {
    Signing signing = new Signing(request);
    return guest.call(
        () -> {
          signer.sign(signing);
          return signing.signed.url(signing.url.build()).build();
        });
  }

  @Override
  public boolean renew(Request sent, Http.Answer answer) {
    return guest.call(() -> signer.renew(answer.headers().toMultimap()));
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
      guest.secrets().remember(value);
    }
  }
}
