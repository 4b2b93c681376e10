/**
 * What somebody else may add to Millrace: a jar on the class path, found by {@link
 * java.util.ServiceLoader}. Start with {@link io.millrace.plugin.AuthPlugin}; {@code
 * examples/custom-auth} is a whole one. A plugin compiles against {@code definitions} alone; this
 * package imports nothing but the JDK.
 */
package io.millrace.plugin;
