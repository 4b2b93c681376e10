package io.millrace.activities.normalize;

import java.util.Set;

/**
 * What the destination says of the names of tables and columns.
 *
 * @param longest code points that a name may have
 * @param folded whether names that differ only in case are one
 * @param taken columns that every table has already, such as PostgreSQL's {@code ctid}
 */
public record Identifiers(int longest, boolean folded, Set<String> taken) {}
