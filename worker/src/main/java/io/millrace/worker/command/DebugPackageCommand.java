package io.millrace.worker.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.PackageFile;
import io.millrace.activities.staging.TableBatch;
import io.millrace.schema.Column;
import io.millrace.schema.TableSchema;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code debug package}: what a staged load package holds. For those who look for a mistake; the
 * package is checked against its digest before anything of it is shown.
 */
@CommandLine.Command(name = "package", description = "Show what a staged load package holds.")
final class DebugPackageCommand extends Command {
  private static final int MICROS = 1_000;

  @Parameters(paramLabel = "FILE", description = "the package, below .millrace/staging")
  private Path file;

  @Option(
      names = "--rows",
      paramLabel = "N",
      description = "with the first N rows of each table (default: none)")
  private int rows;

  @Option(names = "--table", paramLabel = "NAME", description = "only this table")
  private String only;

  DebugPackageCommand(Millrace millrace) {
    super(millrace);
  }

  /** {@code debug}, not shown in the help. */
  static CommandLine group(Millrace millrace) {
    CommandLine line =
        Group.of("debug", "Look into what is staged.", List.of(new DebugPackageCommand(millrace)));
    line.getCommandSpec().usageMessage().hidden(true);
    return line;
  }

  @Override
  int run(Output out) {
    Path path = env().folder().resolve(file);
    if (!Files.isRegularFile(path)) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot read load package: no such file: " + path + " (they lie in the staging folder)");
    }
    try (LoadPackage p = PackageFile.open(path)) {
      show(out, p);
      return 0;
    } catch (IOException e) {
      throw new MillraceException(
          Failure.STAGING_LOST, "Cannot read load package: " + e.getMessage() + ": " + path, e);
    }
  }

  private void show(Output out, LoadPackage p) throws IOException {
    out.document()
        .put("checksum", "ok")
        .put("sha256", p.sha256())
        .put("schema", p.schema().name())
        .put("schema_version", p.schema().version())
        .put("schema_hash", p.schema().versionHash())
        .put("rejected", p.rejected());
    ArrayNode roots = out.document().putArray("root_tables");
    p.rootTables().forEach(roots::add);
    out.print("sha256    " + p.sha256() + " (checked)");
    out.print("schema    " + p.schema().name() + ", version " + p.schema().version());
    out.print("roots     " + String.join(", ", p.rootTables()));
    out.print("rejected  " + Format.count(p.rejected()));
    ArrayNode tables = out.document().putArray("tables");
    for (String name : p.tables()) {
      if (only == null || only.equals(name)) {
        table(out, p, name, tables.addObject());
      }
    }
    if (tables.isEmpty()) {
      out.say("No rows" + (only == null ? "" : " of a table " + only));
    }
  }

  private void table(Output out, LoadPackage p, String name, ObjectNode node) throws IOException {
    Optional<TableSchema> schema = p.schema().table(name);
    node.put("table", name)
        .put("parent", schema.map(TableSchema::parent).orElse(null))
        .put("rows", p.rows(name));
    ArrayNode columns = node.putArray("columns");
    List<List<String>> cells = new ArrayList<>();
    for (Column c : schema.isPresent() ? schema.get().completeColumns() : shown(p, name)) {
      columns
          .addObject()
          .put("name", c.name())
          .put("type", c.type().key())
          .put("nullable", c.acceptsNull());
      cells.add(List.of(c.name(), c.type().key(), c.acceptsNull() ? "yes" : "no"));
    }
    out.print("");
    out.print(out.bold(name) + ": " + Format.plural(p.rows(name), "row"));
    if (!cells.isEmpty()) {
      out.print(Format.table(List.of("column", "type", "null"), cells, List.of()));
    }
    if (rows > 0) {
      List<ObjectNode> first = first(p, name, node.putArray("first_rows"));
      first.forEach(row -> out.print(row.toString()));
    }
  }

  /** The columns of a table that is in no schema, as its first batch has them. */
  private static List<Column> shown(LoadPackage p, String table) throws IOException {
    try (LoadPackage.Batches batches = p.batches(table)) {
      TableBatch first = batches.next();
      return first == null ? List.of() : first.columns();
    }
  }

  /** The first rows, absent cells left out. */
  private List<ObjectNode> first(LoadPackage p, String table, ArrayNode into) throws IOException {
    List<ObjectNode> all = new ArrayList<>();
    try (LoadPackage.Batches batches = p.batches(table)) {
      for (TableBatch b; all.size() < rows && (b = batches.next()) != null; ) {
        int begin = all.size();
        int n = Math.min(rows - begin, b.rows());
        for (int i = 0; i < n; i++) {
          all.add(into.addObject());
        }
        for (int c = 0; c < b.columns().size(); c++) {
          TableBatch.Cells cells = b.cells(c);
          for (int i = 0; i < cells.count() && cells.rows()[i] < n; i++) {
            put(all.get(begin + cells.rows()[i]), b.columns().get(c), cells.values()[i], b.arena());
          }
        }
      }
    }
    return all;
  }

  private static void put(ObjectNode row, Column c, long v, byte[] arena) {
    int off = (int) (v >>> Integer.SIZE);
    int len = (int) v;
    switch (c.type()) {
      case BIGINT -> row.put(c.name(), v);
      case DOUBLE -> row.put(c.name(), Double.longBitsToDouble(v));
      case BOOL -> row.put(c.name(), v != 0);
      case TIMESTAMP -> row.put(c.name(), Instant.EPOCH.plus(v, ChronoUnit.MICROS).toString());
      case DATE -> row.put(c.name(), LocalDate.ofEpochDay(v).toString());
      case TIME -> row.put(c.name(), LocalTime.ofNanoOfDay(v * MICROS).toString());
      case TEXT, JSON -> row.put(c.name(), new String(arena, off, len, StandardCharsets.UTF_8));
      case BINARY ->
          row.put(
              c.name(),
              Base64.getEncoder()
                  .encodeToString(java.util.Arrays.copyOfRange(arena, off, off + len)));
      case DECIMAL, WEI ->
          row.put(c.name(), new BigDecimal(new String(arena, off, len, StandardCharsets.US_ASCII)));
    }
  }
}
