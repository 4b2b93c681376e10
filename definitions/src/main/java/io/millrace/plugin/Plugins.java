package io.millrace.plugin;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** The plugins on the class path, found once per process. */
public final class Plugins {
  private static final Map<String, AuthPlugin> AUTH = auth();

  private Plugins() {}

  /** By their type, in alphabetical order. */
  public static Map<String, AuthPlugin> ofAuth() {
    return AUTH;
  }

  private static Map<String, AuthPlugin> auth() {
    Map<String, AuthPlugin> found = new TreeMap<>();
    for (AuthPlugin plugin : ServiceLoader.load(AuthPlugin.class, Plugins.class.getClassLoader())) {
      AuthPlugin other = found.putIfAbsent(plugin.type(), plugin);
      if (other != null) {
        throw new IllegalStateException(
            "Cannot use two plugins of one type: "
                + plugin.type()
                + ": "
                + other.getClass().getName()
                + " and "
                + plugin.getClass().getName()
                + " (take one of them off the class path)");
      }
    }
    return java.util.Collections.unmodifiableMap(found);
  }
}
