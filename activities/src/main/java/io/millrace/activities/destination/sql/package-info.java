/**
 * A load as every SQL engine does it: fence, schema, rows, receipt and state in one transaction.
 * Start at {@code LoadTransaction}; an engine brings a {@link
 * io.millrace.activities.destination.sql.Database} and a {@link
 * io.millrace.activities.destination.sql.Dialect}. May import {@code destination}, {@code staging},
 * definitions and Jdbi, and no driver.
 */
package io.millrace.activities.destination.sql;
