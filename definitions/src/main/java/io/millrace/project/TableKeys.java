package io.millrace.project;

import io.millrace.destination.WriteDisposition;
import io.millrace.project.shape.Keys;
import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import io.millrace.project.shape.Values;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.SchemaContract;
import io.millrace.source.TableHints;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The keys that say how a table looks: dlt's hints, letter for letter. */
final class TableKeys {
  static final Shape<DataType> DATA_TYPE =
      Shapes.words(Arrays.stream(DataType.values()).map(DataType::key).toArray(String[]::new))
          .as(DataType::of);

  private static final Shape<SchemaContract.Mode> MODE =
      Shapes.words(
              Arrays.stream(SchemaContract.Mode.values())
                  .map(SchemaContract.Mode::key)
                  .toArray(String[]::new))
          .as(SchemaContract.Mode::of);

  private static final Shape<Boolean> HINT = Shapes.YES_OR_NO;

  private static final Keys<Column> COLUMN =
      Keys.of(
          "column",
          "What is known of a column before data shows it.",
          k -> {
            var name = k.required("name", Shapes.TEXT, "As in the data.");
            var type = k.key("data_type", DATA_TYPE, "from the data", "The type.");
            var nullable = k.key("nullable", HINT, "true", "Whether a value may be missing.");
            var precision =
                k.key("precision", Shapes.count(0), "Digits, bits, characters or fraction digits.");
            var scale = k.key("scale", Shapes.count(0), "Digits behind the point of a decimal.");
            var timezone = k.key("timezone", HINT, "true", "Whether a timestamp has a zone.");
            List<Keys.Key<?>> hints =
                List.of(
                    k.key("primary_key", HINT, "Part of the primary key."),
                    k.key("merge_key", HINT, "Part of the merge key."),
                    k.key("unique", HINT, "No value is there twice."),
                    k.key("hard_delete", HINT, "A record with a value here deletes its row."),
                    k.key(
                        "dedup_sort",
                        Shapes.words("asc", "desc"),
                        "Which of several records of one key wins."),
                    k.key("sort", HINT, "Rows are sorted by it."),
                    k.key("cluster", HINT, "Rows are clustered by it."),
                    k.key("partition", HINT, "The table is partitioned by it."),
                    k.key("row_key", HINT, "Identifies the row."),
                    k.key("parent_key", HINT, "Identifies the parent's row."),
                    k.key("root_key", HINT, "Identifies the root's row."),
                    k.key("incremental", HINT, "The column is a cursor."),
                    k.key("variant", HINT, "The column is a variant of another."),
                    k.key("description", Shapes.TEXT, "For people."),
                    k.open("x-", Shapes.ANYTHING, "Further hints, kept as they are."));
            return v ->
                new Column(
                    v.get(name),
                    v.get(type),
                    v.get(nullable),
                    v.get(precision),
                    v.get(scale),
                    v.get(timezone),
                    v.written(hints));
          });

  static final Shape<SchemaContract> CONTRACT =
      Shapes.either(
          MODE.as(SchemaContract::all),
          Keys.of(
              "schema_contract",
              "What may change by itself.",
              k -> {
                var tables = k.key("tables", MODE, "evolve", "New tables.");
                var columns = k.key("columns", MODE, "evolve", "New columns.");
                var dataType = k.key("data_type", MODE, "evolve", "Values of another type.");
                return v -> new SchemaContract(v.get(tables), v.get(columns), v.get(dataType));
              }));

  /** A strategy alone says less than it means: it belongs to merge. */
  private static final Map<String, String> MERGES =
      Arrays.stream(WriteDisposition.Strategy.values())
          .map(WriteDisposition.Strategy::key)
          .collect(
              Collectors.toMap(key -> key, key -> "{disposition: merge, strategy: " + key + "}"));

  private static final Shape<WriteDisposition.Kind> KIND =
      Shapes.wordsMeaning(MERGES, "append", "replace", "merge", "skip")
          .as(WriteDisposition.Kind::of);

  private static final Shape<WriteDisposition> DISPOSITION =
      Shapes.either(
          KIND.as(kind -> new WriteDisposition(kind, null, Map.of())),
          Keys.of(
              "write_disposition",
              "How rows meet those that are already there, in detail.",
              k -> {
                var kind = k.required("disposition", KIND, "What is done.");
                var strategy =
                    k.key(
                        "strategy",
                        Shapes.words("delete-insert", "upsert", "insert-only", "scd2", "cdc"),
                        "delete-insert",
                        "How rows are merged.");
                List<Keys.Key<?>> options =
                    List.of(
                        strategy,
                        k.key("deduplicated", HINT, "Records have no key twice."),
                        k.key("source_filter", Shapes.TEXT, "SQL condition on loaded rows."),
                        k.key(
                            "destination_scope",
                            Shapes.TEXT,
                            "SQL condition on rows that may be deleted."),
                        k.key("skip_unchanged_rows", HINT, "Rows that are equal stay as they are."),
                        k.key(
                            "validity_column_names",
                            Shapes.listOf(Shapes.TEXT).checked(TableKeys::two),
                            "scd2: columns of the beginning and the end."),
                        k.key(
                            "active_record_timestamp",
                            Shapes.TEXT,
                            "scd2: end of rows that are valid; null when not said."),
                        k.key("boundary_timestamp", Shapes.TEXT, "scd2: when this load is."),
                        k.key(
                            "row_version_column_name",
                            Shapes.TEXT,
                            "scd2: column that changes with the row."));
                return v -> {
                  if (v.said(strategy) && v.get(kind) != WriteDisposition.Kind.MERGE) {
                    v.at(strategy)
                        .refuse("a strategy belongs to merge", "write disposition: merge");
                  }
                  String said = v.get(strategy);
                  return new WriteDisposition(
                      v.get(kind),
                      said == null ? null : WriteDisposition.Strategy.of(said),
                      v.written(options));
                };
              }));

  private static final Keys<String> REFERENCE =
      Keys.of(
          "reference",
          "A reference to another table, for people and tools.",
          k -> {
            var table = k.required("referenced_table", Shapes.TEXT, "The other table.");
            k.required("columns", Shapes.oneOrMany(Shapes.TEXT), "Columns here.");
            k.required("referenced_columns", Shapes.oneOrMany(Shapes.TEXT), "Columns there.");
            k.key("label", Shapes.TEXT, "For people.");
            k.key("cardinality", Shapes.TEXT, "For people.");
            return v -> v.get(table);
          });

  private static final TableHints.Entries NO_MAP = new TableHints.Entries("", "");

  private static final Shape<TableHints.Entries> MAP =
      Shapes.either(
          HINT.as(yes -> yes ? new TableHints.Entries(null, null) : NO_MAP),
          Keys.of(
              "map",
              "An object whose keys are data: each entry becomes a row.",
              k -> {
                var key = k.key("key", Shapes.TEXT, "key", "Column of the keys.");
                var value =
                    k.key("value", Shapes.TEXT, "value", "Column of values that are no objects.");
                return v -> new TableHints.Entries(v.get(key), v.get(value));
              }));

  private static final Keys<TableHints.Nested> NESTED =
      Keys.of(
          "nested_hint",
          "Hints of the table that nested lists make, or objects whose keys are data.",
          k -> {
            var path =
                k.required("path", Shapes.oneOrMany(Shapes.TEXT), "Names from the record down.");
            var map =
                k.key(
                    "map",
                    MAP,
                    "false",
                    "The objects there have data for keys, for example days or currencies: each"
                        + " entry becomes a row.");
            var hints = declare(k, null);
            return v ->
                new TableHints.Nested(
                    v.get(path), hints.apply(v), v.get(map) == NO_MAP ? null : v.get(map));
          });

  private TableKeys() {}

  /** Declares the hints among the keys of a resource, and answers how they are made. */
  static Function<Values, TableHints> declare(Keys<?> k) {
    return declare(
        k, k.key("nested_hints", Shapes.listOf(NESTED), "Hints of tables that nested lists make."));
  }

  private static Function<Values, TableHints> declare(
      Keys<?> k, Keys.Key<List<TableHints.Nested>> nested) {
    var tableName =
        k.key(
            "table_name",
            Shapes.TEXT.checked(TableKeys::tableName),
            "the resource's name",
            "Name of the table; `{field}` takes it from each record.");
    var disposition =
        k.key(
            "write_disposition",
            DISPOSITION,
            "append",
            "How rows meet those that are already there.");
    var primaryKey =
        k.key("primary_key", Shapes.oneOrMany(Shapes.TEXT), "Columns that identify a record.");
    var mergeKey =
        k.key("merge_key", Shapes.oneOrMany(Shapes.TEXT), "Columns that select what is replaced.");
    var columns =
        k.key(
            "columns",
            Shapes.named(COLUMN).checked(TableKeys::onceEach),
            "What is known of columns, in order.");
    var contract = k.key("schema_contract", CONTRACT, "the source's", "What may change by itself.");
    var nesting =
        k.key(
            "max_table_nesting",
            Shapes.count(0),
            "the source's",
            "How deep nested lists become tables; deeper ones become JSON.");
    k.key("references", Shapes.listOf(REFERENCE), "References to other tables.");
    k.key(
        "table_format",
        Shapes.words("native", "hive", "iceberg", "delta", "hudi").checked(TableKeys::ownTables),
        "native",
        "Accepted when it is native: rows go to tables of the destination's own.");
    k.key(
        "file_format",
        Shapes.words(
            "insert_values",
            "jsonl",
            "typed-jsonl",
            "parquet",
            "csv",
            "arrow",
            "reference",
            "model",
            "preferred"),
        "preferred",
        "Accepted; rows go the destination's fastest way whatever it says.");
    k.key("description", Shapes.TEXT, "For people.");
    return v ->
        new TableHints(
            v.get(tableName) == null ? null : new Text(v.get(tableName)),
            v.get(disposition),
            v.get(primaryKey),
            v.get(mergeKey),
            v.get(columns),
            v.get(contract),
            v.get(nesting),
            nested == null ? null : v.get(nested));
  }

  private static boolean ownTables(String format, Spot spot) {
    boolean well = format.equals("native");
    if (!well) {
      spot.refuse(
          "tables of format " + format + " are not available yet in this version",
          "take it out: rows go to tables of the destination's own");
    }
    return well;
  }

  private static boolean two(List<String> names, Spot spot) {
    if (names.size() != 2) {
      spot.refuse(
          "expected two names: found " + names.size(), "for example [valid_from, valid_to]");
    }
    return names.size() == 2;
  }

  private static boolean tableName(String name, Spot spot) {
    boolean well = name.matches("[^{}]+|\\{[^{}]+}");
    if (!well) {
      spot.refuse(
          "expected a name or one {field}: found " + spot.found(), "for example \"{type}\"");
    }
    return well;
  }

  private static boolean onceEach(List<Column> columns, Spot spot) {
    Set<String> seen = new HashSet<>();
    for (Column column : columns) {
      if (!seen.add(column.name())) {
        spot.problems()
            .origin(column)
            .refuse("the column is there twice: " + column.name(), "put its hints together");
      }
    }
    return true;
  }
}
