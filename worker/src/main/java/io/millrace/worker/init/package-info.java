/**
 * Writes projects for people who have only an address or an OpenAPI document. Start with {@link
 * io.millrace.worker.init.RestStart}. May import the engine's probe, {@code definitions} and the
 * seams of {@code worker}.
 */
package io.millrace.worker.init;
