package io.millrace.activities.staging;

import java.util.List;

/**
 * A page's bytes with the work of staging them done as far as it can be before the page's turn.
 *
 * @param body decoded
 * @param frames the same, compressed, as they go into the file; empty when nobody packed them
 */
@SuppressWarnings("ArrayRecordComponent")
public record Packed(byte[] body, List<byte[]> frames) {}
