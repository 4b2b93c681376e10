package io.millrace.worker.init;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The security schemes of a document as {@code auth}: always by reference, never a value. */
final class Security {
  private Security() {}

  /** {@code null} when the document asks for nothing that is known here. */
  static String yaml(OpenApi api, String source) {
    JsonNode schemes = api.root().path("components").path("securitySchemes");
    for (String name : wanted(api, schemes)) {
      String auth = of(api.resolved(schemes.path(name)), source);
      if (auth != null) {
        return auth;
      }
    }
    return null;
  }

  /** Those of the document as a whole; where it says nothing, all that it describes. */
  private static List<String> wanted(OpenApi api, JsonNode schemes) {
    List<String> names = new ArrayList<>();
    for (JsonNode choice : api.root().path("security")) {
      choice.fieldNames().forEachRemaining(names::add);
    }
    if (names.isEmpty()) {
      for (Map.Entry<String, JsonNode> scheme : schemes.properties()) {
        names.add(scheme.getKey());
      }
    }
    return names;
  }

  private static String of(JsonNode scheme, String source) {
    String kind = scheme.path("type").asText() + " " + scheme.path("scheme").asText();
    return switch (kind.strip().toLowerCase(Locale.ROOT)) {
      case "http bearer" -> Auth.bearer.yaml(source);
      case "http basic" -> Auth.basic.yaml(source);
      case "apikey" -> apiKey(scheme, source);
      case "oauth2" -> oauth(scheme.path("flows"), source);
      case "openidconnect" -> Auth.bearer.yaml(source);
      default -> null;
    };
  }

  private static String apiKey(JsonNode scheme, String source) {
    String name = scheme.path("name").asText();
    String in = scheme.path("in").asText();
    boolean well = name.matches("[A-Za-z0-9_.-]{1,80}") && in.matches("header|query|cookie");
    return well
        ? "{type: api_key, name: %s, location: %s, api_key: \"${env:%s}\"}"
            .formatted(Yaml.text(name), in, Names.variable(source, "api_key"))
        : null;
  }

  /** Without a flow for programs, a person gets the token and gives it to us. */
  private static String oauth(JsonNode flows, String source) {
    String url = flows.path("clientCredentials").path("tokenUrl").asText();
    boolean well = url.matches("https?://[A-Za-z0-9][A-Za-z0-9.:-]*(/[A-Za-z0-9._~%/-]*)?");
    return well
        ? "{type: oauth2_client_credentials, access_token_url: %s, client_id: \"${env:%s}\", client_secret: \"${env:%s}\"}"
            .formatted(
                Yaml.quoted(url),
                Names.variable(source, "client_id"),
                Names.variable(source, "client_secret"))
        : Auth.bearer.yaml(source);
  }
}
