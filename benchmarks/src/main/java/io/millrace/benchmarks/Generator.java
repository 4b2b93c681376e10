package io.millrace.benchmarks;

/** Makes records up, one after the other, from a fixed seed: the same seed gives the same bytes. */
interface Generator {
  /** The {@code number}th record as one line of JSON without its end. Call it with 0, 1, 2, … */
  String record(long number);
}
