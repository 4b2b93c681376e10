/**
 * The DuckDB destination: one file, opened for one piece of work and closed. Start at {@code
 * DuckDbDatabase}. May import {@code destination.sql}, {@code staging}, definitions and
 * duckdb_jdbc.
 */
package io.millrace.activities.destination.duckdb;
