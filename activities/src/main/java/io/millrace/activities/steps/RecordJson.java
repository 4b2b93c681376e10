package io.millrace.activities.steps;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Records as plain Java and back: texts, booleans, {@code null}, exact numbers, lists, and maps in
 * the order written. Of a key that stands twice the last value counts, as everywhere.
 */
final class RecordJson {
  /** Beyond it no expression may calculate: a number with a billion zeros is six characters. */
  private static final int MAX_SCALE = 1_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(2_000)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          // so that a lone surrogate goes through as it came
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();

  private RecordJson() {}

  /** A number as written that no expression can use. */
  record Raw(String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  /** A value of a record that is no object is its {@code value}, as for the normalizer. */
  @SuppressWarnings("unchecked") // the keys of what was read are texts
  static Map<String, Object> read(byte[] bytes, int from, int length) throws IOException {
    Object read;
    try (JsonParser json = JSON.createParser(bytes, from, length)) {
      json.nextToken();
      read = value(json);
    }
    if (read instanceof Map<?, ?>) {
      return (Map<String, Object>) read;
    }
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("value", read);
    return record;
  }

  static Object read(String text) throws IOException {
    try (JsonParser json = JSON.createParser(text)) {
      json.nextToken();
      Object read = value(json);
      if (json.nextToken() != null) {
        throw new IOException("there is more after it");
      }
      return read;
    }
  }

  private static Object value(JsonParser json) throws IOException {
    JsonToken token = json.currentToken();
    if (token == null) {
      throw new IOException("it is empty");
    }
    switch (token) {
      case START_OBJECT:
        Map<String, Object> map = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          json.nextToken();
          map.put(name, value(json));
        }
        return map;
      case START_ARRAY:
        List<Object> list = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(json));
        }
        return list;
      case VALUE_STRING:
        return json.getText();
      case VALUE_NUMBER_INT:
        String digits = json.getText();
        return digits.length() > MAX_SCALE
            ? new Raw(digits)
            : digits.equals("-0") ? (Object) new Raw(digits) : whole(new BigInteger(digits));
      case VALUE_NUMBER_FLOAT:
        return decimal(json.getText());
      case VALUE_TRUE:
        return true;
      case VALUE_FALSE:
        return false;
      case VALUE_NULL:
        return null;
      default:
        throw new IOException("it is no JSON");
    }
  }

  private static Object whole(BigInteger value) {
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  private static Object decimal(String text) {
    if (text.length() > MAX_SCALE) {
      return new Raw(text);
    }
    try {
      BigDecimal value = new BigDecimal(text);
      if (value.signum() == 0 && text.startsWith("-")) {
        return -0.0;
      }
      return Math.abs((long) value.scale()) > MAX_SCALE ? new Raw(text) : value;
    } catch (NumberFormatException e) {
      return new Raw(text); // an exponent beyond what an int counts
    }
  }

  static byte[] write(Object value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      write(value, json);
    }
    return out.toByteArray();
  }

  private static void write(Object value, JsonGenerator json) throws IOException {
    if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> field : map.entrySet()) {
        json.writeFieldName((String) field.getKey());
        write(field.getValue(), json);
      }
      json.writeEndObject();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object item : list) {
        write(item, json);
      }
      json.writeEndArray();
    } else if (value instanceof String text) {
      json.writeString(text);
    } else if (value == null) {
      json.writeNull();
    } else if (value instanceof Boolean bool) {
      json.writeBoolean(bool);
    } else {
      json.writeNumber(value.toString()); // every number kept its own text or an exact one
    }
  }

  /**
   * What an expression gave, as a record may hold it; {@code null} stays.
   *
   * @throws IllegalArgumentException when it is nothing that JSON has
   */
  static Object plain(Object value) {
    if (value == null
        || value instanceof String
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof BigInteger
        || value instanceof BigDecimal
        || value instanceof Raw) {
      return value;
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      if (Double.isFinite(number)) {
        return number == 0 ? (Object) number : BigDecimal.valueOf(number);
      }
    } else if (value instanceof Map<?, ?> map) {
      Map<String, Object> plain = new LinkedHashMap<>();
      map.forEach((key, inner) -> plain.put(String.valueOf(key), plain(inner)));
      return plain;
    } else if (value instanceof Iterable<?> items) {
      List<Object> plain = new ArrayList<>();
      items.forEach(item -> plain.add(plain(item)));
      return plain;
    } else if (value.getClass().isArray() && !(value instanceof byte[])) {
      List<Object> plain = new ArrayList<>();
      for (int i = 0; i < Array.getLength(value); i++) {
        plain.add(plain(Array.get(value, i)));
      }
      return plain;
    }
    throw new IllegalArgumentException(
        "it gives no text, number, true, false, list or map: " + value.getClass().getSimpleName());
  }
}
