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
 * @param epoch the execution chain's number for the asset, from 1
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
    int seq) {}
