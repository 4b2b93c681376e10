package io.millrace.source;

/**
 * What no source may exceed. A record over a limit goes to the rejects, the rest goes on; too many
 * pages or too large a response end the asset with {@link io.millrace.Failure#POLICY_REFUSED}.
 *
 * @param pages of one run; default 100,000
 * @param responseBytes decoded bytes of one response; default 256 MB
 * @param recordBytes default 64 MB
 * @param depth of nested objects and lists in a record; default 512
 */
public record Limits(Long pages, Long responseBytes, Long recordBytes, Integer depth) {
  public static final Limits DEFAULT = new Limits(null, null, null, null);

  public Limits {
    pages = pages == null ? 100_000 : pages;
    responseBytes = responseBytes == null ? 256_000_000L : responseBytes;
    recordBytes = recordBytes == null ? 64_000_000L : recordBytes;
    depth = depth == null ? 512 : depth;
  }
}
