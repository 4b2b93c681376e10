/**
 * The commands, one file each, and how they talk: text for people or one JSON document. Start
 * reading at {@link io.millrace.worker.command.Millrace}, then {@link
 * io.millrace.worker.command.RunCommand}. It may import everything.
 */
package io.millrace.worker.command;
