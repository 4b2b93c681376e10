package io.millrace.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.project.Text;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One endpoint of a REST API: dlt's {@code endpoint}, defaults of the source already merged in.
 *
 * @param path relative to the client's {@code base_url}, or absolute; may hold {@code {…}}
 *     templates
 * @param method {@code GET}, {@code POST}, {@code PUT} or {@code PATCH}
 * @param params query parameters in order, each with its values; a value that is not a string was
 *     written as Python writes it
 * @param json body with templates in its strings; {@code null} for none
 * @param data body that is not JSON: an object is a form, a string is sent as it is; {@code null}
 *     for none. Never both
 * @param dataSelector JSONPath of the records; {@code null} finds them
 * @param paginator {@code null} is the client's
 * @param auth {@code null} is the client's
 * @param incremental {@code null} for none
 * @param emptyWithoutRecords whether an answer in which {@code dataSelector} leads nowhere is an
 *     empty page, not a failure
 * @param skipsParentsWithout whether a record of the parent that lacks a field which the requests
 *     name is passed over, not a failure
 */
public record Endpoint(
    Text path,
    String method,
    Map<String, List<Text>> params,
    Map<String, Text> headers,
    JsonNode json,
    JsonNode data,
    String dataSelector,
    Paginator paginator,
    Auth auth,
    List<ResponseAction> responseActions,
    Incremental incremental,
    ResponseFormat responseFormat,
    boolean emptyWithoutRecords,
    boolean skipsParentsWithout) {
  public Endpoint {
    responseFormat = responseFormat == null ? new ResponseFormat.Json() : responseFormat;
    method = method == null ? "GET" : method;
    params = params == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(params));
    headers =
        headers == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    responseActions = responseActions == null ? List.of() : List.copyOf(responseActions);
  }

  /** Without a body that is not JSON, each parameter with one value. */
  public Endpoint(
      Text path,
      String method,
      Map<String, Text> params,
      Map<String, Text> headers,
      JsonNode json,
      String dataSelector,
      Paginator paginator,
      Auth auth,
      List<ResponseAction> responseActions,
      Incremental incremental) {
    this(
        path,
        method,
        lists(params),
        headers,
        json,
        null,
        dataSelector,
        paginator,
        auth,
        responseActions,
        incremental,
        null,
        false,
        false);
  }

  private static Map<String, List<Text>> lists(Map<String, Text> params) {
    Map<String, List<Text>> all = new LinkedHashMap<>();
    if (params != null) {
      params.forEach((name, value) -> all.put(name, List.of(value)));
    }
    return all;
  }

  /**
   * What to do with an answer of a status or content: dlt's {@code response_actions} and more. The
   * first that fits counts, whatever the status.
   *
   * @param statusCode {@code null} for any
   * @param content that the body holds; {@code null} for any
   * @param action {@code ignore}, {@code skip_parent}, {@code retry}, {@code wait} or {@code fail}
   * @param pause of {@code retry} and {@code wait}; {@code null} is what the server asks for, or
   *     else the back-off for {@code retry} and a minute for {@code wait}
   * @param message of {@code fail}; {@code null} for none
   */
  public record ResponseAction(
      Integer statusCode, String content, String action, Duration pause, String message) {
    public ResponseAction(Integer statusCode, String content, String action) {
      this(statusCode, content, action, null, null);
    }
  }
}
