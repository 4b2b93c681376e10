/**
 * The demo: a small API with awkward manners, and a worker that dies in the middle of loading it.
 * Start with {@link io.millrace.worker.demo.Demo}, which reads like the story that the command
 * tells. May import everything of ours but the commands.
 */
package io.millrace.worker.demo;
