/**
 * Where data lies between two steps: published manifests, raw segments, packages and small
 * documents, all immutable and all checked when they are read. Start with {@link
 * io.millrace.activities.staging.Staging}. May import {@code definitions}; knows neither sources
 * nor destinations nor Temporal.
 */
package io.millrace.activities.staging;
