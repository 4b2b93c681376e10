package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * Which segment a step works on. The same for its fetch, its normalize and its load.
 *
 * @param project the project's name
 * @param manifest sha256 of the definitions that the run began with
 * @param asset key of the asset
 * @param partition key of the partition; {@code null} for none
 * @param runId of the run that it belongs to
 * @param loadId {@code {first start}-{run}-{epoch}-{seq}}
 * @param epoch number of the writer, from 1; above every epoch before it. A chain of executions has
 *     one, and takes a new one each time it has to begin again from the destination's state, so
 *     that a load id never names two different pieces of data. A load is accepted when it has the
 *     stored epoch and the next {@code seq}, or a higher epoch and {@code seq} 1; with the latter,
 *     shadow tables that an unfinished epoch left are dropped
 * @param seq number within the epoch, from 1
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Segment(
    String project,
    String manifest,
    String asset,
    String partition,
    String runId,
    String loadId,
    int epoch,
    int seq) {
  /** The same for an earlier load. */
  public Segment of(String earlier) {
    return new Segment(project, manifest, asset, partition, runId, earlier, epoch, seq);
  }
}
