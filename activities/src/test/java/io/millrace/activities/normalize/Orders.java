package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.destination.SystemNames;
import io.millrace.project.Project;
import io.millrace.project.Text;
import io.millrace.run.Segment;
import io.millrace.schema.DataType;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaSettings;
import io.millrace.source.Incremental;
import io.millrace.source.Limits;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import io.millrace.source.TableHints;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Orders for tests. */
final class Orders {
  /** A destination in which case tells names apart. */
  static final Identifiers CASED = new Identifiers(65536, false, Set.of());

  /** One in which it does not. */
  static final Identifiers FOLDING = new Identifiers(65536, true, Set.of());

  private Orders() {}

  /** One resource without hints. Compat when the prefix is dlt's. */
  static Order plain(String resource, String prefix) {
    return of(resource, prefix, TableHints.NONE, null, Limits.DEFAULT);
  }

  static Order of(
      String resource, String prefix, TableHints hints, Incremental incremental, Limits limits) {
    return of(resource, prefix, hints, incremental, limits, prefix.equals("_dlt"));
  }

  static Order of(
      String resource,
      String prefix,
      TableHints hints,
      Incremental incremental,
      Limits limits,
      boolean compat) {
    return of(resource, prefix, hints, incremental, limits, compat, null);
  }

  static Order of(
      String resource,
      String prefix,
      TableHints hints,
      Incremental incremental,
      Limits limits,
      boolean compat,
      DataType nulls) {
    Resource r =
        new Resource(
            resource, null, null, incremental, hints, null, true, null, null, null, null, null);
    Source s = new Source.Filesystem("golden", new Text("."), null, limits, List.of(r));
    SchemaSettings settings = new SchemaSettings(null, null, null, null, nulls, compat);
    Project p =
        new Project(
            "golden",
            List.of(),
            new SystemNames(prefix),
            settings,
            null,
            null,
            List.of(s),
            Map.of());
    return new Order(p, s, r, Schema.empty("golden"), null, segment(1), CASED, null);
  }

  static Segment segment(int seq) {
    return new Segment(
        "golden", "", "golden.t", null, "run", "1700000000.1-aaaa-0001-" + seq, 1, seq);
  }

  /** The same for another destination. */
  static Order with(Order before, Identifiers identifiers) {
    return new Order(
        before.project(),
        before.source(),
        before.resource(),
        before.schema(),
        before.cursor(),
        before.segment(),
        identifiers,
        before.steps());
  }

  static Order after(Order before, Schema schema, JsonNode cursor, int seq) {
    return before.after(schema, cursor, segment(seq));
  }
}
