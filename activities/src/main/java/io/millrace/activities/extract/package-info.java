/**
 * Reads sources into raw segments, page by page. Start with {@link
 * io.millrace.activities.extract.Extractor}; one subpackage per type of source. May import {@code
 * definitions}, {@code secret} and {@code staging}; knows neither tables nor Temporal.
 */
package io.millrace.activities.extract;
