package io.millrace.activities.extract;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.Progress;
import io.millrace.activities.staging.Draft;
import io.millrace.activities.staging.Published;
import io.millrace.activities.staging.RawFileReader;
import io.millrace.activities.staging.RawFileWriter;
import io.millrace.activities.staging.RawPage;
import io.millrace.activities.staging.StageKey;
import io.millrace.activities.staging.Staging;
import io.millrace.run.Checkpoint;
import io.millrace.run.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * What one fetch into real staging gave, read back: the answer, and the pages with their bodies.
 */
public record FetchedSegment(Extractor.Fetched fetched, List<String> bodies, List<RawPage> pages) {

  /** A fetch, from its position to the segment that it published. */
  @FunctionalInterface
  public interface Fetching {
    FetchedSegment from(JsonNode position) throws IOException;
  }

  /**
   * Fetches one segment.
   *
   * @param order of a position, which has travelled as JSON
   */
  public static FetchedSegment fetch(
      Path folder,
      Extractor extractor,
      Function<JsonNode, Extractor.Order> order,
      JsonNode position,
      Progress progress)
      throws IOException {
    String loadId = UUID.randomUUID().toString();
    JsonNode carried = position == null ? null : Wire.mapper().readTree(position.toString());
    try (Draft draft = new Staging(folder).draft("source.resource", loadId);
        RawFileWriter out = new RawFileWriter(draft)) {
      Extractor.Fetched fetched = extractor.fetch(order.apply(carried), out, progress);
      out.finish();
      StageKey key = StageKey.raw("source.resource", loadId, "m", Checkpoint.START);
      return read(fetched, draft.publish(key, Wire.mapper().createObjectNode()));
    }
  }

  /** Fetches until there is no more. */
  public static List<FetchedSegment> all(Fetching fetching) throws IOException {
    List<FetchedSegment> segments = new ArrayList<>();
    JsonNode position = null;
    do {
      FetchedSegment segment = fetching.from(position);
      segments.add(segment);
      position = segment.fetched().position();
    } while (!segments.get(segments.size() - 1).fetched().done());
    return segments;
  }

  private static FetchedSegment read(Extractor.Fetched fetched, Published published)
      throws IOException {
    List<String> bodies = new ArrayList<>();
    List<RawPage> pages = new ArrayList<>();
    try (RawFileReader reader = RawFileReader.open(published)) {
      while (reader.hasNext()) {
        RawPage page = reader.next();
        pages.add(page);
        try (InputStream in = page.body().open()) {
          bodies.add(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
    }
    return new FetchedSegment(fetched, bodies, pages);
  }
}
