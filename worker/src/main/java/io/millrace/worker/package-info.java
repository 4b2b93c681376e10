/**
 * The one room that knows all others: the process around them, its command line, its Temporal
 * server. Start reading at {@link io.millrace.worker.Main}, then {@link
 * io.millrace.worker.WorkerProcess}. It may import everything; nothing imports it.
 */
package io.millrace.worker;
