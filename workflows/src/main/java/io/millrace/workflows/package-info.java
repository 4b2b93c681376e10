/**
 * When and in what order: the implementations of the workflows. Start at {@link
 * io.millrace.workflows.MaterializeWorkflow}, then {@link io.millrace.workflows.Pipeline}. May
 * import the definitions and the Temporal SDK; no clock, random, thread or I/O but those of {@code
 * io.temporal.workflow.Workflow}, because every line here is replayed from history.
 */
package io.millrace.workflows;
