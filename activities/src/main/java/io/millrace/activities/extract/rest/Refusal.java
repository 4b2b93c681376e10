package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.secret.Secrets;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.util.Set;
import javax.net.ssl.SSLException;
import okhttp3.HttpUrl;

/**
 * What is said when there is no answer or not the one we wanted: masked, and without a cause, whose
 * message may hold an address with our parameters.
 */
final class Refusal {
  /** How servers answer a cursor or a link that has expired, or a page that is not there now. */
  private static final Set<Integer> FORGOTTEN = Set.of(400, 404, 410, 416, 422);

  private final RequestPlan plan;
  private final Secrets secrets;

  Refusal(RequestPlan plan, Secrets secrets) {
    this.plan = plan;
    this.secrets = secrets;
  }

  /** An exchange without an answer. */
  MillraceException broken(HttpUrl url, Http.Broken e) {
    String shown = plan.shown(url);
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof Sockets.Blocked blocked) {
        return new MillraceException(
            Failure.POLICY_REFUSED,
            "Cannot reach "
                + shown
                + ": it leads to an address that is not of the public internet: "
                + blocked.getMessage()
                + " (take out `block_private_addresses` if it may be read)");
      }
      if (cause instanceof SSLException && untrusted(cause)) {
        return new MillraceException(
            Failure.SOURCE_REFUSED,
            "Cannot reach "
                + shown
                + ": no trust by TLS: "
                + said(e.getMessage())
                + " (check the name in the address; name the server's authority in `tls.ca`, and"
                + " our certificate in `tls.certificate` if it wants one)");
      }
    }
    boolean late = e.getCause() instanceof InterruptedIOException;
    if (e.inBody) {
      return new MillraceException(
          Failure.RESPONSE_TRUNCATED,
          "Cannot read the answer of "
              + shown
              + ": "
              + (e.getCause() instanceof Decoding.Damaged
                  ? ""
                  : late ? "it took too long: " : "it ended too early: ")
              + said(e.getMessage())
              + (late
                  ? " (ask for smaller pages, or raise the client's `timeout`)"
                  : " (run again; when it stays so, ask for smaller pages)"));
    }
    return new MillraceException(
        Failure.SOURCE_UNREACHABLE,
        "Cannot reach "
            + shown
            + ": "
            + said(e.getMessage())
            + " (check `base_url`, the network and that the server is up"
            + (wantsOurs(url, e) ? "; does it want our certificate: `tls.certificate`?)" : ")"));
  }

  /**
   * A status that is no success.
   *
   * @param again whether the status is one that is tried again
   * @param resumed whether a run before left the position, so that the server may have forgotten it
   */
  MillraceException refused(Http.Answer answer, Position position, boolean resumed, boolean again) {
    int status = answer.status();
    String start =
        "Cannot read page " + (position.pages() + 1) + " of " + plan.shown(answer.url()) + ": ";
    String body = answer.body().length == 0 ? "" : ": " + beginning(answer);
    if (status == 429 || status == 403 && again) {
      return new MillraceException(
          Failure.RATE_LIMITED,
          start
              + "it asks us to slow down again and again: status "
              + status
              + body
              + " (set `rate_limit`, or raise `retry.max_attempts`)");
    }
    if (status >= 500 || again) {
      return new MillraceException(
          Failure.SOURCE_UNREACHABLE,
          start + "the server fails: status " + status + body + " (try again later)");
    }
    if (resumed && FORGOTTEN.contains(status)) {
      // harmless when it means something else: nothing is removed before a first page came
      return new MillraceException(
          Failure.WINDOW_LOST,
          start
              + "the server does not know the place any more where the run before stopped: status "
              + status
              + body);
    }
    boolean counted = position.pages() > 0 && position.step().number() != null;
    String remedy =
        counted && FORGOTTEN.contains(status)
            ? "when this is how it says that there are no more pages, add `end_status: "
                + status
                + "` to the paginator"
            : remedy(status);
    return new MillraceException(
        Failure.SOURCE_REFUSED,
        start + "the server refuses: status " + status + body + " (" + remedy + ")");
  }

  /** A page for people in place of data, with a status that says that all is well. */
  MillraceException webPage(Http.Answer answer, String where) {
    String type = answer.header("Content-Type");
    return new MillraceException(
        Failure.RESPONSE_INVALID,
        "Cannot read "
            + where
            + ": the body is a web page: content type "
            + (type == null ? "unknown" : said(type))
            + ", it begins: "
            + beginning(answer)
            + " (check `base_url`, `path` and `auth`: a login page answers like that)");
  }

  /** An error that came with a status of success. */
  MillraceException errorObject(Http.Answer answer, String where) {
    return new MillraceException(
        Failure.RESPONSE_INVALID,
        "Cannot read "
            + where
            + ": the answer is an error, though its status is "
            + answer.status()
            + ": "
            + beginning(answer)
            + " (check `params`, `json` and `auth`; if these are the records, say so:"
            + " `data_selector: $`)");
  }

  /** The first 120 characters of a body, on one line and masked. */
  String beginning(Http.Answer answer) {
    // masked before it is cut: half a secret is not recognised
    int most = Math.min(answer.body().length, 64 * 1024);
    String text = secrets.mask(new String(answer.body(), 0, most, StandardCharsets.UTF_8));
    String line =
        text.substring(0, Math.min(4096, text.length()))
            .replaceAll("[\\p{Cntrl}\\s]+", " ")
            .strip();
    return line.length() > 120 ? line.substring(0, 120) + "…" : line;
  }

  /**
   * Since TLS 1.3 a server says that it misses our certificate when all looks well, or just goes.
   */
  private boolean wantsOurs(HttpUrl url, Http.Broken e) {
    boolean shown = plan.client.tls() != null && plan.client.tls().certificate() != null;
    boolean went =
        !(e.getCause() instanceof ConnectException
            || e.getCause() instanceof UnknownHostException
            || e.getCause() instanceof InterruptedIOException);
    return url.isHttps() && !shown && went;
  }

  /** Somebody else's words: masked, on one line, not too many. */
  String said(String words) {
    return RequestPlan.cut(secrets.mask(words).replaceAll("\\p{Cntrl}", " "));
  }

  private static String remedy(int status) {
    return switch (status) {
      case 401 -> "check `auth`: the credentials are missing, wrong or expired";
      case 403 -> "the credentials are not allowed to read this; ask for the permission";
      case 404 -> "check `base_url` and `path`";
      case 405 -> "check `method`";
      default -> "check `path`, `params` and `headers`";
    };
  }

  /**
   * Whether trying again cannot help: a certificate is missing, or of another name or authority.
   */
  private static boolean untrusted(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException
          || cause instanceof javax.net.ssl.SSLPeerUnverifiedException) {
        return true;
      }
    }
    String message = String.valueOf(e.getMessage());
    return message.contains("certificate_required") || message.contains("bad_certificate");
  }
}
