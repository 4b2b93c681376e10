package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.Wire;
import io.millrace.source.JsonPath;
import io.millrace.source.Paginator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import okhttp3.FormBody;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.Buffer;

/**
 * The bodies of a fetch's requests: what the configuration says, and in it what asks for a page.
 */
final class Payload {
  private static final MediaType JSON = MediaType.get("application/json");

  private final String asset;
  private final String method;
  private final JsonNode json;
  private final JsonNode data;
  private final boolean typed;

  /**
   * @param json {@code null} for none
   * @param data a form or a text; {@code null} for none
   * @param typed whether a header says what the body is
   */
  Payload(String asset, String method, JsonNode json, JsonNode data, boolean typed) {
    this.asset = asset;
    this.method = method;
    this.json = json;
    this.data = data;
    this.typed = typed;
  }

  /** Of a page; {@code null} for a request that has none. */
  RequestBody of(Step step, Paginator active) {
    if (method.equals("GET")) {
      if (step.body() != null) {
        throw without("a GET request has none (add `method: POST`)");
      }
      return null;
    }
    if (data != null && !data.isObject()) {
      if (step.body() != null) {
        throw without("a text has no places for them (write `json`, or a map as `data`)");
      }
      return body(data.asText().getBytes(StandardCharsets.UTF_8), null);
    }
    JsonNode base = json == null ? data : json;
    JsonNode whole = base == null ? null : base.deepCopy();
    if (active instanceof Paginator.Cursor c && step.cursor() != null) {
      whole = put(whole, c.cursorBodyPath(), JsonNodeFactory.instance.textNode(step.cursor()));
    } else if (active instanceof Paginator.Offset o) {
      whole = put(whole, o.offsetBodyPath(), JsonNodeFactory.instance.numberNode(step.number()));
      whole = put(whole, o.limitBodyPath(), JsonNodeFactory.instance.numberNode(o.limit()));
    } else if (active instanceof Paginator.PageNumber p && step.number() != null) {
      whole = put(whole, p.pageBodyPath(), JsonNodeFactory.instance.numberNode(step.number()));
    }
    if (step.body() != null) {
      for (Map.Entry<String, JsonNode> value : step.body().entrySet()) {
        whole = put(whole, value.getKey(), value.getValue());
      }
    }
    try {
      if (data != null) {
        return form(whole);
      }
      return whole == null
          ? RequestBody.create(new byte[0], null)
          : body(Wire.mapper().writeValueAsBytes(whole), JSON);
    } catch (IOException e) {
      throw new MillraceException(Failure.INTERNAL, "Cannot write a request's body", e);
    }
  }

  private MillraceException without(String why) {
    return new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot ask for the next page of "
            + asset
            + ": the paginator sets values in the body, and "
            + why);
  }

  /** A header of the configuration says better what the body is. */
  private RequestBody body(byte[] bytes, MediaType standard) {
    return RequestBody.create(bytes, typed ? null : standard);
  }

  /** The fields of a form as {@code requests} sends them: lists repeat, null is left out. */
  private RequestBody form(JsonNode fields) throws IOException {
    FormBody.Builder form = new FormBody.Builder(StandardCharsets.UTF_8);
    fields
        .properties()
        .forEach(
            field -> {
              Iterable<JsonNode> values =
                  field.getValue().isArray() ? field.getValue() : List.of(field.getValue());
              for (JsonNode value : values) {
                if (!value.isNull()) {
                  form.add(field.getKey(), Templates.written(value));
                }
              }
            });
    FormBody made = form.build();
    Buffer bytes = new Buffer();
    made.writeTo(bytes);
    return body(bytes.readByteArray(), made.contentType());
  }

  private static JsonNode put(JsonNode body, String path, JsonNode value) {
    if (path == null || value == null) {
      return body;
    }
    ObjectNode root =
        body instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    ObjectNode here = root;
    var keys = JsonPath.parse("the paginator's body path", path).keys("the paginator's body path");
    for (String key : keys.subList(0, keys.size() - 1)) {
      here = here.get(key) instanceof ObjectNode below ? below : here.putObject(key);
    }
    here.set(keys.get(keys.size() - 1), value);
    return root;
  }
}
