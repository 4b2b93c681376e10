package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.activities.extract.Told;
import io.millrace.source.JsonPath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What paging needs to know of an answer, found in one pass over its bytes: no tree of the page is
 * built and records are only counted. Not thread-safe; used once.
 */
final class JsonScan {
  /** dlt's names of lists that hold records. */
  private static final Set<String> RECORD_KEYS =
      Set.of(
          "data",
          "items",
          "results",
          "entries",
          "records",
          "rows",
          "entities",
          "payload",
          "content",
          "objects",
          "values");

  /** How deep lists of records are looked for, as dlt does. */
  private static final int LIST_DEPTH = 3;

  /** Fields of an object that are kept as a value; a cursor has a handful. */
  private static final int FIELDS = 100;

  /** Of a whole number: to read more takes long, and no page has such a number. */
  private static final int MOST_DIGITS = 1_000;

  /** How deep fields of paging are looked for. */
  private static final int FIELD_DEPTH = 8;

  /** The limits of records are the normalizer's to judge, with rejects; here nothing is kept. */
  static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final Wanted wanted = new Wanted();
  private final Map<String, JsonNode> values = new HashMap<>();
  private final List<String> topKeys = new ArrayList<>();
  private final boolean findRecords;
  private final boolean findPaging;
  private Found selected;
  private boolean errors;

  /** The first list with a name of {@link #RECORD_KEYS}, and of all the first of the shallowest. */
  private Found named;

  private Found shallowest;
  private final PagingFields paging = new PagingFields();
  private final Totals totals = new Totals();
  private JsonParser parser;

  /**
   * A place in the answer and what is there.
   *
   * @param from its first byte
   * @param to behind its last byte
   */
  record Found(List<String> path, Kind kind, long records, long from, long to) {}

  /** What lies where the records should be. */
  enum Kind {
    LIST,
    ONE,
    NULL
  }

  /**
   * @param selector where the records are; {@code null} finds them
   * @param paths whose values are wanted
   * @param findPaging whether fields that look like paging are looked for
   */
  JsonScan(JsonPath selector, Collection<JsonPath> paths, boolean findPaging) {
    this.findRecords = selector == null;
    this.findPaging = findPaging;
    if (selector != null) {
      wanted.at(selector).records = selector.keys("data_selector");
    }
    for (JsonPath path : paths) {
      wanted.at(path).value = path.toString();
    }
  }

  /** Reads one document; a {@code JsonEOFException} when it ends too early. */
  JsonScan read(byte[] body) throws IOException {
    try (JsonParser json = JSON.createParser(body)) {
      parser = json;
      if (json.nextToken() == null) {
        throw new JsonEOFException(json, null, "it is empty");
      }
      value(wanted, new ArrayList<>(), findRecords || findPaging, false);
      if (json.nextToken() != null) {
        throw new JsonParseException(json, "there is more after the document");
      }
    } catch (JsonParseException e) {
      // between two elements Jackson says it in words only
      boolean early = e.getOriginalMessage().contains("end-of-input");
      throw early ? new JsonEOFException(null, null, e.getOriginalMessage()) : e;
    }
    return this;
  }

  /** Where the records are, or {@code null} when the selector leads nowhere. */
  Found records() {
    if (!findRecords) {
      return selected;
    }
    if (selected != null && selected.kind() == Kind.LIST) {
      return selected; // the document is a list
    }
    if (named != null) {
      return named;
    }
    return shallowest == null ? selected : shallowest;
  }

  /**
   * The value at a wanted path: {@code null} when it is absent, JSON null when it is null; of an
   * object its first fields, of these only what is no object or list; of a list nothing.
   */
  Map<String, JsonNode> values() {
    return values;
  }

  /** Some keys of the document, for messages. */
  List<String> topKeys() {
    return topKeys;
  }

  /** The first field that looks like the way to the next page; {@code null} for none. */
  JsonPath nextPath() {
    return paging.next == null ? null : JsonPath.of(paging.next);
  }

  String nextText() {
    return paging.nextText;
  }

  /** The first field that looks like a number of pages, beside a list; {@code null} for none. */
  JsonPath totalPagesPath() {
    return paging.totalPages == null || shallowest == null ? null : JsonPath.of(paging.totalPages);
  }

  /** The page's own number when the answer tells it; {@code null} otherwise. */
  Integer pageNumber() {
    return paging.currentPage;
  }

  /** Whether the document has {@code errors} beside its records, as a partial answer of GraphQL. */
  boolean errors() {
    return errors;
  }

  /** What the fields beside the records tell of how many there are. */
  Stream<Told> told(Found records) {
    return totals.told(records.path(), records.records());
  }

  /**
   * @param here what is wanted at this place and below; {@code null} for nothing
   * @param looking whether lists of records or fields of paging are looked for here
   */
  private void value(Wanted here, List<String> path, boolean looking, boolean insideNext)
      throws IOException {
    JsonToken token = parser.currentToken();
    if (here != null && here.value != null) {
      values.put(here.value, scalar(token));
    }
    long from = parser.currentTokenLocation().getByteOffset();
    boolean document = here == wanted;
    Kind kind = Kind.ONE;
    long count = 1;
    if (token == JsonToken.START_OBJECT) {
      fields(here, path, looking && path.size() < FIELD_DEPTH, insideNext);
    } else if (token == JsonToken.START_ARRAY) {
      kind = Kind.LIST;
      count = items(here, path);
      errors |= count > 0 && path.size() == 1 && path.get(0).equals("errors");
      if (looking && !path.isEmpty() && path.size() <= LIST_DEPTH) {
        noticed(path, count, from);
      }
    } else if (token == JsonToken.VALUE_NULL) {
      kind = Kind.NULL;
      count = 0;
    }
    if (document && findRecords) {
      selected = new Found(List.of(), kind, count, from, at());
    } else if (here != null && here.records != null) {
      selected = new Found(here.records, kind, count, from, at());
    }
  }

  /** An answer may have any number of lists, so only those are kept that may be meant. */
  private void noticed(List<String> path, long count, long from) {
    boolean first = named == null && RECORD_KEYS.contains(path.get(path.size() - 1));
    if (!first && shallowest != null && path.size() >= shallowest.path().size()) {
      return;
    }
    Found list = new Found(List.copyOf(path), Kind.LIST, count, from, at());
    named = first ? list : named;
    boolean higher = shallowest == null || path.size() < shallowest.path().size();
    shallowest = higher ? list : shallowest;
  }

  private long at() {
    return parser.currentLocation().getByteOffset();
  }

  private void fields(Wanted here, List<String> path, boolean looking, boolean insideNext)
      throws IOException {
    ObjectNode wantedObject =
        here == null || here.value == null ? null : (ObjectNode) values.get(here.value);
    if (here == null && !looking) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      if (here == wanted && topKeys.size() < 10) {
        topKeys.add(key);
      }
      if (wantedObject != null && wantedObject.size() < FIELDS) {
        wantedObject.set(key, scalar(parser.currentToken()));
      }
      path.add(key);
      boolean isNext = false;
      if (looking && findPaging) {
        totals.notice(key, path, parser);
        isNext = paging.notice(key, path, insideNext, parser);
      }
      value(here == null ? null : here.keys.get(key), path, looking, isNext);
      path.remove(path.size() - 1);
    }
  }

  /** Elements are counted; only wanted places are looked into. */
  private long items(Wanted here, List<String> path) throws IOException {
    long count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Wanted below = here == null ? null : here.items.get((int) Math.min(count, 1_000_000_000));
      if (below == null) {
        parser.skipChildren();
      } else {
        value(below, path, false, false);
      }
      count++;
    }
    return count;
  }

  private JsonNode scalar(JsonToken token) throws IOException {
    JsonNodeFactory make = JsonNodeFactory.instance;
    return switch (token) {
      case VALUE_STRING -> make.textNode(parser.getText());
      case VALUE_NUMBER_INT ->
          parser.getTextLength() > MOST_DIGITS
              ? make.textNode(parser.getText())
              : make.numberNode(parser.getBigIntegerValue());
      case VALUE_NUMBER_FLOAT -> make.textNode(parser.getText());
      case VALUE_TRUE -> make.booleanNode(true);
      case VALUE_FALSE -> make.booleanNode(false);
      case VALUE_NULL -> make.nullNode();
      case START_OBJECT -> make.objectNode();
      case START_ARRAY -> make.arrayNode();
      default -> make.missingNode();
    };
  }

  /** A tree of the places that somebody wants. */
  private static final class Wanted {
    final Map<String, Wanted> keys = new HashMap<>();
    final Map<Integer, Wanted> items = new HashMap<>();
    String value;
    List<String> records;

    Wanted at(JsonPath path) {
      Wanted here = this;
      for (Object step : path.steps()) {
        here =
            step instanceof Integer place
                ? here.items.computeIfAbsent(place, k -> new Wanted())
                : here.keys.computeIfAbsent((String) step, k -> new Wanted());
      }
      return here;
    }
  }
}
