package io.millrace.activities.extract.rest;

import com.burgstaller.okhttp.digest.DigestAuthenticator;
import java.io.IOException;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Digest authentication: the server's challenge is kept, so that only a fetch's first asks twice.
 */
final class Digest implements Credentials {
  private final DigestAuthenticator authenticator;

  Digest(String username, String password) {
    this.authenticator =
        new DigestAuthenticator(new com.burgstaller.okhttp.digest.Credentials(username, password));
  }

  @Override
  public Request sign(Request request, Desk desk) {
    try {
      Request signed = authenticator.authenticateWithState(null, request);
      return signed == null ? request : signed;
    } catch (IOException e) {
      return request; // the server answers with a new challenge, or refuses
    }
  }

  @Override
  public boolean renew(Request sent, Http.Answer answer) {
    Response response =
        new Response.Builder()
            .request(sent)
            .protocol(Protocol.HTTP_1_1)
            .code(answer.status())
            .message("")
            .headers(answer.headers())
            .build();
    try {
      return authenticator.authenticate(null, response) != null;
    } catch (IOException | RuntimeException e) {
      return false; // the challenge makes no sense: the 401 is told
    }
  }
}
