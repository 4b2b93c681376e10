package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.schema.Schema;
import java.util.Map;

/**
 * What a segment became.
 *
 * @param schema after the segment; its version and hash are those of the schema before when nothing
 *     changed
 * @param cursor for the next segment; {@code null} when there is nothing to remember
 * @param records of the source that the segment held, rejected and filtered ones included
 * @param rejected rows of {@code _mr_rejects}
 * @param sha256 the package's digest
 * @param notes how often something was read in a way that its writer may not have meant, by name:
 *     {@code duplicate_keys} (the last one won), {@code unpaired_surrogates} (became U+FFFD),
 *     {@code nul_characters} (texts that held NUL, which is left out), {@code names_apart} (keys
 *     named differently because their names met), {@code shared_ids} (rows that brought an id of
 *     their own that another row of the segment had: they got one of ours), {@code overflow}
 *     (values that share a column, for their table has too many already), {@code filtered} (records
 *     that a filter of {@code processing_steps} dropped); only those that happened
 */
public record Normalized(
    Schema schema,
    JsonNode cursor,
    long records,
    long rejected,
    String sha256,
    Map<String, Long> notes) {}
