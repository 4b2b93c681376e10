/**
 * The engine's front: one activity per step, each a few lines around the engine, and {@link
 * io.millrace.activities.Engine}, which wires staging, secrets, extractors and destinations
 * together. Start there, then follow a record through {@code FetchActivityImpl}, {@code
 * NormalizeActivityImpl} and {@code LoadActivityImpl}. Only the classes named {@code …ActivityImpl}
 * know Temporal.
 */
package io.millrace.activities;
