package io.millrace.plugin;

import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A paginator of your own: {@code paginator: {type: <name>, …}} of a client or an endpoint picks
 * it. Named in {@code META-INF/services/io.millrace.plugin.PaginatorPlugin}, made with a
 * constructor without arguments, used by many threads.
 *
 * <p>Whoever checks a configuration needs the plugin too, as for {@link AuthPlugin}.
 */
public interface PaginatorPlugin {
  /** The {@code type} that picks this plugin, for example {@code acme_pages}. */
  String type();

  /**
   * What leads through the pages of one fetch; at most one thread uses it at a time. What it throws
   * ends the fetch; {@link IllegalArgumentException} says that the configuration is wrong.
   *
   * @param options the keys beside {@code type}, with {@code ${env:…}} and {@code ${file:…}}
   *     replaced; the values of references are masked wherever text leaves the process
   */
  Pager pager(Map<String, String> options);

  /**
   * Leads from page to page. It keeps nothing itself: a fetch ends after some pages, or with its
   * process, and another one goes on with the {@link Ask} that was stored last. The same page must
   * give the same answer.
   */
  interface Pager {
    /** How the first page is asked for. */
    default Ask first() {
      return Ask.PLAIN;
    }

    /**
     * The JSONPaths that {@link Page#value} is asked for; they are found while the page is read
     * anyway.
     */
    default Set<String> paths() {
      return Set.of();
    }

    /**
     * How the page after this one is asked for; empty when this one is the last. {@link
     * IllegalStateException} says that the answer is not what it should be.
     */
    Optional<Ask> next(Page page);

    /**
     * Whether an error's status means that there is no more, for example 404. Never asked of the
     * first page, where it means that the address is wrong.
     */
    default boolean ends(int status) {
      return false;
    }
  }

  /** An answer with status 2xx that was read well. */
  interface Page {
    int status();

    /** Names in lower case. */
    Map<String, List<String>> headers();

    /** The decoded body, JSON and lines in UTF-8; not to be changed. */
    byte[] body();

    /**
     * The value at one of {@link Pager#paths}: a {@link String}, a {@link Boolean}, for a whole
     * number a {@link BigInteger}, for another number its text; for an object a {@link Map} of
     * those of its fields that are such. Empty when there is none, for null and for lists.
     */
    Optional<Object> value(String path);

    /** How many records are on it. */
    long records();

    /** How many records came since the window began, those of this page included. */
    long rows();

    /** How it was asked for. */
    Ask asked();
  }

  /**
   * How a page is asked for: what is different from the request that the configuration describes.
   * It is stored with the checkpoint, so it holds no secret and is at most 8,000 characters.
   *
   * @param url where it is, absolute or relative to the endpoint; {@code null} for the endpoint. An
   *     address of another host is judged like any link of the server.
   * @param params query parameters, in place of those of the same name
   * @param headers in place of those of the same name; only sent to our own origin
   * @param body what is set in the JSON body or the form, by path ({@code filter.after}): texts,
   *     numbers, booleans
   * @param state whatever the pager wants to find again on the page; {@code ""} for nothing
   */
  record Ask(
      String url,
      Map<String, String> params,
      Map<String, String> headers,
      Map<String, Object> body,
      String state) {
    /** As the configuration describes it. */
    public static final Ask PLAIN = new Ask(null, null, null, null, null);

    public Ask {
      params = copy(params);
      headers = copy(headers);
      body = copy(body);
      for (Object value : body.values()) {
        if (!(value instanceof String || value instanceof Number || value instanceof Boolean)) {
          throw new IllegalArgumentException(
              "a value of the body is a text, a number or a boolean, not " + value);
        }
      }
      state = state == null ? "" : state;
    }

    /** The page at an address. */
    public static Ask url(String url) {
      return new Ask(url, null, null, null, null);
    }

    public Ask param(String name, String value) {
      return new Ask(url, with(params, name, value), headers, body, state);
    }

    public Ask header(String name, String value) {
      return new Ask(url, params, with(headers, name, value), body, state);
    }

    /**
     * @param value a text, a number or a boolean
     */
    public Ask body(String path, Object value) {
      return new Ask(url, params, headers, with(body, path, value), state);
    }

    public Ask state(String text) {
      return new Ask(url, params, headers, body, text);
    }

    private static <T> Map<String, T> with(Map<String, T> map, String name, T value) {
      Map<String, T> all = new LinkedHashMap<>(map);
      all.put(name, value);
      return all;
    }

    private static <T> Map<String, T> copy(Map<String, T> map) {
      Map<String, T> copy = new LinkedHashMap<>(map == null ? Map.of() : map);
      if (copy.containsKey(null) || copy.containsValue(null)) {
        throw new IllegalArgumentException("a name or a value is null: " + copy.keySet());
      }
      return Collections.unmodifiableMap(copy);
    }
  }
}
