/**
 * The small language of {@code filter} and {@code map} in {@code processing_steps}: Apache JEXL
 * with everything taken out that could loop, reach a class or change anything. Start at {@link
 * io.millrace.expression.Expression}. Imports JEXL and nothing of ours but failures.
 */
package io.millrace.expression;
