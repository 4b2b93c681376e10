package io.millrace.benchmarks;

import java.nio.file.Path;
import java.util.List;

/**
 * What was asked for on the command line.
 *
 * @param records GitHub-like events, or as many records of another shape as make about as many
 *     bytes; 0: the mode's own number
 * @param cores how many processors the measured processes may use, for each a table; empty: the
 *     mode's own choice
 * @param rounds that count; 0: the mode's own number
 * @param json whether to print JSON instead of a Markdown table
 * @param python the interpreter that has dlt; {@code null} for none
 * @param dir where generated files and databases go; they are deleted again
 * @param heap of the measured process, in the JVM's words
 * @param megabytes size of the big file of {@code memory}
 * @param recordMegabytes size of its big record
 * @param engine the only one that is measured by {@code load}; {@code null} for all
 * @param only the kind of loads that is measured by {@code load}; {@code null} for all
 * @param project the repository's folder
 */
record Options(
    String mode,
    long records,
    List<Integer> cores,
    int rounds,
    boolean json,
    Path python,
    Path dir,
    String heap,
    long megabytes,
    long recordMegabytes,
    String engine,
    String only,
    Path project) {

  static final String USAGE =
      """
      Usage: benchmarks/run [MODE] [OPTIONS]

      normalize   MB/s of one core, up to the sealed package, against Jackson's bare tokenizer (default)
      duckdb      a JSONL file into DuckDB with `millrace run`, against DuckDB's own read_json and SQL
      load        load packages into PostgreSQL and DuckDB, against raw COPY, CTAS and merges written by hand
      memory      a large file and a large record under a small heap: peak resident memory
      dlt         the same file through dlt; needs --python PATH of a Python that has it
      rest        pages of a local API, fetched and staged, against bare OkHttp
      profile     where the time of `millrace run` goes: self time by package and by method

      --records N        GitHub-like events (other shapes: as many bytes); pages (rest)
      --cores 1|2|1,2    processors for the measured processes (duckdb, dlt, profile)
      --engine postgres|duckdb   only that one (load)
      --only append|merge|snapshot   only these (load)
      --rounds N         rounds that count
      --output json      one JSON document instead of Markdown
      --python PATH      for dlt
      --dir PATH         where generated files go (default: the temporary folder)
      --heap SIZE        heap of `millrace run` (default 512m)
      --megabytes N      of the large file (memory; default 5000)
      --record-megabytes N   of the large record (memory; default 100)
      """;

  /** Reads the command line; throws {@link IllegalArgumentException} with what is wrong. */
  static Options parse(List<String> words) {
    String mode = "normalize";
    long records = 0;
    List<Integer> cores = List.of();
    int rounds = 0;
    boolean json = false;
    Path python = null;
    Path dir = Path.of(System.getProperty("java.io.tmpdir"));
    String heap = "512m";
    long megabytes = 5_000;
    long recordMegabytes = 100;
    String engine = null;
    String only = null;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!word.startsWith("--")) {
        if (i > 0) {
          throw new IllegalArgumentException("Cannot read the command line: unknown word: " + word);
        }
        mode = word;
        continue;
      }
      if (i + 1 == words.size()) {
        throw new IllegalArgumentException(
            "Cannot read the command line: option without a value: " + word);
      }
      String value = words.get(++i);
      switch (word) {
        case "--records" -> records = Long.parseLong(value);
        case "--cores" -> cores = List.of(value.split(",")).stream().map(Integer::valueOf).toList();
        case "--rounds" -> rounds = Integer.parseInt(value);
        case "--output" -> json = value.equals("json");
        case "--python" -> python = Path.of(value);
        case "--dir" -> dir = Path.of(value);
        case "--heap" -> heap = value;
        case "--engine" -> engine = value;
        case "--only" -> only = value;
        case "--megabytes" -> megabytes = Long.parseLong(value);
        case "--record-megabytes" -> recordMegabytes = Long.parseLong(value);
        default ->
            throw new IllegalArgumentException(
                "Cannot read the command line: unknown option: " + word);
      }
    }
    return new Options(
        mode,
        records,
        cores,
        rounds,
        json,
        python,
        dir,
        heap,
        megabytes,
        recordMegabytes,
        engine,
        only,
        Path.of(System.getProperty("millrace.project", ".")).toAbsolutePath().normalize());
  }

  long recordsOr(long otherwise) {
    return records > 0 ? records : otherwise;
  }

  /** Whether these loads into this engine are wanted. */
  boolean measures(String into, String loads) {
    return (engine == null || engine.equals(into)) && (only == null || only.equals(loads));
  }

  int roundsOr(int otherwise) {
    return rounds > 0 ? rounds : otherwise;
  }

  List<Integer> coresOr(List<Integer> otherwise) {
    return cores.isEmpty() ? otherwise : cores;
  }
}
