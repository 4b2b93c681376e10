/** Claims of speed, each a ratio to a baseline measured in the same run. Start at {@link io.millrace.benchmarks.NormalizeBenchmark}. May import everything. */
package io.millrace.benchmarks;
