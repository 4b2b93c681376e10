package io.millrace.activities.destination;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.destination.WriteDisposition;
import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import io.millrace.source.TableHints;
import java.util.List;
import org.junit.jupiter.api.Test;

class WholeRunTest {
  private static final Column ID = Column.of("id", DataType.BIGINT).with("primary_key", true);
  private static final Column SORTED = Column.of("seq", null).with("dedup_sort", "desc");

  @Test
  void hintsAndColumnsDecideAlike() {
    assertSame(WriteDisposition.APPEND, List.of(), List.of(SORTED), false);
    assertSame(WriteDisposition.SKIP, List.of("day"), List.of(), false);
    assertSame(WriteDisposition.REPLACE, List.of(), List.of(), true);
    assertSame(WriteDisposition.MERGE, List.of(), List.of(ID), false);
    assertSame(WriteDisposition.MERGE, List.of(), List.of(ID, SORTED), true);
    assertSame(WriteDisposition.MERGE, List.of("day"), List.of(ID), true);
  }

  private static void assertSame(
      WriteDisposition how, List<String> mergeKey, List<Column> columns, boolean expected) {
    TableHints hints = new TableHints(null, how, null, mergeKey, columns, null, null, null);
    assertThat(WholeRun.needed(hints)).as("hints: " + hints).isEqualTo(expected);
    List<Column> merged = new java.util.ArrayList<>(columns);
    mergeKey.forEach(k -> merged.add(Column.of(k, DataType.TEXT).with("merge_key", true)));
    assertThat(WholeRun.needed(how, merged)).as("columns: " + merged).isEqualTo(expected);
  }
}
