package io.millrace.worker.init;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writes a project from an OpenAPI 3 document: every GET that answers with a list becomes a
 * resource, and what cannot be one is listed with the reason. The document is only data: nothing of
 * it is fetched, and nothing in it becomes a reference.
 */
public final class OpenApiStart {
  /** Resources, and remarks, of one file: a longer one is no beginning any more. */
  private static final int MOST = 200;

  private static final int NAME = 60;
  private static final Pattern PARAMETER = Pattern.compile("\\{([^{}/]+)}");

  private final OpenApi api;
  private final String file;
  private final String source;
  private final String base;
  private final Map<String, Operation> lists = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();
  private int refused;

  /**
   * @param name of the source; {@code null} takes it from the document
   */
  public OpenApiStart(Path document, String name) {
    this.api = OpenApi.read(document);
    this.file = document.getFileName().toString();
    this.base = server();
    String host = base.replaceFirst("^https?://", "").replaceFirst("[/:].*$", "");
    this.source = name == null ? Names.ofHost(host) : Names.of(name, "api");
  }

  /**
   * The text of the project.
   *
   * @param project its name, a valid one
   * @param say takes what a person should know
   */
  public String project(String project, Consumer<String> say) {
    collect();
    Map<String, String> names = names();
    Requests requests = new Requests(api, source, lists, names);
    List<String> written = new ArrayList<>();
    lists.forEach(
        (path, operation) -> {
          Requests.Request request = requests.of(path);
          if (request.refusal() != null) {
            remark(path, request.refusal());
          } else if (written.size() == MOST) {
            remark(path, "the file has " + MOST + " resources already");
          } else {
            written.add(resource(names.get(path), operation, request));
          }
        });
    if (written.isEmpty()) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot write a project from "
              + file
              + ": it describes no GET that answers with a list of JSON: "
              + (remarks.isEmpty() ? "it has no GET at all" : remarks.get(0))
              + " (write the endpoints by hand: `millrace init rest`)");
    }
    say.accept(
        "%s: %d resources; %d GETs are listed with the reason why not"
            .formatted(file, written.size(), refused));
    return RestStart.checked(yaml(project, written, requests.vars()));
  }

  private void collect() {
    for (Map.Entry<String, JsonNode> entry : api.root().path("paths").properties()) {
      JsonNode all = api.resolved(entry.getValue());
      JsonNode get = all.path("get");
      if (get.isObject()) {
        Operation operation = Operation.of(api, entry.getKey(), all, get);
        if (operation.readable()) {
          lists.put(entry.getKey(), operation);
        } else {
          remark(entry.getKey(), operation.refusal());
        }
      }
    }
  }

  private void remark(String path, String why) {
    refused++;
    if (remarks.size() < MOST) {
      remarks.add(Yaml.comment("GET " + path + ": " + why));
    }
  }

  /** The last word of a path; all of its words where that is not enough to tell paths apart. */
  private Map<String, String> names() {
    Map<String, Long> shortOnes =
        lists.keySet().stream()
            .collect(Collectors.groupingBy(path -> last(path), Collectors.counting()));
    Map<String, String> names = new HashMap<>();
    Set<String> taken = new HashSet<>();
    for (String path : lists.keySet()) {
      String words = PARAMETER.matcher(path).replaceAll("");
      String name = shortOnes.get(last(path)) == 1 ? last(path) : Names.of(words, "records", NAME);
      String free = name;
      for (int n = 2; !taken.add(free); n++) {
        free = name + "_" + n;
      }
      names.put(path, free);
    }
    return names;
  }

  private static String last(String path) {
    String[] words = PARAMETER.matcher(path).replaceAll("").split("/");
    return Names.of(words.length == 0 ? "" : words[words.length - 1], "records", NAME);
  }

  private String resource(String name, Operation operation, Requests.Request request) {
    StringBuilder out = new StringBuilder("      - name: ").append(Yaml.text(name)).append('\n');
    Requests.key(operation, name)
        .ifPresent(
            key ->
                out.append("        primary_key: ")
                    .append(Yaml.text(key))
                    .append("\n        write_disposition: merge\n"));
    Paged paged = Paged.of(api, operation);
    Map<String, String> params = new LinkedHashMap<>(paged.params());
    params.putAll(request.params());
    out.append("        endpoint:\n          path: ")
        .append(Yaml.text(request.path()))
        .append("\n          data_selector: ")
        .append(Yaml.text(operation.selector()))
        .append('\n');
    if (!params.isEmpty()) {
      out.append("          params: ").append(Yaml.map(params)).append('\n');
    }
    if (paged.paginator() != null) {
      out.append("          paginator: ").append(Yaml.map(paged.paginator())).append('\n');
    }
    return out.toString();
  }

  private String yaml(String project, List<String> resources, Map<String, String> vars) {
    StringBuilder out = new StringBuilder("# Written from ").append(Yaml.comment(file));
    String title = api.root().at("/info/title").asText("");
    out.append(title.isEmpty() ? "" : ": " + Yaml.comment(title)).append('\n');
    out.append("#   millrace check --live   asks every endpoint once and shows what comes\n")
        .append("#   millrace run ")
        .append(source)
        .append(".NAME   loads one of them\n\n")
        .append("project: ")
        .append(project)
        .append("\n\ndestination:\n  type: duckdb\n  path: ")
        .append(project)
        .append(".duckdb   # relative to this file\n\n");
    if (!vars.isEmpty()) {
      out.append("vars:   # what the paths leave open\n");
      vars.forEach(
          (name, value) -> out.append("  ").append(name).append(": ").append(value).append('\n'));
      out.append('\n');
    }
    out.append("sources:\n  ").append(source).append(":\n    type: rest_api\n    client:\n");
    out.append("      base_url: ").append(baseUrl()).append('\n');
    String auth = Security.yaml(api, source);
    out.append("      ")
        .append(auth == null ? "# auth: " + Auth.bearer.yaml(source) : "auth: " + auth)
        .append('\n');
    out.append("    resource_defaults:\n")
        .append("      write_disposition: replace   # all rows anew where there is no key\n")
        .append("    resources:\n");
    resources.forEach(out::append);
    if (!remarks.isEmpty()) {
      out.append("\n# Not written:\n");
      remarks.forEach(remark -> out.append("#   ").append(remark).append('\n'));
      out.append(
          refused > remarks.size() ? "#   and " + (refused - remarks.size()) + " more\n" : "");
    }
    return out.toString();
  }

  private String baseUrl() {
    return base.isEmpty()
        ? "\"${env:" + Names.variable(source, "url") + "}\"   # the document names no address"
        : Yaml.quoted(base.endsWith("/") ? base : base + "/");
  }

  /** The first server's address with the defaults of its variables; empty when it is none. */
  private String server() {
    JsonNode server = api.root().path("servers").path(0);
    Matcher variable = PARAMETER.matcher(server.path("url").asText(""));
    StringBuilder out = new StringBuilder();
    while (variable.find()) {
      String value = server.path("variables").path(variable.group(1)).path("default").asText("");
      variable.appendReplacement(out, Matcher.quoteReplacement(value));
    }
    String url = variable.appendTail(out).toString().strip();
    return url.matches("(?i)https?://[A-Za-z0-9][A-Za-z0-9.:-]*(/[A-Za-z0-9._~%/-]*)?") ? url : "";
  }
}
