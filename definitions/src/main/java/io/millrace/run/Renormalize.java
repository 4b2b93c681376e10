package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * Asks a run to normalize what earlier loads fetched, instead of fetching. Without either bound:
 * everything that an asset has in the destination.
 *
 * @param from the load id of the first load; {@code null} for all
 * @param since loads that were committed at that time or later, ISO-8601; {@code null} for all
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Renormalize(String from, String since) {
  /**
   * The note of an {@link Outcome} that counts the loads that were normalized again: how one tells
   * such a run from one that fetched.
   */
  public static final String NOTE = "renormalized";
}
