package io.millrace.worker.init;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the paths of a document are asked for: what they leave open comes from the records of another
 * list, where there is one whose records have it, and else from {@code vars}.
 */
final class Requests {
  private static final Pattern PARAMETER = Pattern.compile("\\{([^{}/]+)}");
  private static final Set<String> KEYS =
      Set.of("id", "uuid", "guid", "gid", "key", "sku", "slug", "_id");

  private final OpenApi api;
  private final String source;
  private final Map<String, Operation> lists;
  private final Map<String, String> names;
  private final Map<String, String> vars = new LinkedHashMap<>();
  private final Map<String, Request> made = new HashMap<>();

  /**
   * @param path as the configuration has it
   * @param params that must be given, as YAML
   * @param refusal why it cannot be asked for; {@code null} when it can
   */
  record Request(String path, Map<String, String> params, String refusal) {
    static Request refused(String why) {
      return new Request(null, Map.of(), why);
    }
  }

  /**
   * @param lists by their paths
   * @param names of their resources
   */
  Requests(OpenApi api, String source, Map<String, Operation> lists, Map<String, String> names) {
    this.api = api;
    this.source = source;
    this.lists = lists;
    this.names = names;
  }

  /** The variables that were needed so far, with their values as YAML. */
  Map<String, String> vars() {
    return vars;
  }

  /** Parents come before their children, whatever the order of the document. */
  Request of(String path) {
    Request known = made.get(path);
    if (known == null) {
      known = make(path); // a path is longer than its parent's, so this ends
      made.put(path, known);
    }
    return known;
  }

  private Request make(String path) {
    if (path.contains("?") || path.contains("#")) {
      return Request.refused("its path holds ? or #");
    }
    String parent = null;
    Matcher each = PARAMETER.matcher(path);
    while (each.find()) {
      if (field(path, each) != null) {
        parent = before(path, each);
      }
    }
    if (parent != null && of(parent).refusal() != null) {
      return Request.refused("its parent is not there: " + of(parent).refusal());
    }
    StringBuilder out = new StringBuilder();
    Map<String, String> opened = new LinkedHashMap<>();
    int from = 0;
    each.reset();
    while (each.find()) {
      out.append(literal(path.substring(from, each.start())));
      from = each.end();
      String name = each.group(1);
      String field = field(path, each);
      if (field != null && !before(path, each).equals(parent)) {
        // the record of the parent must tell whose child it is
        field = lists.get(parent).item().containsKey(name) && plain(name) ? name : null;
        if (field == null) {
          return Request.refused("it needs records of two lists at once: " + name);
        }
      }
      if (field == null) {
        opened.put(Names.of(name, "value"), variable(name, null));
        out.append("${vars.").append(Names.of(name, "value")).append('}');
      } else {
        out.append("{resources.").append(names.get(parent)).append('.').append(field).append('}');
      }
    }
    out.append(literal(path.substring(from)));
    Map<String, String> params = required(lists.get(path), opened);
    vars.putAll(opened);
    return new Request(out.toString().replaceFirst("^/+", ""), params, null);
  }

  /** The parameters without which there is no answer. */
  private Map<String, String> required(Operation operation, Map<String, String> opened) {
    Map<String, String> params = new LinkedHashMap<>();
    operation
        .query()
        .forEach(
            (name, parameter) -> {
              boolean pages =
                  Address.sizes(name) || Address.countsPages(name) || Address.countsRecords(name);
              if (parameter.path("required").asBoolean() && !pages) {
                JsonNode schema = api.resolved(parameter.path("schema"));
                String variable = Names.of(name, "value");
                opened.put(variable, variable(name, schema));
                params.put(name, "\"${vars." + variable + "}\"");
              }
            });
    return params;
  }

  /** A variable of the environment, with what the document proposes. */
  private String variable(String name, JsonNode schema) {
    String proposed =
        schema == null ? "" : schema.path("default").asText(schema.path("enum").path(0).asText(""));
    String otherwise = proposed.matches("[A-Za-z0-9_.,:-]{1,40}") ? ":-" + proposed : "";
    return "\"${env:" + Names.variable(source, name) + otherwise + "}\"";
  }

  /** The field of the list before the parameter that fits it; {@code null} when there is none. */
  private String field(String path, Matcher parameter) {
    String before = before(path, parameter);
    Operation list = before == null ? null : lists.get(before);
    if (list == null) {
      return null;
    }
    String name = parameter.group(1);
    String one = singular(before.substring(before.lastIndexOf('/') + 1));
    String snake = Names.of(name, "");
    String rest = snake.startsWith(one + "_") ? snake.substring(one.length() + 1) : snake;
    for (String field : List.of(name, snake, rest, snake.endsWith("id") ? "id" : name)) {
      JsonNode property = list.item().get(field);
      boolean scalar = property != null && !api.list(property) && !api.object(property);
      if (scalar && plain(field)) {
        return field;
      }
    }
    return null;
  }

  /** The path up to a parameter that is a whole part of it; {@code null} when it is none. */
  private static String before(String path, Matcher parameter) {
    boolean begins = parameter.start() > 0 && path.charAt(parameter.start() - 1) == '/';
    boolean ends = parameter.end() == path.length() || path.charAt(parameter.end()) == '/';
    return begins && ends ? path.substring(0, parameter.start() - 1) : null;
  }

  private static String singular(String word) {
    return Names.of(word, "").replaceFirst("ies$", "y").replaceFirst("(?<=[hsx])es$|s$", "");
  }

  private static boolean plain(String name) {
    return name.matches("[A-Za-z_][A-Za-z0-9_]*");
  }

  private static String literal(String text) {
    return text.replace("{", "{{").replace("}", "}}");
  }

  /** The field that tells records apart, by its name; that is a guess. */
  static Optional<String> key(Operation operation, String resource) {
    String one = singular(resource);
    return operation.item().keySet().stream()
        .filter(name -> KEYS.contains(name) || name.equals(one + "_id") || name.equals(one + "Id"))
        .min(java.util.Comparator.comparingInt(name -> name.equals("id") ? 0 : 1));
  }
}
