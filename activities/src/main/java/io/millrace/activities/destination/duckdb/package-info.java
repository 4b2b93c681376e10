/**
 * The DuckDB destination: one file, one writer, one transaction per load. Start at {@code
 * DuckDbLoader}, then {@code LoadTransaction}. May import {@code destination}, {@code staging},
 * definitions, Jdbi and duckdb_jdbc.
 */
package io.millrace.activities.destination.duckdb;
