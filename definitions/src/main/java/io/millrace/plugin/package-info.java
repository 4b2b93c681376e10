/**
 * What somebody else may add to Millrace: a jar on the class path, found by {@link
 * java.util.ServiceLoader}. Start with {@link io.millrace.plugin.AuthPlugin} or {@link
 * io.millrace.plugin.PaginatorPlugin}; {@code examples/custom-auth} has one of each. A plugin
 * compiles against {@code definitions} alone; this package imports nothing but the JDK.
 */
package io.millrace.plugin;
