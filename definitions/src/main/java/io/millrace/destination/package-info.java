/**
 * Where rows land and how they meet those that are there: destinations, write dispositions, the
 * names of our columns and tables. Start at {@link io.millrace.destination.WriteDisposition}. May
 * import {@code project.Text} and {@code schema}.
 */
package io.millrace.destination;
