package io.millrace.worker.init;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A project of one endpoint as far as it is known. {@code null} is not known yet.
 *
 * @param project its name
 * @param source its source's name
 * @param resource its only resource's name
 * @param selector where the records are
 * @param paginator keys and their values as YAML
 * @param told why this paginator: one line for the comment behind it, several for above it
 * @param keys candidates for the primary key, the likeliest first
 * @param cursor a field that may tell what is new
 */
record RestProject(
    String project,
    String source,
    String resource,
    Address address,
    Auth auth,
    String selector,
    Map<String, String> paginator,
    List<String> told,
    List<String> keys,
    String cursor) {

  static RestProject of(String project, String source, Address address, Auth auth) {
    String resource =
        Names.of(address.path().replaceFirst("\\.json$", "").replace("/", ""), "records");
    return new RestProject(
        project, source, resource, address, auth, null, null, List.of(), List.of(), null);
  }

  /** Asked with another way to go on, for a look at the second page. */
  RestProject asking(Map<String, String> otherPaginator) {
    return new RestProject(
        project,
        source,
        resource,
        address,
        auth,
        selector,
        otherPaginator,
        List.of(),
        List.of(),
        null);
  }

  RestProject found(
      String where,
      Map<String, String> way,
      List<String> why,
      List<String> candidates,
      String moving) {
    return new RestProject(
        project, source, resource, address, auth, where, way, why, candidates, moving);
  }

  /** The file. */
  String yaml() {
    StringBuilder out = new StringBuilder();
    out.append("# Written from one look at ")
        .append(Yaml.comment(address.base() + address.path()))
        .append(
            """

            #   millrace check --live   asks again and shows what comes
            #   millrace run            loads
            #   millrace tables         shows what is there

            """);
    out.append("project: ").append(project).append("\n\n");
    out.append("destination:\n  type: duckdb\n  path: ")
        .append(project)
        .append(".duckdb   # relative to this file\n\n");
    out.append("sources:\n  ")
        .append(source)
        .append(":   # a name of yours; the asset below is called ")
        .append(source)
        .append('.')
        .append(resource)
        .append("\n    type: rest_api\n    client:\n      base_url: ")
        .append(Yaml.quoted(address.base()))
        .append('\n');
    if (auth.yaml(source) != null) {
      out.append("      auth: ").append(auth.yaml(source)).append('\n');
    }
    out.append(
        "      # rate_limit: {requests: 100, per: 1m}   # when the API asks you to be slow\n");
    out.append("    resources:\n      - name: ").append(resource).append('\n');
    keys(out);
    endpoint(out);
    return out.toString();
  }

  private void keys(StringBuilder out) {
    if (keys.isEmpty()) {
      out.append(
              "        # No field tells the records apart, so all rows come anew at each run. With a\n")
          .append(
              "        # primary_key and write_disposition: merge a known record replaces its row.\n")
          .append("        write_disposition: replace\n");
      return;
    }
    String others =
        keys.size() == 1
            ? ""
            : "; so do "
                + Yaml.comment(String.join(", ", keys.subList(1, Math.min(5, keys.size()))));
    out.append("        primary_key: ")
        .append(Yaml.text(keys.get(0)))
        .append("   # every record seen has one of its own")
        .append(others)
        .append(
            "\n        write_disposition: merge   # a record with a known key replaces its row\n");
  }

  private void endpoint(StringBuilder out) {
    out.append("        endpoint:\n          path: ")
        .append(Yaml.literal(address.path()))
        .append('\n');
    if (selector != null && !selector.contains("${")) { // else it is found again at each run
      out.append("          data_selector: ").append(Yaml.text(selector)).append('\n');
    }
    Map<String, String> params = params();
    if (!params.isEmpty()) {
      out.append("          params: ").append(Yaml.map(params)).append('\n');
    }
    if (paginator != null) {
      boolean behind = told.size() == 1;
      if (!behind) {
        told.forEach(line -> out.append("          # ").append(Yaml.comment(line)).append('\n'));
      }
      out.append("          paginator: ").append(Yaml.map(paginator));
      out.append(behind ? "   # " + Yaml.comment(told.get(0)) : "").append('\n');
    }
    if (cursor != null) {
      out.append("          # Only what is new, if the API can filter by ")
          .append(Yaml.comment(cursor))
          .append(" (the parameter's name is in its documentation):\n")
          .append("          # params: {updated_since: \"{incremental.start_value}\"}\n")
          .append("          # incremental: {cursor_path: ")
          .append(Yaml.comment(Yaml.text(cursor)))
          .append(", initial_value: \"2026-01-01T00:00:00Z\"}\n");
    }
  }

  /** Those of the address that are not the paginator's; a secret's value is a reference. */
  private Map<String, String> params() {
    Map<String, String> params = new LinkedHashMap<>();
    address
        .params()
        .forEach(
            (name, value) -> {
              boolean limit =
                  paginator != null && Yaml.text(name).equals(paginator.get("limit_param"));
              if (!address.position(name) && !limit) {
                params.put(
                    name,
                    value == null
                        ? "\"${env:" + Names.variable(source, name) + "}\""
                        : Yaml.param(value));
              }
            });
    return params;
  }

  /** The variables that must be set before it can run. */
  List<String> variables() {
    List<String> names = new java.util.ArrayList<>(auth.variables(source));
    address
        .params()
        .forEach(
            (name, value) -> {
              if (value == null) {
                names.add(Names.variable(source, name));
              }
            });
    return names;
  }
}
