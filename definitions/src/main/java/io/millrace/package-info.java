/**
 * The names of failures and the exception that carries them, and what hashes texts. What things are
 * lies in the packages below: {@code source}, {@code destination}, {@code schema} and {@code
 * asset}, put together by {@code project}; what the rooms say to each other while running lies in
 * {@code run}. Start at {@link io.millrace.project.Project}. Imports nothing but the JDK.
 */
package io.millrace;
