/**
 * The normalizer: one pass from the bytes of raw pages to batches of sparse typed columns per
 * table, in a load package. Start at {@link io.millrace.activities.normalize.Normalizer}, then
 * {@code Records} (bytes to a tape of one record) and {@code Rows} (tape to cells). It may import
 * definitions, {@code activities.staging}, {@code activities.cursor}, {@code activities.steps} and
 * the leaf functions in {@code value}; it knows neither HTTP nor databases nor Temporal.
 */
package io.millrace.activities.normalize;
