package io.millrace.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whose records a resource is read for, once each: what the placeholders {@code
 * {resources.parent.field}} of its endpoint say, and {@code include_from_parent}.
 *
 * @param resource of the same source
 * @param fields paths in the parent's record that the requests name, as written
 * @param include keys of the parent's record that each record gets, as written
 */
public record Parent(String resource, List<String> fields, List<String> include) {
  private static final String START = "resources.";
  private static final Pattern PLACEHOLDER =
      Pattern.compile("\\$\\{[^}]*}|\\{\\{|}}|\\{\\s*resources\\.([^{}]*?)\\s*}");

  public Parent {
    fields = List.copyOf(fields);
    include = List.copyOf(include);
  }

  /** The parent of a resource; empty when its requests name none. The first one, if many. */
  public static Optional<Parent> of(Resource resource) {
    List<String> named = resource.endpoint() == null ? List.of() : named(resource.endpoint());
    if (named.isEmpty()) {
      return Optional.empty();
    }
    String parent = resource(named.get(0));
    List<String> fields =
        named.stream().filter(n -> resource(n).equals(parent)).map(Parent::field).toList();
    return Optional.of(new Parent(parent, fields, resource.includeFromParent()));
  }

  /** The names of all resources that an endpoint's placeholders name, without repetition. */
  public static List<String> resources(Endpoint endpoint) {
    return named(endpoint).stream().map(Parent::resource).distinct().toList();
  }

  /** The placeholder, without braces, of a field that the requests name. */
  public String placeholder(String field) {
    return START + resource + "." + field;
  }

  /** What an included key is called in the child's records. */
  public String included(String key) {
    return "_" + resource + "_" + key;
  }

  /** Everything that is read of the parent's records: paths of requests and included keys. */
  public Set<String> wanted() {
    Set<String> all = new LinkedHashSet<>(fields);
    include.forEach(key -> all.add(path(key)));
    return all;
  }

  /** A key of the record, whatever it holds, as a path. */
  public static String path(String key) {
    return JsonPath.of(List.of(key)).toString();
  }

  private static List<String> named(Endpoint endpoint) {
    Set<String> found = new LinkedHashSet<>();
    if (endpoint.path() != null) {
      find(endpoint.path().raw(), found);
    }
    endpoint.params().values().forEach(texts -> texts.forEach(t -> find(t.raw(), found)));
    endpoint.headers().values().forEach(text -> find(text.raw(), found));
    find(endpoint.json(), found);
    find(endpoint.data(), found);
    return List.copyOf(found);
  }

  private static void find(JsonNode json, Set<String> found) {
    if (json != null && json.isTextual()) {
      find(json.asText(), found);
    } else if (json != null) {
      json.forEach(below -> find(below, found));
    }
  }

  private static void find(String text, Set<String> found) {
    Matcher placeholder = PLACEHOLDER.matcher(text);
    while (placeholder.find()) {
      if (placeholder.group(1) != null) {
        found.add(placeholder.group(1));
      }
    }
  }

  private static String resource(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  private static String field(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1);
  }
}
