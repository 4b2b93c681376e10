/**
 * Claims of speed, each a ratio to a rival measured in the same run. Start at {@link
 * io.millrace.benchmarks.Benchmarks}. May import everything.
 */
package io.millrace.benchmarks;
