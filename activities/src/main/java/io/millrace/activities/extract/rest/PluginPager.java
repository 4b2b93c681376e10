package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.secret.Secrets;
import io.millrace.plugin.PaginatorPlugin;
import io.millrace.plugin.PaginatorPlugin.Ask;
import io.millrace.plugin.Plugins;
import io.millrace.run.Wire;
import io.millrace.source.Paginator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A paginator that a plugin brings. Between two pages there is nothing but the {@link Step} that it
 * asked for, so another process goes on where this one stopped.
 */
final class PluginPager {
  /** The position is part of every checkpoint. */
  private static final int LONGEST = 8_000;

  private final Guest guest;
  private final PaginatorPlugin.Pager pager;

  private PluginPager(Guest guest, PaginatorPlugin.Pager pager) {
    this.guest = guest;
    this.pager = pager;
  }

  static PluginPager of(Paginator.Custom custom, Secrets secrets) {
    Guest guest = new Guest("paginator " + custom.type(), Failure.RESPONSE_INVALID, secrets);
    PaginatorPlugin plugin = Plugins.ofPaginators().get(custom.type());
    if (plugin == null) {
      throw Guest.missing(guest.what());
    }
    Map<String, String> options = guest.options(custom.options());
    return new PluginPager(guest, guest.call(() -> plugin.pager(options)));
  }

  Step first() {
    return step(guest.call(pager::first));
  }

  /** The paths in an answer that it reads. */
  List<String> paths() {
    return guest.call(() -> List.copyOf(pager.paths()));
  }

  boolean ends(int status) {
    return guest.call(() -> pager.ends(status));
  }

  Optional<Step> next(Step current, PageView view, Http.Answer answer) {
    Page page = new Page(ask(current), view, answer);
    return guest.call(() -> pager.next(page)).map(this::step);
  }

  private Step step(Ask ask) {
    Map<String, JsonNode> body = new TreeMap<>();
    ask.body().forEach((path, value) -> body.put(path, Wire.mapper().valueToTree(value)));
    Step step =
        new Step(
            ask.url(),
            null,
            null,
            ask.params().isEmpty() ? null : ask.params(),
            ask.headers().isEmpty() ? null : ask.headers(),
            body.isEmpty() ? null : body,
            ask.state().isEmpty() ? null : ask.state());
    int length = Wire.mapper().valueToTree(step).toString().length();
    if (length > LONGEST) {
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot store the way to the next page: the plugin asks with more than "
              + LONGEST
              + " characters: "
              + guest
              + ": "
              + length
              + " (keep less in its state)");
    }
    return step;
  }

  private static Ask ask(Step step) {
    Map<String, Object> body = new LinkedHashMap<>();
    if (step.body() != null) {
      step.body().forEach((path, value) -> body.put(path, value(value).orElseThrow()));
    }
    return new Ask(step.url(), step.cursors(), step.headers(), body, step.state());
  }

  private static Optional<Object> value(JsonNode node) {
    if (node == null || node.isNull() || node.isMissingNode() || node.isArray()) {
      return Optional.empty();
    }
    if (node.isObject()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      node.properties()
          .forEach(
              field -> {
                if (!field.getValue().isContainerNode()) {
                  value(field.getValue()).ifPresent(v -> fields.put(field.getKey(), v));
                }
              });
      return Optional.of(fields);
    }
    return Optional.of(
        node.isBoolean()
            ? (Object) node.asBoolean()
            : node.isIntegralNumber() ? node.bigIntegerValue() : node.asText());
  }

  /** What the plugin sees. */
  private record Page(Ask asked, PageView view, Http.Answer answer)
      implements PaginatorPlugin.Page {
    @Override
    public int status() {
      return answer.status();
    }

    @Override
    public Map<String, List<String>> headers() {
      return view.headers().toMultimap();
    }

    @Override
    public byte[] body() {
      return answer.body();
    }

    @Override
    public Optional<Object> value(String path) {
      return PluginPager.value(Paging.value(path, view));
    }

    @Override
    public long records() {
      return view.records();
    }

    @Override
    public long rows() {
      return view.rows();
    }
  }
}
