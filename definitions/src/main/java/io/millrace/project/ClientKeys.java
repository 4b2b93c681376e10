package io.millrace.project;

import io.millrace.project.shape.Keys;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import io.millrace.source.Client;
import io.millrace.source.Limits;
import java.net.URI;
import java.net.URISyntaxException;

/** The keys of {@code client} and of what it holds. */
final class ClientKeys {
  private static final Keys<Client.RateLimit> RATE_LIMIT =
      Keys.of(
          "rate_limit",
          "At most so many requests in every window of time.",
          k -> {
            var requests = k.required("requests", Shapes.count(1), "How many requests.");
            var per = k.required("per", Shapes.DURATION, "In how long.");
            return v -> new Client.RateLimit(v.get(requests), v.get(per));
          });

  private static final Keys<Client.Backoff> BACKOFF =
      Keys.of(
          "backoff",
          "Waits between tries, doubled each time.",
          k -> {
            var initial = k.key("initial", Shapes.DURATION, "1s", "The first wait.");
            var max = k.key("max", Shapes.DURATION, "5m", "The longest wait.");
            return v -> new Client.Backoff(v.get(initial), v.get(max));
          });

  private static final Keys<Client.Retry> RETRY =
      Keys.of(
          "retry",
          "Tries of one request.",
          k -> {
            var attempts = k.key("max_attempts", Shapes.count(1), "5", "How many tries.");
            var statuses =
                k.key(
                    "statuses",
                    Shapes.listOf(Shapes.VALUE.as(Text::raw).checked(ClientKeys::status)),
                    "429 and 5xx",
                    "Status codes, or classes like `5xx`, that are tried again.");
            var backoff = k.key("backoff", BACKOFF, "How long to wait.");
            return v -> new Client.Retry(v.get(attempts), v.get(statuses), v.get(backoff));
          });

  private static final Keys<Client.Timeout> TIMEOUT =
      Keys.of(
          "timeout",
          "How long a request may take.",
          k -> {
            var connect =
                k.key("connect", Shapes.DURATION, "10s", "Until the connection is there.");
            var read = k.key("read", Shapes.DURATION, "60s", "Between two bytes.");
            var total = k.key("total", Shapes.DURATION, "10m", "The whole request.");
            return v -> new Client.Timeout(v.get(connect), v.get(read), v.get(total));
          });

  private static final Keys<Client.Tls> TLS =
      Keys.of(
          "tls",
          "Certificates of our own, as PEM.",
          k -> {
            var certificate =
                k.key(
                    "certificate",
                    Shapes.VALUE,
                    "Our certificate and those that signed it, for servers that ask for one (mTLS),"
                        + " for example `${file:client.pem}`.");
            var key = k.key("private_key", Shapes.SECRET, "The certificate's private key.");
            var passphrase =
                k.key("private_key_passphrase", Shapes.SECRET, "When the key is encrypted.");
            var ca =
                k.key(
                    "ca",
                    Shapes.VALUE,
                    "the JDK's",
                    "Certificates of authorities to trust besides those of the JDK.");
            return v -> {
              if ((v.get(certificate) == null) != (v.get(key) == null)) {
                v.spot().refuse("certificate and private_key belong together", "name both");
              }
              return new Client.Tls(v.get(certificate), v.get(key), v.get(passphrase), v.get(ca));
            };
          });

  static final Keys<Limits> LIMITS =
      Keys.of(
          "limits",
          "What the source may not exceed.",
          k -> {
            var pages = k.key("pages", Shapes.whole(1), "100000", "Pages of one run.");
            var response =
                k.key("response_bytes", Shapes.SIZE, "256MB", "Decoded bytes of one response.");
            var ratio =
                k.key(
                    "ratio",
                    Shapes.count(2),
                    "200",
                    "How many times its compressed size a response may have, beyond 10 MB.");
            var record = k.key("record_bytes", Shapes.SIZE, "64MB", "Bytes of one record.");
            var depth =
                k.key("depth", Shapes.count(1), "512", "Nested maps and lists in one record.");
            var key = k.key("key_bytes", Shapes.SIZE, "64KB", "Bytes of one key of a record.");
            var number =
                k.key("number_length", Shapes.count(20), "4300", "Characters of one number.");
            var columns =
                k.key(
                    "columns_per_table",
                    Shapes.count(1),
                    "1500; none with compat: dlt",
                    "Columns that data may make; what comes later shares `_mr_overflow`, as JSON.");
            var tables = k.key("tables", Shapes.count(1), "1000", "Tables of one resource.");
            var rows =
                k.key(
                    "child_rows",
                    Shapes.count(1),
                    "10000000",
                    "Elements of all lists of one record together.");
            return v ->
                new Limits(
                    v.get(pages),
                    v.get(response),
                    v.get(record),
                    v.get(depth),
                    v.get(key) == null
                        ? null
                        : (Integer) (int) Math.min(v.get(key), Integer.MAX_VALUE),
                    v.get(number),
                    v.get(columns),
                    v.get(tables),
                    v.get(rows),
                    v.get(ratio));
          });

  static final Keys<Client> CLIENT =
      Keys.of(
          "client",
          "What all endpoints of a REST API share.",
          k -> {
            var baseUrl =
                k.required(
                    "base_url",
                    Shapes.VALUE.checked(ClientKeys::webAddress),
                    "Where paths begin, for example `https://api.example.com/v1/`.");
            var headers =
                k.key("headers", Shapes.mapOf(Shapes.SENSITIVE), "Headers of every request.");
            var auth = k.key("auth", AuthKeys.AUTH, "How requests prove who we are.");
            var paginator =
                k.key("paginator", PaginatorKeys.PAGINATOR, "auto", "How the next page is found.");
            var rateLimit =
                k.key(
                    "rate_limit",
                    Shapes.oneOrMany(RATE_LIMIT),
                    "Pace, shared by all resources of the host.");
            var concurrency =
                k.key(
                    "concurrency",
                    Shapes.count(1),
                    "4",
                    "Requests at the same time to the host, of this process. Of several clients"
                        + " that read from it at the same time the smallest number holds.");
            var retry = k.key("retry", RETRY, "Tries of one request.");
            var timeout = k.key("timeout", TIMEOUT, "How long a request may take.");
            var limits = k.key("limits", LIMITS, "What the source may not exceed.");
            var allowHosts =
                k.key(
                    "allow_hosts",
                    Shapes.listOf(Shapes.TEXT),
                    "none",
                    "Other hosts that links may lead to, without our credentials.");
            var tls = k.key("tls", TLS, "Certificates of our own.");
            var blockPrivate =
                k.key(
                    "block_private_addresses",
                    Shapes.YES_OR_NO,
                    "false",
                    "Refuse to connect to loopback, private, link-local and other addresses that are"
                        + " not of the public internet, whatever a name resolves to; no proxy is used"
                        + " then.");
            k.later("session", "take it out; use timeout, retry and rate_limit");
            return v ->
                new Client(
                    v.get(baseUrl),
                    v.get(headers),
                    v.get(auth),
                    v.get(paginator),
                    v.get(rateLimit),
                    v.get(concurrency),
                    v.get(retry),
                    v.get(timeout),
                    v.get(limits),
                    v.get(allowHosts),
                    v.get(tls),
                    v.get(blockPrivate));
          });

  private ClientKeys() {}

  private static boolean status(String status, Spot spot) {
    boolean well = status.matches("[1-5]([0-9][0-9]|xx)");
    if (!well) {
      spot.refuse("expected a status: found " + spot.found(), "for example 429 or \"5xx\"");
    }
    return well;
  }

  /** Addresses that hold references are judged when they are resolved. */
  private static boolean webAddress(Text address, Spot spot) {
    if (address.hasReferences()) {
      return true;
    }
    try {
      URI uri = new URI(address.raw());
      if (uri.getHost() != null && String.valueOf(uri.getScheme()).matches("(?i)https?")) {
        return true;
      }
    } catch (URISyntaxException e) {
      // told below, with all others that are no addresses
    }
    spot.refuse(
        "expected a web address: found " + spot.found(), "for example https://api.example.com/v1/");
    return false;
  }
}
