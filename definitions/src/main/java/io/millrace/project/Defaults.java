package io.millrace.project;

import io.millrace.project.shape.Node;
import io.millrace.project.shape.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * Puts {@code resource_defaults} below each resource as dlt does ({@code endpoint.params}, {@code
 * endpoint.json} and {@code columns} are merged, everything else is replaced), and the project's
 * {@code segment} below each resource's. Works on the tree, so that places stay true; what does not
 * have the expected form is left for the reader to refuse.
 */
final class Defaults {
  private Defaults() {}

  static Node.Fields applied(Node.Fields root) {
    Optional<Node> segment = root.get("segment");
    return root.changed("sources", sources -> each(sources, s -> source(s, segment)));
  }

  private static Node source(Node source, Optional<Node> segment) {
    if (!(source instanceof Node.Fields fields)) {
      return source;
    }
    Node.Fields defaults =
        fields.get("resource_defaults").orElse(null) instanceof Node.Fields d
            ? d
            : new Node.Fields(fields.place(), List.of());
    boolean endpoints =
        fields.get("type").orElse(null) instanceof Node.Scalar type
            && type.text().equals("rest_api");
    return fields.changed(
        "resources",
        resources ->
            each(
                resources,
                resource -> {
                  Node.Fields own = resource(resource, endpoints).orElse(null);
                  return own == null ? resource : older(merged(defaults, own, segment));
                }));
  }

  /** The resource in its long form; empty when it has none. */
  private static Optional<Node.Fields> resource(Node resource, boolean endpoints) {
    Node.Fields fields;
    if (resource instanceof Node.Scalar scalar && scalar.kind() == Node.Kind.TEXT) {
      fields = map(scalar.place(), "name", scalar);
    } else if (resource instanceof Node.Fields written) {
      fields = written;
    } else {
      return Optional.empty();
    }
    Node name = fields.get("name").orElse(null);
    if (!endpoints || name == null) {
      return Optional.of(fields);
    }
    Node endpoint = fields.get("endpoint").filter(n -> !Node.isNull(n)).orElse(null);
    if (endpoint instanceof Node.Scalar path) {
      endpoint = map(path.place(), "path", path);
    } else if (endpoint == null) {
      endpoint = map(name.place(), "path", name);
    } else if (endpoint instanceof Node.Fields keys && keys.get("path").isEmpty()) {
      endpoint = keys.with(new Node.Field(name.place(), "path", name));
    }
    return Optional.of(fields.with(new Node.Field(endpoint.place(), "endpoint", endpoint)));
  }

  private static Node.Fields merged(Node.Fields defaults, Node.Fields own, Optional<Node> segment) {
    Node.Fields all =
        under(defaults, own, Map.of("endpoint", Defaults::endpoint, "columns", Defaults::columns));
    return segment.isEmpty() ? all : all.changed("segment", s -> under(segment.get(), s));
  }

  private static Node.Fields older(Node.Fields resource) {
    return resource.changed(
        "endpoint", e -> e instanceof Node.Fields endpoint ? incremental(endpoint) : e);
  }

  /**
   * dlt's older {@code params: {since: {type: incremental, …}}} as what it means: an incremental
   * whose start goes into that parameter. An endpoint that has one already is left as it is.
   */
  private static Node.Fields incremental(Node.Fields endpoint) {
    boolean has = endpoint.get("incremental").filter(n -> !Node.isNull(n)).isPresent();
    if (has || !(endpoint.get("params").orElse(null) instanceof Node.Fields params)) {
      return endpoint;
    }
    for (Node.Field param : params.fields()) {
      if (param.value() instanceof Node.Fields fields
          && fields.get("type").orElse(null) instanceof Node.Scalar type
          && type.text().equals("incremental")) {
        Node.Fields made = fields.without("type");
        if (made.get("start_param").isEmpty()) {
          Node.Scalar name =
              new Node.Scalar(param.place(), param.place(), Node.Kind.TEXT, param.name());
          made = made.with(new Node.Field(param.place(), "start_param", name));
        }
        return endpoint
            .with(new Node.Field(endpoint.place(), "params", params.without(param.name())))
            .with(new Node.Field(param.place(), "incremental", made));
      }
    }
    return endpoint;
  }

  private static Node endpoint(Node defaults, Node own) {
    Node standard =
        defaults instanceof Node.Scalar path ? map(path.place(), "path", path) : defaults;
    return standard instanceof Node.Fields d && own instanceof Node.Fields o
        ? under(d, o, Map.of("params", Defaults::under, "json", Defaults::under))
        : own;
  }

  private static Node columns(Node defaults, Node own) {
    return byName(defaults) instanceof Node.Fields d && byName(own) instanceof Node.Fields o
        ? eachUnder(d, o)
        : own;
  }

  /** A list of columns as a map by their names; anything else as it is. */
  private static Node byName(Node columns) {
    if (!(columns instanceof Node.Items items)) {
      return columns;
    }
    Node.Fields map = new Node.Fields(items.place(), List.of());
    for (Node item : items.items()) {
      if (!(item instanceof Node.Fields column
          && column.get("name").orElse(null) instanceof Node.Scalar name
          && map.get(name.text()).isEmpty())) {
        return columns;
      }
      map = map.with(new Node.Field(name.place(), name.text(), column.without("name")));
    }
    return map;
  }

  private static Node.Fields eachUnder(Node.Fields defaults, Node.Fields own) {
    Node.Fields all = defaults;
    for (Node.Field field : own.fields()) {
      Node value =
          defaults.get(field.name()).map(d -> under(d, field.value())).orElse(field.value());
      all = all.with(new Node.Field(field.place(), field.name(), value));
    }
    return all;
  }

  /** The own keys over the defaults' when both are maps; else the own value. */
  private static Node under(Node defaults, Node own) {
    return defaults instanceof Node.Fields d && own instanceof Node.Fields o
        ? under(d, o, Map.of())
        : own;
  }

  /** The own keys over the defaults'; some are merged instead of replaced. */
  private static Node.Fields under(
      Node.Fields defaults, Node.Fields own, Map<String, BinaryOperator<Node>> merges) {
    Node.Fields all = defaults;
    for (Node.Field field : own.fields()) {
      Node standard = defaults.get(field.name()).orElse(null);
      BinaryOperator<Node> merge = merges.get(field.name());
      Node value =
          standard == null || merge == null ? field.value() : merge.apply(standard, field.value());
      all = all.with(new Node.Field(field.place(), field.name(), value));
    }
    return new Node.Fields(own.place(), all.fields());
  }

  private static Node each(Node node, UnaryOperator<Node> change) {
    if (node instanceof Node.Items items) {
      return new Node.Items(items.place(), items.items().stream().map(change).toList());
    }
    if (node instanceof Node.Fields fields) {
      List<Node.Field> all = new ArrayList<>();
      fields
          .fields()
          .forEach(f -> all.add(new Node.Field(f.place(), f.name(), change.apply(f.value()))));
      return new Node.Fields(fields.place(), all);
    }
    return node;
  }

  private static Node.Fields map(Place place, String key, Node value) {
    return new Node.Fields(place, List.of(new Node.Field(place, key, value)));
  }
}
