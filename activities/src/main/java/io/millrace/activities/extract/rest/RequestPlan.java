package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.secret.Secrets;
import io.millrace.project.Text;
import io.millrace.source.Auth;
import io.millrace.source.Client;
import io.millrace.source.DataSelector;
import io.millrace.source.Endpoint;
import io.millrace.source.Incremental;
import io.millrace.source.JsonPath;
import io.millrace.source.Paginator;
import io.millrace.source.Source;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import okhttp3.Request;

/**
 * The requests of one fetch: everything of the configuration filled in and resolved. Holds secret
 * values, so it is never printed.
 */
final class RequestPlan {
  private static final Pattern SENSITIVE =
      Pattern.compile(
          "(^|[_-])(auth|authorization|cookie|token|key|secret|password|passwd|pwd|pass|signature"
              + "|sig|session|credentials?)($|[_-])|apikey|token$");

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{[^}]*}");

  private static final Pattern HOLLOW = Pattern.compile("(?i)(\\.|%2e){0,2}");

  final String asset;
  final Client client;
  final Endpoint endpoint;
  final Paginator paginator;

  /** {@code null} unless the paginator is a plugin's. */
  final PluginPager pager;

  final DataSelector selector;
  final Origin origin;

  /** {@code null} for none. */
  final Incremental incremental;

  final Credentials credentials;

  /** Of all requests, whichever thread sends them. */
  final Cookies cookies;

  private final Secrets secrets;
  private final HttpUrl first;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private final OurParams ours = new OurParams();
  private final Payload payload;

  RequestPlan(Extractor.Order order, Secrets secrets) {
    this.secrets = secrets;
    this.cookies = new Cookies(secrets);
    this.asset = order.source().name() + "." + order.resource().name();
    this.client = ((Source.RestApi) order.source()).client();
    this.endpoint = order.resource().endpoint();
    this.incremental = order.resource().incremental();
    Map<String, JsonNode> known = new LinkedHashMap<>(order.values());
    if (incremental != null) {
      boolean compat = order.project().schema().compat();
      known.putAll(Window.placeholders(incremental, order.windowStart(), compat));
    }
    Templates templates = new Templates(asset, known);
    Text path = endpoint.path() == null ? new Text(order.resource().name()) : endpoint.path();
    boolean one = lastPart(path.raw()).matches(".*(?<!\\{)(?<!\\$)\\{[^{}]+}.*");
    Paginator wanted = endpoint.paginator() == null ? client.paginator() : endpoint.paginator();
    // dlt: a path that ends in a placeholder is one thing, not a list of things
    this.paginator = one && endpoint.paginator() == null ? new Paginator.SinglePage() : wanted;
    this.pager =
        paginator instanceof Paginator.Custom custom ? PluginPager.of(custom, secrets) : null;
    this.selector =
        endpoint.dataSelector() != null
            ? DataSelector.parse("data_selector", endpoint.dataSelector())
            : one ? DataSelector.of(new JsonPath(List.of())) : null;
    HttpUrl base = address(path, templates);
    Origin configured =
        Origin.configured(
            secrets.resolve(client.baseUrl()).strip(),
            secrets.resolve(path).strip(),
            client.allowHosts());
    this.origin = configured == null ? Origin.of(base, client.allowHosts()) : configured;
    this.first = params(base, templates, incremental);
    headers(client.headers(), templates);
    headers(endpoint.headers(), templates);
    headers.putIfAbsent("User-Agent", "millrace");
    headers.keySet().removeIf(h -> h.equalsIgnoreCase("Accept-Encoding")); // OkHttp decodes its own
    boolean typed = headers.keySet().stream().anyMatch("Content-Type"::equalsIgnoreCase);
    this.payload =
        new Payload(
            asset,
            endpoint.method(),
            endpoint.json() == null ? null : templates.fill(endpoint.json(), this::secret),
            endpoint.data() == null ? null : templates.fill(endpoint.data(), this::secret),
            typed);
    Auth auth = endpoint.auth() == null ? client.auth() : endpoint.auth();
    this.credentials = Credentials.of(auth, secrets);
    credentials.params().forEach(ours::add);
  }

  /** How the first page is asked for. */
  Step first(Paginator active) {
    return active instanceof Paginator.Custom ? pager.first() : Paging.first(active);
  }

  /** The paths in an answer that the paginator reads. */
  List<String> read(Paginator active) {
    return active instanceof Paginator.Custom ? pager.paths() : Paging.written(active);
  }

  /** Whether a status on the page after {@code pages} pages says that there is no more. */
  boolean ends(Paginator active, long pages, int status) {
    return active instanceof Paginator.Custom
        ? pages > 0 && status >= 400 && pager.ends(status)
        : Paging.ends(active, pages, status);
  }

  /** The address of a step. */
  HttpUrl url(Step step, Paginator active) {
    if (step.url() != null) {
      HttpUrl url = first.resolve(step.url());
      if (url == null) {
        throw new MillraceException(
            Failure.POLICY_REFUSED,
            "Cannot follow the next link of "
                + asset
                + ": it is not an http or https address: "
                + cut(secrets.mask(step.url())));
      }
      if (step.cursors() != null) {
        HttpUrl.Builder with = url.newBuilder();
        step.cursors().forEach(with::setQueryParameter);
        url = with.build();
      }
      // what we took out of a link before it was stored, because it was ours
      return origin.atHome(url, "the next link of " + asset) ? withSecrets(url) : url;
    }
    HttpUrl.Builder url = first.newBuilder();
    if (active instanceof Paginator.Cursor c && step.cursor() != null && c.cursorParam() != null) {
      url.setQueryParameter(c.cursorParam(), step.cursor());
    } else if (active instanceof Paginator.HeaderCursor h && step.cursor() != null) {
      url.setQueryParameter(h.cursorParam(), step.cursor());
    } else if (step.cursors() != null) {
      step.cursors().forEach(url::setQueryParameter);
    } else if (active instanceof Paginator.Offset o) {
      set(url, o.offsetParam(), step.number());
      set(url, o.limitParam(), o.limit());
    } else if (active instanceof Paginator.PageNumber p && step.number() != null) {
      set(url, p.pageParam(), step.number());
    }
    return withSecrets(url.build());
  }

  /**
   * @param home whether the address may see what is ours
   * @return not signed yet
   */
  Request request(HttpUrl url, Step step, Paginator active, boolean home) {
    try {
      Request.Builder request = new Request.Builder().url(url);
      if (!home) {
        if (!endpoint.method().equals("GET")) {
          throw new MillraceException(
              Failure.POLICY_REFUSED,
              "Cannot follow a link of "
                  + asset
                  + ": a "
                  + endpoint.method()
                  + " request would take our body to another host: "
                  + url.host());
        }
        return request.header("User-Agent", "millrace").build();
      }
      headers.forEach(request::header);
      if (step.headers() != null) {
        step.headers().forEach(request::header);
        request.removeHeader("Accept-Encoding"); // bodies are decoded here
      }
      return request.method(endpoint.method(), payload.of(step, active)).build();
    } catch (IllegalArgumentException e) {
      throw unsendable(asset);
    }
  }

  /** The way to a page as it may be stored. */
  Step storable(HttpUrl from, Step step) {
    step.texts().forEach(this::storable);
    return step.url() == null ? step : step.at(storable(from, step.url()));
  }

  /** The message of OkHttp may hold the value, so it goes no further. */
  static MillraceException unsendable(String asset) {
    return new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot send a request for "
            + asset
            + ": a header or the token has a character that HTTP does not allow (check `headers`"
            + " and `auth`, and that no file of a secret holds a line break)");
  }

  /** A link as it may be stored: without the parameters that hold what is ours. */
  String storable(HttpUrl from, String link) {
    HttpUrl url = from.resolve(link);
    if (url == null) {
      return link;
    }
    return storable(ours.without(url).toString());
  }

  /** The way to a page as it is, when it holds no secret. */
  String storable(String way) {
    if (!way.equals(secrets.mask(way))) {
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot store the way to the next page of "
              + asset
              + ": it holds a secret of ours: "
              + cut(secrets.mask(way))
              + " (send the secret in a header, or use another paginator)");
    }
    return way;
  }

  String masked(String message) {
    return secrets.mask(message);
  }

  /** The address for people: no parameter that holds what is ours, and masked. */
  String shown(HttpUrl url) {
    return cut(secrets.mask(ours.hidden(url).toString()));
  }

  private HttpUrl address(Text path, Templates templates) {
    boolean query = path.raw().contains("?");
    String filled = templates.fill(path, query ? this::secret : this::place, RequestPlan::pathPart);
    String whole = filled == null ? "" : filled;
    if (hollow(whole) > hollow(secrets.resolve(path))) {
      throw new MillraceException(
          Failure.DATA_INVALID,
          "Cannot read "
              + asset
              + ": a value that fills a part of the path is empty or only dots, and would lead to"
              + " another address: "
              + cut(secrets.mask(whole))
              + " (leave such records of the parent out, with a filter in its processing_steps)");
    }
    if (!path.raw().matches("(?i)https?://.*")) {
      String base =
          REFERENCE
              .matcher(client.baseUrl().raw())
              .replaceAll(found -> Matcher.quoteReplacement(place(found.group())))
              .strip();
      whole = (base.endsWith("/") ? base : base + "/") + whole.replaceFirst("^/+", "");
    }
    HttpUrl url = HttpUrl.parse(whole);
    if (url == null) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot read "
              + asset
              + ": this is not an http or https address: "
              + noAddress(whole, secrets)
              + " (check `base_url` and `path`)");
    }
    return url;
  }

  /** What is no address as it may be shown: before an @ there may be a user and a password. */
  static String noAddress(String text, Secrets secrets) {
    return cut(secrets.mask(text.replaceFirst("(?s)^([^:/]*:?//)?.*@", "$1***@")));
  }

  private HttpUrl params(HttpUrl base, Templates templates, Incremental incremental) {
    HttpUrl.Builder url = base.newBuilder();
    for (String name : base.queryParameterNames()) { // of the path
      String value = base.queryParameter(name);
      if (value != null && !value.equals(secrets.mask(value))) {
        ours.add(name, value);
      }
    }
    endpoint
        .params()
        .forEach(
            (name, texts) -> {
              for (Text text : texts) {
                boolean secret = text.hasReferences() || sensitive(name, text);
                String value = templates.fill(text, this::secret, v -> v);
                if (value != null) {
                  url.addQueryParameter(name, value);
                  if (secret) {
                    secrets.remember(value);
                    ours.add(name, value);
                  }
                }
              }
            });
    if (incremental != null) {
      fillParam(url, incremental.startParam(), "{incremental.start_value}", templates);
      fillParam(url, incremental.endParam(), "{incremental.end_value}", templates);
    }
    return url.build();
  }

  private static void fillParam(
      HttpUrl.Builder url, String name, String placeholder, Templates templates) {
    String value = name == null ? null : templates.fill(new Text(placeholder), v -> v, v -> v);
    if (value != null) {
      url.setQueryParameter(name, value);
    }
  }

  private void headers(Map<String, Text> from, Templates templates) {
    from.forEach(
        (name, text) -> {
          String value = templates.fill(text, this::secret, v -> v);
          if (value != null) {
            headers.keySet().removeIf(name::equalsIgnoreCase);
            headers.put(name, value);
            if (sensitive(name, text)) {
              secrets.remember(value);
            }
          }
        });
  }

  /** The address with the parameters that hold what is ours, where it lacks them. */
  HttpUrl withSecrets(HttpUrl url) {
    return ours.with(url);
  }

  /** A piece of an address is no secret, unless it is called one. */
  private String place(String reference) {
    String name = reference.replaceFirst("^\\$\\{\\w*:", "").replaceFirst("(:-.*)?}$", "");
    return sensitive(name) ? secret(reference) : secrets.resolve(new Text(reference));
  }

  private String secret(String reference) {
    return secrets.resolveSecret(new Text(reference));
  }

  /** What the source itself told is no secret of ours, and there may be any number of such. */
  private static boolean sensitive(String name, Text text) {
    return sensitive(name) && (text.hasReferences() || !text.raw().contains("{resources."));
  }

  static boolean sensitive(String name) {
    return SENSITIVE.matcher(name.toLowerCase(Locale.ROOT)).find();
  }

  private static void set(HttpUrl.Builder url, String name, Number value) {
    if (name != null && value != null) {
      url.setQueryParameter(name, value.toString());
    }
  }

  /** A value as one part of a path: it cannot add parts, parameters or another host. */
  private static String pathPart(String value) {
    return java.net.URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * Parts of a path that name nothing: an address has no other way to write dots, however coded.
   */
  private static long hollow(String path) {
    String[] parts = path.split("[?#]", 2)[0].split("/", -1);
    return Arrays.stream(parts).filter(part -> HOLLOW.matcher(part).matches()).count();
  }

  private static String lastPart(String path) {
    String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    String withoutQuery = trimmed.split("\\?", 2)[0];
    return withoutQuery.substring(withoutQuery.lastIndexOf('/') + 1);
  }

  static String cut(String text) {
    return text.length() > 500 ? text.substring(0, 500) + "…" : text;
  }

  @Override
  public String toString() {
    return "RequestPlan of " + asset;
  }
}
