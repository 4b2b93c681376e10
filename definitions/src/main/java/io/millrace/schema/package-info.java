/**
 * Tables, columns and types as values, what may change by itself, and the stored form that dlt
 * reads too. Start at {@link io.millrace.schema.Schema}, then {@link
 * io.millrace.schema.SchemaJson}. Imports nothing of ours but names of system columns.
 */
package io.millrace.schema;
