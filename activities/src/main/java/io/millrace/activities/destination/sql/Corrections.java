package io.millrace.activities.destination.sql;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.destination.SystemNames;
import io.millrace.run.Segment;
import java.util.Map;

/** {@code _mr_corrections}: who changed a state by hand, and how. Made with its first row. */
final class Corrections {
  private final Sql sql;
  private final SystemTables system;
  private final Catalog catalog;

  Corrections(Sql sql, SystemTables system, Catalog catalog) {
    this.sql = sql;
    this.system = system;
    this.catalog = catalog;
  }

  /**
   * Notes that somebody changed the state by hand.
   *
   * @param segment whose epoch is the one that the asset has now
   * @param loadId to which it went back; {@code null} for none
   */
  void write(
      Segment segment,
      String deed,
      String loadId,
      JsonNode before,
      JsonNode after,
      Map<String, Long> removed) {
    system.makeLate(SystemNames.CORRECTIONS, catalog);
    sql.run(
        "INSERT INTO %s VALUES (?, ?, ?, ?, ?, ?, ?::JSON, ?::JSON, ?::JSON, now())"
            .formatted(sql.table(SystemNames.CORRECTIONS)),
        segment.project(),
        segment.asset(),
        segment.partition(),
        segment.epoch(),
        deed,
        loadId,
        Json.text(before),
        Json.text(after),
        Json.text(removed));
  }

  /**
   * The epoch in which somebody last did this to an asset; 0 when nobody did.
   *
   * @param asset as {@link SystemTables#asset}
   */
  int newest(String deed, Object... asset) {
    return catalog.table(SystemNames.CORRECTIONS) == null
        ? 0
        : sql.select(
                "SELECT coalesce(max(epoch), 0) FROM %s WHERE %s AND deed = '%s'"
                    .formatted(sql.table(SystemNames.CORRECTIONS), SystemTables.ASSET, deed),
                asset)
            .mapTo(Integer.class)
            .one();
  }
}
