/**
 * What the rooms say to each other while running: the workflow and activity interfaces and the
 * small records that cross Temporal. Start at {@link io.millrace.run.Materialize}. May import
 * {@code io.millrace}, the JDK, Jackson and the Temporal SDK's annotations, failures and data
 * converter.
 */
package io.millrace.run;
