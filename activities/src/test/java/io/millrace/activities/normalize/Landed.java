package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.millrace.activities.normalize.value.RowIds;
import io.millrace.activities.staging.LoadPackage;
import io.millrace.activities.staging.PackageFile;
import io.millrace.activities.staging.TableBatch;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import io.millrace.schema.TableSchema;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** Rows of load packages in memory, as the canonical rows of the golden corpus. */
final class Landed {
  static final ObjectMapper SORTED =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  final Map<String, List<Map<String, Object>>> rows = new LinkedHashMap<>();
  Schema schema;

  /** What a table is called where the destination has shorter names. */
  final Map<String, String> stored = new HashMap<>();

  /** What ended it before its end; {@code null} for nothing. */
  String failure;

  void add(Path file) throws IOException {
    try (LoadPackage p = PackageFile.open(file)) {
      schema = p.schema();
      for (String t : p.tables()) {
        List<Map<String, Object>> all = rows.computeIfAbsent(t, k -> new ArrayList<>());
        try (LoadPackage.Batches batches = p.batches(t)) {
          for (TableBatch b; (b = batches.next()) != null; ) {
            all.addAll(rows(b));
          }
        }
      }
    }
  }

  private static List<Map<String, Object>> rows(TableBatch b) throws IOException {
    List<Map<String, Object>> all = new ArrayList<>();
    for (int i = 0; i < b.rows(); i++) {
      all.add(new TreeMap<>());
    }
    for (int c = 0; c < b.columns().size(); c++) {
      Column column = b.columns().get(c);
      TableBatch.Cells cells = b.cells(c);
      for (int i = 0; i < cells.count(); i++) {
        all.get(cells.rows()[i]).put(column.name(), canon(column, cells.values()[i], b.arena()));
      }
    }
    return all;
  }

  private static Object canon(Column c, long v, byte[] arena) throws IOException {
    int off = (int) (v >>> 32);
    int len = (int) v;
    return switch (c.type()) {
      case BIGINT -> Long.toString(v);
      case DOUBLE -> Double.toString(Double.longBitsToDouble(v));
      case BOOL -> v == 1;
      case TIMESTAMP -> timestamp(c, v);
      case DATE -> LocalDate.ofEpochDay(v).toString();
      case TIME ->
          DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS").format(LocalTime.ofNanoOfDay(v * 1000));
      case TEXT -> new String(arena, off, len, StandardCharsets.UTF_8);
      case JSON -> "json:" + json(SORTED.readTree(arena, off, len));
      case BINARY ->
          Base64.getEncoder().encodeToString(java.util.Arrays.copyOfRange(arena, off, off + len));
      case DECIMAL, WEI -> {
        int scale = c.type() == DataType.WEI ? 0 : c.scale() == null ? 9 : c.scale();
        String text = new String(arena, off, len, StandardCharsets.US_ASCII);
        yield new BigDecimal(text).setScale(scale, RoundingMode.HALF_UP).toPlainString();
      }
    };
  }

  static String json(JsonNode n) throws IOException {
    return SORTED.writeValueAsString(SORTED.treeToValue(n, Object.class));
  }

  private static String timestamp(Column c, long micros) {
    LocalDateTime t =
        LocalDateTime.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000),
            Math.floorMod(micros, 1_000_000) * 1000,
            ZoneOffset.UTC);
    boolean naive = Boolean.FALSE.equals(c.timezone());
    int p = c.precision() == null || !naive ? 6 : c.precision();
    // DuckDB rounds to the column's precision
    int step = p == 0 ? 1_000_000_000 : p <= 3 ? 1_000_000 : 1;
    LocalDateTime cut = t.plusNanos(step / 2);
    cut = cut.withNano(cut.getNano() / step * step);
    String digits = p > 6 ? "SSSSSSSSS" : "SSSSSS";
    return DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss." + digits).format(cut)
        + (naive ? "" : "Z");
  }

  /** The columns of each table as in {@code tables.json}. */
  Map<String, List<String>> columns() {
    Map<String, List<String>> all = new TreeMap<>();
    for (TableSchema t : schema.tables()) {
      List<String> names = new ArrayList<>();
      for (Column c : t.completeColumns()) {
        names.add(c.name() + " " + duckdb(c) + (c.acceptsNull() ? "" : " NOT NULL"));
      }
      if (!names.isEmpty() && t.hints().toString().contains("seen-data")) {
        all.put(t.name() + (t.parent() == null ? "" : " of " + t.parent()), names);
      }
    }
    return all;
  }

  private static String duckdb(Column c) {
    int p = c.precision() == null ? -1 : c.precision();
    return switch (c.type()) {
      case BIGINT ->
          p < 0
              ? "BIGINT"
              : p <= 8
                  ? "TINYINT"
                  : p <= 16 ? "SMALLINT" : p <= 32 ? "INTEGER" : p <= 64 ? "BIGINT" : "HUGEINT";
      case DOUBLE -> "DOUBLE";
      case TEXT -> "VARCHAR";
      case BOOL -> "BOOLEAN";
      case TIMESTAMP ->
          !Boolean.FALSE.equals(c.timezone())
              ? "TIMESTAMP WITH TIME ZONE"
              : p == 0
                  ? "TIMESTAMP_S"
                  : p < 0 || p > 3 && p <= 6
                      ? "TIMESTAMP"
                      : p <= 3 ? "TIMESTAMP_MS" : "TIMESTAMP_NS";
      case DATE -> "DATE";
      case TIME -> "TIME";
      case BINARY -> "BLOB";
      case JSON -> "JSON";
      case DECIMAL ->
          "DECIMAL("
              + (p < 0 ? 38 : p)
              + ","
              + (c.scale() == null ? (p < 0 ? 9 : 0) : c.scale())
              + ")";
      case WEI -> "DECIMAL(38,0)";
    };
  }

  /**
   * Each row with its ancestors, ids replaced by what they mean.
   *
   * @param loads whether rows of one load must be rows of one load
   */
  List<String> chains(Map<String, Set<String>> literalIds, boolean loads) {
    rows.values().forEach(all -> rankLoads(all, loads));
    Map<String, Map<String, Object>> byId = new HashMap<>();
    Map<String, String> tableOf = new HashMap<>();
    rows.forEach(
        (t, all) ->
            all.forEach(
                r -> {
                  // versions of a row share its id; the children are the first one's
                  byId.merge(
                      (String) r.get("_dlt_id"),
                      r,
                      (one, other) ->
                          one.toString().compareTo(other.toString()) <= 0 ? one : other);
                  tableOf.put((String) r.get("_dlt_id"), t);
                }));
    List<String> chains = new ArrayList<>();
    rows.forEach(
        (t, all) -> {
          if (!t.equals("_mr_rejects")) {
            all.forEach(r -> chains.add(chain(t, r, byId, tableOf, literalIds)));
          }
        });
    chains.sort(null);
    return chains;
  }

  /** Load ids become their numbers in the order of loads, in each table, or go. */
  private static void rankLoads(List<Map<String, Object>> rows, boolean loads) {
    List<Object> ids =
        rows.stream()
            .map(r -> r.get("_dlt_load_id"))
            .filter(Objects::nonNull)
            .distinct()
            .sorted()
            .toList();
    rows.forEach(
        r ->
            r.computeIfPresent(
                "_dlt_load_id", (k, id) -> loads ? String.valueOf(ids.indexOf(id) + 1) : null));
  }

  private String chain(
      String t,
      Map<String, Object> r,
      Map<String, Map<String, Object>> byId,
      Map<String, String> tableOf,
      Map<String, Set<String>> literalIds) {
    String up = (String) r.get("_dlt_parent_id");
    Map<String, Object> out = new TreeMap<>(r);
    String id = (String) r.get("_dlt_id");
    boolean child = up != null && byId.containsKey(up);
    if (up != null) {
      byte[] b = new byte[RowIds.LENGTH];
      byte[] p = up.getBytes(StandardCharsets.UTF_8);
      long idx = Long.parseLong((String) r.get("_dlt_list_idx"));
      new RowIds()
          .child(
              b,
              0,
              p,
              0,
              p.length,
              stored.getOrDefault(t, t).getBytes(StandardCharsets.UTF_8),
              idx);
      if (new String(b, StandardCharsets.US_ASCII).equals(id)) {
        out.put("_dlt_id", "$child");
      } else if (id.matches("[A-Za-z0-9+/]{14}")) {
        out.put("_dlt_id", "$number");
      }
      out.put("_dlt_parent_id", child ? "$parent" : "$orphan");
    } else if (!literalIds.getOrDefault(t, java.util.Set.of()).contains(id)) {
      out.put("_dlt_id", "$random");
    }
    if (r.containsKey("_dlt_root_id")) {
      Map<String, Object> top = r;
      while (top.get("_dlt_parent_id") != null
          && byId.containsKey((String) top.get("_dlt_parent_id"))) {
        top = byId.get((String) top.get("_dlt_parent_id"));
      }
      boolean root = top.get("_dlt_id").equals(r.get("_dlt_root_id"));
      out.put("_dlt_root_id", root ? "$root" : "$other");
    }
    String own = t + out;
    return child
        ? chain(tableOf.get(up), byId.get(up), byId, tableOf, literalIds) + " > " + own
        : own;
  }
}
