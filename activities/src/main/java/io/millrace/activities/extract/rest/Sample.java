package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.activities.staging.RawPage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A page made small: its first records and what is around them, with long texts, long lists and
 * deep places cut off. Memory is bounded whatever the page holds. Used once.
 */
final class Sample {
  private static final int RECORDS = 200;
  private static final int KEYS = 100;
  private static final int ITEMS = 3;
  private static final int DEPTH = 6;
  private static final int CHARACTERS = 200;

  /** Values that are kept of one page; the rest is counted by nobody. */
  private static final int VALUES = 20_000;

  private final JsonNodeFactory make = JsonNodeFactory.instance;
  private final List<JsonNode> records = new ArrayList<>();
  private final List<String> selector;
  private JsonParser parser;
  private int values;
  private long count;
  private JsonNode envelope;

  private Sample(List<String> selector) {
    this.selector = selector;
  }

  /**
   * @param body what was read well before
   * @param selector keys that lead from a document to its records
   */
  static Sample of(RawPage.Format format, byte[] body, List<String> selector) throws IOException {
    Sample sample = new Sample(selector);
    try (JsonParser json = JsonScan.JSON.createParser(body)) {
      sample.parser = json;
      sample.envelope = sample.make.arrayNode();
      while (json.nextToken() != null) {
        if (format == RawPage.Format.JSON) {
          sample.envelope = sample.around(0);
        } else {
          sample.one(); // a record a line, and nothing around them
        }
      }
    }
    return sample;
  }

  /** All records, also those that are no part of the sample. */
  long count() {
    return count;
  }

  List<JsonNode> records() {
    return records;
  }

  /** The document with an empty list in place of its records. */
  JsonNode envelope() {
    return envelope;
  }

  /**
   * @param depth how many keys of the selector were followed to come here
   */
  private JsonNode around(int depth) throws IOException {
    if (depth == selector.size()) {
      take();
      return make.arrayNode();
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return small(depth);
    }
    ObjectNode out = make.objectNode();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      if (key.equals(selector.get(depth))) {
        out.set(key, around(depth + 1));
      } else {
        put(out, key, depth);
      }
    }
    return out;
  }

  private void take() throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      one();
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      one();
    }
  }

  private void one() throws IOException {
    count++;
    if (records.size() < RECORDS && values < VALUES) {
      records.add(small(0));
    } else {
      parser.skipChildren();
    }
  }

  private JsonNode small(int depth) throws IOException {
    values++;
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(depth);
      case START_ARRAY -> list(depth);
      case VALUE_STRING -> make.textNode(cut(parser.getText()));
      case VALUE_NUMBER_INT ->
          parser.getTextLength() > CHARACTERS
              ? make.textNode(cut(parser.getText()))
              : make.numberNode(parser.getBigIntegerValue());
      case VALUE_NUMBER_FLOAT ->
          parser.getTextLength() > CHARACTERS || parser.isNaN()
              ? make.textNode(cut(parser.getText()))
              : make.numberNode(parser.getDecimalValue());
      case VALUE_TRUE -> make.booleanNode(true);
      case VALUE_FALSE -> make.booleanNode(false);
      default -> make.nullNode();
    };
  }

  private ObjectNode object(int depth) throws IOException {
    ObjectNode out = make.objectNode();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      put(out, key, depth);
    }
    return out;
  }

  private void put(ObjectNode out, String key, int depth) throws IOException {
    if (out.size() < KEYS && depth < DEPTH && values < VALUES && key.length() <= CHARACTERS) {
      out.set(key, small(depth + 1));
    } else {
      parser.skipChildren();
    }
  }

  private ArrayNode list(int depth) throws IOException {
    ArrayNode out = make.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (out.size() < ITEMS && depth < DEPTH && values < VALUES) {
        out.add(small(depth + 1));
      } else {
        parser.skipChildren();
      }
    }
    return out;
  }

  private static String cut(String text) {
    return text.length() > CHARACTERS ? text.substring(0, CHARACTERS) + "…" : text;
  }
}
