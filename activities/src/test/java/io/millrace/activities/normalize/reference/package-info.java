/**
 * A second normalizer, slow and plain, written from the specification alone: what the product makes
 * of random records is compared with what this one makes of them. Start at {@link
 * io.millrace.activities.normalize.reference.DifferentialTest}, then {@code Reference}. Of the
 * product it knows only the way in and the way out ({@code Subject}); names, ids, types and values
 * are its own.
 */
package io.millrace.activities.normalize.reference;
