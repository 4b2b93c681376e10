package io.millrace.worker;

import io.grpc.StatusRuntimeException;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.api.operatorservice.v1.AddSearchAttributesRequest;
import io.temporal.api.operatorservice.v1.ListSearchAttributesRequest;
import io.temporal.serviceclient.OperatorServiceStubs;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Makes a Temporal server know the attributes that our workflows set, so that runs can be found by
 * asset, phase and so on.
 */
public final class SearchAttributes {
  /** Name to type, in the order in which they are shown. */
  public static final Map<String, IndexedValueType> ALL = all();

  private SearchAttributes() {}

  private static Map<String, IndexedValueType> all() {
    Map<String, IndexedValueType> all = new LinkedHashMap<>();
    io.millrace.run.SearchAttributes.ALL.forEach(key -> all.put(key.getName(), key.getValueType()));
    return Collections.unmodifiableMap(all);
  }

  /** The type as Temporal's own command line spells it, for example {@code KeywordList}. */
  public static String typeName(IndexedValueType type) {
    StringBuilder name = new StringBuilder();
    for (String word : type.name().substring("INDEXED_VALUE_TYPE_".length()).split("_")) {
      name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return name.toString();
  }

  /**
   * Those that the namespace lacks. A name that is there with another type is a {@code
   * TEMPORAL_UNREACHABLE}: the server cannot be used as it is.
   */
  public static Map<String, IndexedValueType> missing(Backend backend) {
    if (backend.testServer()) {
      return Map.of(); // it cannot list them; who started it has added them
    }
    OperatorServiceStubs operator = backend.operator();
    try {
      Map<String, IndexedValueType> there =
          operator
              .blockingStub()
              .listSearchAttributes(
                  ListSearchAttributesRequest.newBuilder()
                      .setNamespace(backend.namespace())
                      .build())
              .getCustomAttributesMap();
      Map<String, IndexedValueType> missing = new LinkedHashMap<>(ALL);
      there.forEach(
          (name, type) -> {
            IndexedValueType ours = missing.remove(name);
            if (ours != null && ours != type) {
              throw new MillraceException(
                  Failure.TEMPORAL_UNREACHABLE,
                  "Cannot use the search attribute "
                      + name
                      + " of "
                      + backend.name()
                      + ": it has the type "
                      + typeName(type)
                      + ", not "
                      + typeName(ours)
                      + " (remove it with `temporal operator search-attribute remove --name "
                      + name
                      + "`, or use another namespace)");
            }
          });
      return missing;
    } catch (StatusRuntimeException e) {
      throw refused(backend, e);
    } finally {
      operator.shutdownNow();
    }
  }

  /** Registers them. May be called twice. */
  public static void add(Backend backend, Map<String, IndexedValueType> attributes) {
    if (attributes.isEmpty()) {
      return;
    }
    OperatorServiceStubs operator = backend.operator();
    try {
      operator
          .blockingStub()
          .addSearchAttributes(
              AddSearchAttributesRequest.newBuilder()
                  .setNamespace(backend.namespace())
                  .putAllSearchAttributes(attributes)
                  .build());
    } catch (StatusRuntimeException e) {
      throw refused(backend, e);
    } finally {
      if (!backend.inProcess()) {
        operator.shutdownNow();
      }
    }
  }

  private static MillraceException refused(Backend backend, StatusRuntimeException e) {
    return new MillraceException(
        Failure.TEMPORAL_UNREACHABLE,
        "Cannot register search attributes in the namespace "
            + backend.namespace()
            + " of "
            + backend.name()
            + ": "
            + e.getStatus().getDescription()
            + " (`millrace server setup` does it with an account that may)",
        e);
  }
}
