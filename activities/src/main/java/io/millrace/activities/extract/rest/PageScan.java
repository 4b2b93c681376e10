package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.extract.Told;
import io.millrace.activities.staging.Packed;
import io.millrace.activities.staging.RawPage;
import io.millrace.activities.staging.RawSegmentWriter;
import io.millrace.source.DataSelector;
import io.millrace.source.JsonPath;
import io.millrace.source.Paginator;
import io.millrace.source.ResponseFormat;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import okhttp3.Headers;
import okhttp3.MediaType;

/**
 * An answer as a page: what is staged of it, where its records are and what the paginator wants to
 * know. A JSON document with a simple selector is staged as it came, and so are JSON lines; CSV,
 * XML and what other selectors find are written as JSON. Made for one try; not thread-safe.
 */
final class PageScan {
  private static final JsonPath ALL = new JsonPath(List.of());

  private final ResponseFormat format;
  private final DataSelector selector;
  private final Paginator active;
  private final List<JsonPath> paths;
  private final List<DataSelector> selectors;
  private final boolean mayLack;
  private final long limit;
  private final Map<String, JsonNode> selected = new HashMap<>();
  private JsonScan scan;
  private JsonScan.Found found;
  private byte[] body;
  private Packed packed;

  /** What the paginator reads where it is not what is staged. */
  private byte[] whole;

  /**
   * @param selector where the records are; {@code null} finds them
   * @param active what is asked of the answer
   */
  PageScan(RequestPlan plan, DataSelector selector, Paginator active) {
    this.format = plan.endpoint.responseFormat();
    this.selector = selector;
    this.active = active;
    List<String> written = plan.read(active);
    this.paths = Paging.paths(written);
    this.selectors = Paging.selectors(written);
    this.mayLack = plan.endpoint.emptyWithoutRecords();
    this.limit = Math.min(plan.client.limits().responseBytes(), Memory.WRITTEN);
  }

  /** An answer that is not what it should be. */
  static final class Damaged extends IOException {
    private static final long serialVersionUID = 1L;
    final boolean early;

    /**
     * @param early whether it ends too early, so that another try may help
     * @param what in words: {@code the body is not JSON}
     */
    Damaged(boolean early, String what) {
      super(what);
      this.early = early;
    }
  }

  /** Reads a whole answer, decoded to UTF-8 where its headers say what it is. */
  PageScan read(Http.Answer answer) throws Damaged {
    body = answer.body();
    whole = body;
    boolean lines =
        format instanceof ResponseFormat.JsonLines || format instanceof ResponseFormat.Csv;
    if (body.length == 0 && !(lines && answer.bounded())) {
      throw new Damaged(
          true,
          "the body is empty: status "
              + answer.status()
              + " (an API that has nothing to say answers 204)");
    }
    if (lines && !answer.bounded() && body[body.length - 1] != '\n') {
      throw new Damaged(
          true, "the last line has no end, nor was a length told: after " + body.length + " bytes");
    }
    try {
      read(answer.header("Content-Type"));
    } catch (StreamConstraintsException e) {
      throw new Damaged(false, "the JSON is nested deeper than " + Tree.DEEPEST);
    } catch (JsonEOFException e) {
      throw new Damaged(true, "the JSON ends too early: after " + body.length + " bytes");
    } catch (JacksonException e) {
      throw new Damaged(false, "the body is not JSON");
    } catch (Damaged e) {
      throw e;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e); // there is none on bytes
    }
    if (found == null && mayLack) {
      empty();
    }
    return this;
  }

  private void read(String type) throws IOException {
    if (format instanceof ResponseFormat.JsonLines) {
      long records = LinesBody.records(body);
      found = found(kind(records), records);
    } else if (format instanceof ResponseFormat.Csv csv) {
      CsvBody read = new CsvBody(body, csv, limit);
      body = read.json;
      found = found(kind(read.records), read.records);
    } else if (format instanceof ResponseFormat.Xml) {
      JsonNode tree = XmlBody.tree(forTree(), encoding(type));
      whole = Tree.bytes(tree);
      scan(ALL);
      records(tree);
      boolean parent = found == null && selector.simple() != null && hasParent(tree);
      if (parent) {
        empty(); // XML has no empty lists: there are just no elements
      }
    } else if (selector != null && selector.simple() == null) {
      scan(ALL);
      records(Tree.read(forTree()));
    } else {
      scan(selector == null ? null : selector.simple());
      found = scan.records();
      if (!selectors.isEmpty()) {
        select(Tree.read(forTree()));
      }
    }
  }

  private void scan(JsonPath at) throws IOException {
    scan = new JsonScan(at, paths, active instanceof Paginator.Auto).read(whole);
  }

  /** Stages what the selector finds in a tree. */
  private void records(JsonNode tree) throws IOException {
    select(tree);
    JsonNode records = Tree.records(selector, tree);
    if (records == null) {
      return;
    }
    body = Tree.bytes(records);
    bounded(body.length, limit);
    found =
        records.isArray()
            ? found(JsonScan.Kind.LIST, records.size())
            : records.isNull() ? found(JsonScan.Kind.NULL, 0) : found(JsonScan.Kind.ONE, 1);
  }

  private boolean hasParent(JsonNode tree) {
    List<Object> names = selector.simple().steps();
    return names.size() > 1
        && Tree.at(new JsonPath(names.subList(0, names.size() - 1)), tree) != null;
  }

  private void empty() {
    found = found(JsonScan.Kind.NULL, 0);
  }

  /** All that is staged. */
  private JsonScan.Found found(JsonScan.Kind kind, long records) {
    return new JsonScan.Found(List.of(), kind, records, 0, body.length);
  }

  private static JsonScan.Kind kind(long records) {
    return records == 0 ? JsonScan.Kind.NULL : JsonScan.Kind.LIST;
  }

  private byte[] forTree() {
    if (body.length > Tree.LARGEST) {
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot read a page as a tree, as its format or data_selector needs it: it is larger than "
              + Tree.LARGEST
              + " bytes (ask for smaller pages)");
    }
    return body;
  }

  /** Refuses a page that has grown beyond the limit of an answer. */
  static void bounded(long bytes, long limit) {
    if (bytes > limit) {
      throw new MillraceException(
          Failure.POLICY_REFUSED,
          "Cannot read a page: as JSON it is larger than "
              + limit
              + " bytes ("
              + Memory.advice(limit)
              + ")");
    }
  }

  /** What the headers said, and was decoded by, wins over what an XML document says of itself. */
  private String encoding(String type) {
    MediaType media = type == null ? null : MediaType.parse(type);
    String start =
        new String(body, 0, Math.min(200, body.length), java.nio.charset.StandardCharsets.US_ASCII);
    boolean was16 = start.matches("(?is)<\\?xml[^>]*encoding=.UTF-16.*");
    return media != null && media.charset() != null || was16 ? "UTF-8" : null;
  }

  /** Where the records are in {@link #body}, or {@code null} when the selector leads nowhere. */
  JsonScan.Found records() {
    return found;
  }

  /** What is staged. */
  byte[] body() {
    return body;
  }

  /** Prepares what is staged, when there are records. */
  void pack(RawSegmentWriter out) {
    boolean staged = found != null && found.kind() != JsonScan.Kind.NULL;
    packed = staged ? out.pack(body) : null;
  }

  /** What {@link #pack} made of the page. */
  Packed packed() {
    return packed;
  }

  RawPage.Format format() {
    return format instanceof ResponseFormat.JsonLines ? RawPage.Format.JSONL : RawPage.Format.JSON;
  }

  /** The paginator that the answer suggests. */
  Detection detect(Map<String, String> links) {
    return scan == null ? Detection.of(links) : Detection.of(scan, links);
  }

  /**
   * What the answer tells of more records than it has; {@code null} for nothing, and for what is
   * one record itself. A selector that may leave records out says nothing, and neither do fields
   * where the paginator was not to be detected.
   */
  Told told(Headers headers) {
    boolean all = selector == null || selector.simple() != null;
    if (found == null || found.kind() == JsonScan.Kind.ONE || !all) {
      return null;
    }
    Stream<Told> fields = scan == null ? Stream.empty() : scan.told(found);
    return Told.most(Stream.concat(fields, Totals.told(headers, found.records())));
  }

  /** Whether it has {@code errors} beside its records. */
  boolean errors() {
    JsonScan.Found records = scan == null ? null : scan.records();
    return records != null && scan.errors() && !records.path().equals(List.of("errors"));
  }

  /** Some keys of the document, for messages. */
  List<String> topKeys() {
    return scan == null ? List.of() : scan.topKeys();
  }

  /** The values that a paginator reads; one more pass when it was detected just now, once. */
  Map<String, JsonNode> values(Paginator known) {
    if (scan == null) {
      return Map.of(); // lines hold nothing but records
    }
    try {
      Map<String, JsonNode> values = scan.values();
      if (active instanceof Paginator.Auto) {
        values = new JsonScan(ALL, Paging.paths(Paging.written(known)), false).read(whole).values();
      }
      return selected.isEmpty() ? values : merged(values);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e); // it was read well a moment ago
    }
  }

  private Map<String, JsonNode> merged(Map<String, JsonNode> values) {
    Map<String, JsonNode> all = new HashMap<>(values);
    all.putAll(selected);
    return all;
  }

  /** Of several matches the first one counts, as for dlt. */
  private void select(JsonNode tree) {
    for (DataSelector path : selectors) {
      Tree.first(path, tree).ifPresent(value -> selected.put(path.text(), value));
    }
  }
}
