package io.millrace.activities;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.normalize.value.Naming;
import io.millrace.destination.WriteDisposition;
import io.millrace.project.Project;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.TableSchema;
import io.millrace.source.JsonPath;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A parent's fields as its table has them, for lists that are gone. What the table says is not
 * always letter for letter what the source sent: a text that became a timestamp is one of RFC 3339
 * in UTC.
 */
final class ParentTable {
  /** Rows that are held at once. */
  private static final int CHUNK = 1000;

  private final Project project;
  private final Source source;
  private final Resource resource;
  private final Naming naming;
  private final Loader loader;
  private Map<String, List<Column>> columns;

  ParentTable(Project project, Source source, Resource resource, int longest, Loader loader) {
    this.project = project;
    this.source = source;
    this.resource = resource;
    Integer own = project.schema().maxIdentifierLength();
    int max = own == null ? longest : Math.min(own, longest);
    this.naming = Naming.of(project.schema().naming(), max, true);
    this.loader = loader;
  }

  /** One row's fields, as JSON by path, and its id. */
  record Row(String id, Map<String, String> fields) {}

  /** The table's name in the destination; one with braces when each record says its own. */
  String name() {
    String raw =
        resource.hints().tableName() == null ? resource.name() : resource.hints().tableName().raw();
    return raw.startsWith("{") ? raw : naming.table(raw);
  }

  /** Whether the records of a resource are in one table, so that they can be found there. */
  boolean has(Resource parent) {
    return parent.hints().disposition().kind() != WriteDisposition.Kind.SKIP
        && !name().contains("{");
  }

  /** The next rows of a load by id; empty at the end. */
  List<Row> rows(String loadId, Collection<String> paths, String after) {
    if (columns == null) {
      columns = columns(paths);
    }
    List<String> names =
        columns.values().stream().flatMap(List::stream).map(Column::name).distinct().toList();
    Loader.Rows rows = loader.rowsOf(loadId, name(), names, after, CHUNK);
    List<Row> all = new ArrayList<>();
    for (List<Object> row : rows.rows()) {
      Map<String, String> fields = new LinkedHashMap<>();
      columns.forEach(
          (path, candidates) -> {
            for (Column column : candidates) {
              Object value = row.get(names.indexOf(column.name()));
              if (value != null) {
                fields.putIfAbsent(path, json(value, column.type()));
              }
            }
            fields.putIfAbsent(path, "null");
          });
      all.add(new Row((String) row.get(names.size()), fields));
    }
    return all;
  }

  /** The column of each path, and those of its values of other types. */
  private Map<String, List<Column>> columns(Collection<String> paths) {
    TableSchema table =
        loader
            .read(project.name(), source.name() + "." + resource.name(), null, source.name(), null)
            .schema()
            .table(name())
            .orElse(null);
    Map<String, List<Column>> found = new LinkedHashMap<>();
    for (String path : paths) {
      String name = column(path);
      List<Column> columns =
          table == null || name == null
              ? List.of()
              : table.completeColumns().stream()
                  .filter(
                      c ->
                          c.name().equals(name)
                              || c.hinted("variant") && c.name().startsWith(name + "__v_"))
                  .toList();
      if (table != null && columns.isEmpty()) {
        throw new MillraceException(
            Failure.DATA_INVALID,
            "Cannot find the parents that were loaded before: "
                + source.name()
                + "."
                + resource.name()
                + " has no column for "
                + path
                + " and what was staged of them is gone (run it again with --refresh drop_data:"
                + " then its records are read anew)");
      }
      found.put(path, columns);
    }
    return found;
  }

  private String column(String path) {
    String name = null;
    for (Object step : JsonPath.parse("field of a parent", path).steps()) {
      if (!(step instanceof String key)) {
        return null; // lists are in tables of their own
      }
      name = name == null ? naming.key(key) : naming.join(name, naming.key(key));
    }
    return name;
  }

  private static String json(Object value, DataType type) {
    boolean plain = value instanceof Number || value instanceof Boolean || type == DataType.JSON;
    return plain
        ? value.toString()
        : JsonNodeFactory.instance.textNode(value.toString()).toString();
  }
}
