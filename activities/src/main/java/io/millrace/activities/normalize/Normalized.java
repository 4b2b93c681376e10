package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.schema.Schema;

/**
 * What a segment became.
 *
 * @param schema after the segment; its version and hash are those of the schema before when nothing
 *     changed
 * @param cursor for the next segment; {@code null} when there is nothing to remember
 * @param records of the source that the segment held, rejected and filtered ones included
 * @param rejected rows of {@code _mr_rejects}
 * @param sha256 the package's digest
 */
public record Normalized(
    Schema schema, JsonNode cursor, long records, long rejected, String sha256) {}
