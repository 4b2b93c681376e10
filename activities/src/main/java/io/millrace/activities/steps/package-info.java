/**
 * {@code processing_steps}: what a record goes through between its raw page and the normalizer.
 * Start at {@link io.millrace.activities.steps.Steps}. It may import definitions, {@code
 * activities.cursor} and {@code activities.secret}.
 */
package io.millrace.activities.steps;
