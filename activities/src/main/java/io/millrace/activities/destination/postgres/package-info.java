/**
 * The PostgreSQL destination: rows go in through binary COPY, a load package in one transaction.
 * Start at {@code PostgresDatabase}. May import {@code destination.sql}, {@code staging},
 * definitions, HikariCP and the PostgreSQL driver.
 */
package io.millrace.activities.destination.postgres;
