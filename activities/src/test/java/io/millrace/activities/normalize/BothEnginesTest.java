package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.activities.destination.Loader;
import io.millrace.destination.SystemNames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What sources send, from their bytes into the tables of both engines. */
class BothEnginesTest {
  private static final SystemNames NAMES = new SystemNames("_mr");

  @TempDir Path dir;

  private Landing landing(String engine) {
    String dataset = "both " + dir.getFileName();
    return engine.equals("duckdb")
        ? Landing.inDuckDb(dir, dataset, NAMES)
        : Landing.inPostgres(dir, dataset, NAMES);
  }

  private static byte[] lines(String... lines) {
    return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
  }

  private static List<List<Object>> rows(Landing landing, String sql) {
    Loader.Rows rows = landing.loader().query(sql, 0);
    return rows.rows();
  }

  /** A line with these bytes in the text of {@code v}. */
  private static byte[] raw(int id, int... bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(("{\"id\":" + id + ",\"v\":\"a").getBytes(StandardCharsets.UTF_8));
    for (int b : bytes) {
      out.write(b);
    }
    out.write("b\"}\n".getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  private static byte[] all(byte[]... parts) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.write(part);
    }
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"duckdb", "postgres"})
  void storesTextsAsTheyAreAndSaysWhichItCouldNot(String engine) throws IOException {
    Landing landing = landing(engine);
    Normalized done =
        landing.run(
            "columns: {j: {data_type: json}}",
            all(
                raw(1, 0xf0, 0x9f, 0x98, 0x80),
                lines("{\"id\":2,\"v\":\"a\\u0000b\"}\n"),
                lines("{\"id\":3,\"v\":\"a\\ud83db\"}\n"),
                lines("{\"id\":4,\"v\":\"a\\ud83d\\ude00b\",\"j\":[\"a\\ud83d\\ude00b\"]}\n"),
                raw(5, 0xff),
                raw(6, 0xc0, 0x80),
                raw(7, 0xed, 0xa0, 0x80),
                raw(8, 0xc3),
                raw(9, 0xef, 0xbb, 0xbf)));
    assertThat(rows(landing, "SELECT id, v FROM t ORDER BY id"))
        .containsExactly(
            List.of(1L, "a😀b"),
            List.of(2L, "ab"),
            List.of(3L, "a\ufffdb"),
            List.of(4L, "a😀b"),
            List.of(9L, "a\ufeffb"));
    assertThat(rows(landing, "SELECT count(*), count(reason) FROM _mr_rejects"))
        .as("what is no UTF-8 is kept with its reason")
        .containsExactly(List.of(4L, 4L));
    assertThat(done.rejected()).isEqualTo(4);
    assertThat(done.notes())
        .containsEntry("nul_characters", 1L)
        .containsEntry("unpaired_surrogates", 1L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"duckdb", "postgres"})
  void storesTextsInsideOfJsonAsTheEngineCan(String engine) throws IOException {
    Landing landing = landing(engine);
    landing.run(
        "columns: {j: {data_type: json}}",
        lines(
            "{\"id\":1,\"j\":{\"n\":\"a\\u0000b\"}}",
            "{\"id\":2,\"j\":{\"n\":\"a\\ud83db\"}}",
            "{\"id\":3,\"j\":{\"n\":\"a\\ud83d\\ude00b\"}}"));
    assertThat(rows(landing, "SELECT j->>'n' FROM t ORDER BY id"))
        .as("jsonb cannot hold NUL")
        .containsExactly(
            List.of(engine.equals("duckdb") ? "a\0b" : "ab"), List.of("a\ufffdb"), List.of("a😀b"));
    assertThat(notes(landing))
        .as("what it could not")
        .isEqualTo(engine.equals("duckdb") ? null : "{\"nul_characters\":1}");
  }

  /** Of the newest load, without blanks. */
  private static Object notes(Landing landing) {
    return rows(
            landing,
            "SELECT replace(notes::VARCHAR, ' ', '') FROM _mr_receipts ORDER BY load_id DESC LIMIT 1")
        .get(0)
        .get(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"duckdb", "postgres"})
  void keepsEveryKeyAndNumberInsideOfJson(String engine) throws IOException {
    Landing landing = landing(engine);
    boolean all = engine.equals("duckdb");
    Normalized done =
        landing.run(
            "columns: {j: {data_type: json}}",
            lines(
                "{\"id\":1,\"j\":{\"a\\u0000\":1,\"a\":2,\"\\u0000a\":3,\"o\":{\"\\u0000\":[\"\\u0000\"]}}}",
                "{\"id\":2,\"j\":[1e400,1e131071,1e131072,-1e-16383,1e-16384,1E+99999999999,0e-20000,\"7e12345\"]}",
                "{\"id\":3,\"j\":{\"k\":1,\"k\":[2,\"\\u0000\"],\"\\ud800\":3,\"\\udc00\":4}}"));
    assertThat(rows(landing, "SELECT j->>'a' FROM t WHERE id = 1")).containsExactly(List.of("2"));
    assertThat(
            rows(
                landing,
                all
                    ? "SELECT replace(j::VARCHAR, '\\u0000', '0') FROM t WHERE id = 1"
                    : "SELECT replace(j::VARCHAR, ' ', '') FROM t WHERE id = 1"))
        .containsExactly(
            List.of(
                all
                    ? "{\"a0\":1,\"a\":2,\"0a\":3,\"o\":{\"0\":[\"0\"]}}"
                    : "{\"a\":2,\"o\":{\"\":[\"\"]},\"a_\":1,\"a__\":3}"));
    assertThat(
            rows(
                landing,
                all
                    ? "SELECT j::VARCHAR FROM t WHERE id = 2"
                    : "SELECT length(j->>0) || ' ' || length(j->>1) || ' ' || length(j->>3) || ' ' || replace((j-3-1-0)::VARCHAR, ' ', '') FROM t WHERE id = 2"))
        .as("numbers with all their digits")
        .containsExactly(
            List.of(
                all
                    ? "[1e400,1e131071,1e131072,-1e-16383,1e-16384,1E+99999999999,0e-20000,\"7e12345\"]"
                    : "401 131072 16386 [\"1e131072\",\"1e-16384\",\"1E+99999999999\",\"0e-20000\",\"7e12345\"]"));
    assertThat(rows(landing, "SELECT j->>'k' IS NOT NULL, j->>'\ufffd' FROM t WHERE id = 3"))
        .containsExactly(List.of(true, "4"));
    assertThat(done.notes())
        .as("a key that came twice, as a half of a pair too")
        .containsEntry("duplicate_keys", 2L)
        .containsEntry("unpaired_surrogates", 2L);
    assertThat(notes(landing))
        .isEqualTo(all ? null : "{\"nul_characters\":5,\"numbers_as_text\":4}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"duckdb", "postgres"})
  void mergesRecordsWhoseKeysAreCalledAsOurOwnColumnsOnTheWay(String engine) throws IOException {
    Landing landing = landing(engine);
    for (String how :
        List.of(
            "merge",
            "{disposition: merge, strategy: upsert, skip_unchanged_rows: true}",
            "append",
            "{disposition: merge, strategy: upsert}")) {
      landing.run(
          "primary_key: id, write_disposition: " + how,
          lines(
              "{\"id\":1,\"_mr_number\":7,\"_mr_place\":2,\"number\":3,\"place\":1,\"l\":[{\"_mr_place\":5}]}",
              "{\"id\":1,\"_mr_number\":6,\"_mr_place\":1,\"number\":4,\"place\":2,\"l\":[{\"_mr_place\":6}]}"));
    }
    assertThat(rows(landing, "SELECT id, _mr_number_, _mr_place_, number, place FROM t"))
        .containsExactly(List.of(1L, 6L, 1L, 4L, 2L));
    assertThat(rows(landing, "SELECT _mr_place_ FROM t__l")).containsExactly(List.of(6L));
  }

  @ParameterizedTest
  @ValueSource(strings = {"duckdb", "postgres"})
  void keepsRejectsWhateverTheirKeysAndNumbers(String engine) throws IOException {
    Landing landing = landing(engine);
    Normalized done =
        landing.run(
            "write_disposition: append",
            lines(
                "{\"id\":1,\"a\\u0000b\":1e999999}",
                "{\"id\":2,\"o\":{\"\\u0000\":[{\"n\":1e999999}]}}"));
    assertThat(rows(landing, "SELECT id FROM t ORDER BY id"))
        .containsExactly(List.of(1L), List.of(2L));
    assertThat(done.rejected()).isEqualTo(2);
    assertThat(
            rows(
                landing,
                "SELECT path, replace(record::VARCHAR, '\"', '') FROM _mr_rejects WHERE path LIKE '$%' ORDER BY 1"))
        .containsExactly(List.of("$.a\ufffdb", "1e999999"), List.of("$.o.\ufffd[0].n", "1e999999"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"duckdb", "postgres"})
  void readsAFileThatBeginsWithAMarkAndRefusesOneInAnotherEncoding(String engine)
      throws IOException {
    Landing landing = landing(engine);
    byte[] mark = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    landing.run("write_disposition: append", all(mark, lines("{\"id\":1}", "{\"id\":2}")));
    assertThat(rows(landing, "SELECT id FROM t ORDER BY id"))
        .containsExactly(List.of(1L), List.of(2L));
    Normalized other =
        landing.run(
            "write_disposition: append",
            "\ufeff{\"id\":3}\n{\"id\":4}\n".getBytes(StandardCharsets.UTF_16LE));
    assertThat(other.rejected()).as("lines in UTF-16").isPositive();
    assertThat(rows(landing, "SELECT count(*) FROM t")).containsExactly(List.of(2L));
  }

  @ParameterizedTest
  @ValueSource(strings = {"duckdb", "postgres"})
  void losesNothingWhenTheSchemaChangesInTheMiddleOfARun(String engine) throws IOException {
    Landing landing = landing(engine);
    landing.run(
        "primary_key: id, write_disposition: append",
        lines("{\"id\":1,\"a\":1,\"gone\":\"x\",\"old_name\":\"n\",\"s\":1}"),
        lines(
            "{\"id\":2,\"a\":9007199254740993,\"added\":true,\"new_name\":\"n\",\"s\":{\"k\":2}}"),
        lines("{\"id\":3,\"a\":1.5,\"added\":false,\"s\":[{\"k\":3},4]}"),
        lines("{\"id\":4,\"a\":\"four\",\"added\":\"maybe\",\"s\":\"text\"}"),
        lines("{\"id\":5,\"a\":null,\"s\":5}"));
    assertThat(rows(landing, "SELECT id, gone, old_name, new_name FROM t ORDER BY id"))
        .as("columns that came and went")
        .containsExactly(
            java.util.Arrays.asList(1L, "x", "n", null),
            java.util.Arrays.asList(2L, null, null, "n"),
            java.util.Arrays.asList(3L, null, null, null),
            java.util.Arrays.asList(4L, null, null, null),
            java.util.Arrays.asList(5L, null, null, null));
    assertThat(
            rows(
                landing,
                "SELECT id, a, a__v_double, a__v_text, added, added__v_text FROM t ORDER BY id"))
        .as("one key, several types")
        .containsExactly(
            java.util.Arrays.asList(1L, 1L, null, null, null, null),
            java.util.Arrays.asList(2L, 9007199254740993L, null, null, true, null),
            java.util.Arrays.asList(3L, null, 1.5, null, false, null),
            java.util.Arrays.asList(4L, null, null, "four", null, "maybe"),
            java.util.Arrays.asList(5L, null, null, null, null, null));
    assertThat(rows(landing, "SELECT id, s, s__k, s__v_text FROM t ORDER BY id"))
        .as("a value, an object, a list, a value")
        .containsExactly(
            java.util.Arrays.asList(1L, 1L, null, null),
            java.util.Arrays.asList(2L, null, 2L, null),
            java.util.Arrays.asList(3L, null, null, null),
            java.util.Arrays.asList(4L, null, null, "text"),
            java.util.Arrays.asList(5L, 5L, null, null));
    assertThat(
            rows(
                landing,
                "SELECT c.k, c.value FROM t JOIN t__s c ON c._mr_parent_id = t._mr_id WHERE t.id = 3 ORDER BY c._mr_list_idx"))
        .containsExactly(java.util.Arrays.asList(3L, null), java.util.Arrays.asList(null, 4L));
  }

  @ParameterizedTest
  @ValueSource(strings = {"duckdb", "postgres"})
  void keepsOneColumnForEachTypeHoweverOftenItFlips(String engine) throws IOException {
    int rows = 100_000;
    String[] kinds = {"%d", "\"t%d\"", "true", "{\"k\":%d}", "%d.5"};
    byte[][] segments = new byte[4][];
    for (int s = 0; s < segments.length; s++) {
      StringBuilder text = new StringBuilder();
      for (int i = s * rows / 4; i < (s + 1) * rows / 4; i++) {
        text.append("{\"id\":")
            .append(i)
            .append(",\"v\":")
            .append(String.format(kinds[i % 5], i))
            .append("}\n");
      }
      segments[s] = text.toString().getBytes(StandardCharsets.UTF_8);
    }
    Landing landing = landing(engine);
    landing.run("write_disposition: append", segments);
    assertThat(
            landing.loader().tables(false).stream()
                .filter(t -> t.table().equals("t"))
                .flatMap(t -> t.columns().stream().map(Loader.ColumnInfo::name)))
        .containsExactlyInAnyOrder(
            "id", "v", "v__v_text", "v__v_bool", "v__k", "v__v_double", "_mr_load_id", "_mr_id");
    long each = rows / 5;
    assertThat(
            rows(
                landing,
                "SELECT count(*), count(DISTINCT id), count(v), count(v__v_text), count(v__v_bool), count(v__k), count(v__v_double) FROM t"))
        .containsExactly(List.of((long) rows, (long) rows, each, each, each, each, each));
    assertThat(
            rows(
                landing,
                "SELECT count(*) FROM t WHERE id % 5 = 0 AND v <> id OR id % 5 = 1 AND v__v_text <> 't' || id OR id % 5 = 3 AND v__k <> id OR id % 5 = 4 AND v__v_double <> id + 0.5"))
        .as("values that are not the record's")
        .containsExactly(List.of(0L));
  }
}
