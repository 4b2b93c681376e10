package io.millrace.worker.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.destination.Loader.TableInfo;
import io.millrace.worker.demo.DemoData.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What the demo asks the database: how far it is, and whether it is right. Reads only, and only
 * while no worker writes.
 */
public final class DemoDatabase {
  /** A question with an answer that is worth a look: it joins across a child table. */
  static final String QUESTION =
      """
      select c.address__country as country,
             count(distinct o.id) as orders,
             round(sum(l.qty * l.price_cents) / 100, 2) as revenue
      from shop.orders o
      join shop.customers c on c.id = o.customer_id
      join shop.orders__lines l on l._mr_parent_id = o._mr_id
      group by country order by revenue desc limit 5""";

  /** Which version of a record it is. */
  private static final String AGE = "cast(epoch(c.updated_at) as bigint)";

  private static final long OPENING = 1_767_225_600L; // 2026-01-01, unix seconds
  private static final long DAY = 86_400L;

  private final Loader loader;

  DemoDatabase(Loader loader) {
    this.loader = loader;
  }

  /**
   * One table compared with the source.
   *
   * @param expected rows that the source has
   * @param found rows in the table, each below its own parent
   * @param distinct ids among them
   * @param same whether the sum of a measure is the source's too, that is: no row is outdated
   */
  public record Check(String table, long expected, long found, long distinct, boolean same) {
    /** Whether every id is there exactly once and none is outdated. */
    public boolean right() {
      return expected == found && expected == distinct && same;
    }
  }

  /** The data tables with their rows. */
  List<TableInfo> tables() {
    return loader.tables(false);
  }

  /** Rows by table; empty before the first load. */
  Map<String, Long> rows() {
    Map<String, Long> rows = new LinkedHashMap<>();
    tables().forEach(table -> rows.put(table.table(), table.rows()));
    return rows;
  }

  Loader.Rows answer() {
    return loader.query(QUESTION, 0);
  }

  /** The newest day of the shop that any row comes from; 0 when there is none. */
  int newestDay() {
    int newest = 0;
    TreeSet<String> there = new TreeSet<>(rows().keySet());
    for (String table : List.of("customers", "orders", "events")) {
      if (there.contains(table)) {
        String sql =
            "select cast(coalesce(max(epoch(updated_at)), 0) as bigint) from shop." + table;
        long seconds = numbers(sql).get(0);
        newest = Math.max(newest, seconds < OPENING ? 0 : (int) ((seconds - OPENING) / DAY) + 1);
      }
    }
    return newest;
  }

  /** Compares every table with the source. */
  List<Check> compare(DemoData data) {
    Sums orders = new Sums();
    Sums lines = new Sums();
    Sums discounts = new Sums();
    for (int id = 1; id <= data.count(Kind.ORDERS); id++) {
      JsonNode order = data.record(Kind.ORDERS, id);
      orders.add(seconds(order));
      for (JsonNode line : order.get("lines")) {
        lines.add(line.get("qty").asLong() * line.get("price_cents").asLong());
        for (JsonNode discount : line.get("discounts")) {
          discounts.add(discount.get("percent").asLong());
        }
      }
    }
    TreeSet<String> there = new TreeSet<>(rows().keySet());
    List<Check> checks = new ArrayList<>();
    checks.add(
        compare(there, "customers", "shop.customers c", "c.id", AGE, sums(data, Kind.CUSTOMERS)));
    checks.add(compare(there, "orders", "shop.orders c", "c.id", AGE, orders));
    checks.add(
        compare(
            there,
            "orders__lines",
            "shop.orders__lines c join shop.orders p"
                + " on c._mr_parent_id = p._mr_id and c.line_id // 10 = p.id",
            "c.line_id",
            "c.qty * c.price_cents",
            lines));
    checks.add(
        compare(
            there,
            "orders__lines__discounts",
            "shop.orders__lines__discounts c join shop.orders__lines p"
                + " on c._mr_parent_id = p._mr_id and c.discount_id // 10 = p.line_id",
            "c.discount_id",
            "c.percent",
            discounts));
    checks.add(compare(there, "events", "shop.events c", "c.id", AGE, sums(data, Kind.EVENTS)));
    return checks;
  }

  private Check compare(
      TreeSet<String> there, String table, String from, String key, String measure, Sums expected) {
    if (!there.contains(table)) {
      return new Check(table, expected.rows, 0, 0, expected.rows == 0);
    }
    String sql =
        "select count(*), count(distinct %s), cast(coalesce(sum(%s), 0) as bigint) from %s"
            .formatted(key, measure, from);
    List<Long> found = numbers(sql);
    return new Check(
        table, expected.rows, found.get(0), found.get(1), found.get(2) == expected.total);
  }

  private List<Long> numbers(String sql) {
    return loader.query(sql, 1).rows().get(0).stream()
        .map(value -> Long.parseLong(String.valueOf(value)))
        .toList();
  }

  private static Sums sums(DemoData data, Kind kind) {
    Sums sums = new Sums();
    for (int id = 1; id <= data.count(kind); id++) {
      sums.add(seconds(data.record(kind, id)));
    }
    return sums;
  }

  private static long seconds(JsonNode record) {
    return Instant.parse(record.get("updated_at").asText()).getEpochSecond();
  }

  private static final class Sums {
    private long rows;
    private long total;

    void add(long measure) {
      rows++;
      total += measure;
    }
  }
}
