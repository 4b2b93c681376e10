/**
 * The pure leaf functions of the normalizer: names, row ids, numbers, times and the conversion of
 * one value into one column's cell. Start at {@link
 * io.millrace.activities.normalize.value.Coercion}. It may import the schema types of definitions,
 * Jackson and the JDK; no I/O, no clock, no logging.
 */
package io.millrace.activities.normalize.value;
