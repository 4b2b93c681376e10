package io.millrace.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.project.Text;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One endpoint of a REST API: dlt's {@code endpoint}, defaults of the source already merged in.
 *
 * @param path relative to the client's {@code base_url}, or absolute; may hold {@code {…}}
 *     templates
 * @param method {@code GET} or {@code POST}
 * @param params query parameters in order; a value that is not a string was written as YAML has it
 * @param json body with templates in its strings; {@code null} for none
 * @param dataSelector JSONPath of the records; {@code null} finds them
 * @param paginator {@code null} is the client's
 * @param auth {@code null} is the client's
 * @param incremental {@code null} for none
 * @param emptyWithoutRecords whether an answer in which {@code dataSelector} leads nowhere is an
 *     empty page, not a failure
 */
public record Endpoint(
    Text path,
    String method,
    Map<String, Text> params,
    Map<String, Text> headers,
    JsonNode json,
    String dataSelector,
    Paginator paginator,
    Auth auth,
    List<ResponseAction> responseActions,
    Incremental incremental,
    ResponseFormat responseFormat,
    boolean emptyWithoutRecords) {
  /** The same with a JSON body, in which there must be records. */
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
        params,
        headers,
        json,
        dataSelector,
        paginator,
        auth,
        responseActions,
        incremental,
        null,
        false);
  }

  public Endpoint {
    responseFormat = responseFormat == null ? new ResponseFormat.Json() : responseFormat;
    method = method == null ? "GET" : method;
    params = params == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(params));
    headers =
        headers == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    responseActions = responseActions == null ? List.of() : List.copyOf(responseActions);
  }

  /** What to do with an answer of a status or content: dlt's {@code response_actions}. */
  public record ResponseAction(Integer statusCode, String content, String action) {}
}
