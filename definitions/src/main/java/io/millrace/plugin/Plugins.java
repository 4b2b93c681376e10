package io.millrace.plugin;

import java.util.Collections;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Function;

/** The plugins on the class path, found once per process. */
public final class Plugins {
  private static final Map<String, AuthPlugin> AUTH = found(AuthPlugin.class, AuthPlugin::type);
  private static final Map<String, PaginatorPlugin> PAGINATORS =
      found(PaginatorPlugin.class, PaginatorPlugin::type);

  private Plugins() {}

  /** By their type, in alphabetical order. */
  public static Map<String, AuthPlugin> ofAuth() {
    return AUTH;
  }

  /** By their type, in alphabetical order. */
  public static Map<String, PaginatorPlugin> ofPaginators() {
    return PAGINATORS;
  }

  private static <P> Map<String, P> found(Class<P> kind, Function<P, String> type) {
    Map<String, P> found = new TreeMap<>();
    for (P plugin : ServiceLoader.load(kind, Plugins.class.getClassLoader())) {
      P other = found.putIfAbsent(type.apply(plugin), plugin);
      if (other != null) {
        throw new IllegalStateException(
            "Cannot use two plugins of one type: "
                + type.apply(plugin)
                + ": "
                + other.getClass().getName()
                + " and "
                + plugin.getClass().getName()
                + " (take one of them off the class path)");
      }
    }
    return Collections.unmodifiableMap(found);
  }
}
