package io.millrace.activities.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.activities.Progress;
import io.millrace.activities.staging.RawPage;
import io.millrace.schema.Schema;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One page read in parts, by one thread and by two: the same as read in one piece. */
class PartsTest {
  @TempDir Path dir;

  @AfterEach
  void asItWas() {
    System.clearProperty(Beside.THREADS);
    System.clearProperty(Parts.BYTES);
  }

  @Test
  void cutsBehindLinesAndLosesNoByte() throws IOException {
    Random r = new Random(1);
    for (int round = 0; round < 300; round++) {
      byte[] page = new byte[r.nextInt(400)];
      for (int i = 0; i < page.length; i++) {
        page[i] = (byte) (r.nextInt(1 + r.nextInt(60)) == 0 ? '\n' : 'x');
      }
      int size = 1 + r.nextInt(60);
      System.setProperty(Parts.BYTES, Integer.toString(size));
      Parts parts = new Parts(new ByteArrayInputStream(page));
      int at = 0;
      for (Window w; (w = parts.next()) != null; at += w.limit) {
        assertThat(w.base).isEqualTo(at);
        assertThat(Arrays.copyOfRange(w.buf, 0, w.limit))
            .isEqualTo(Arrays.copyOfRange(page, at, at + w.limit));
        assertThat(Arrays.copyOfRange(w.buf, w.limit, w.limit + Window.SLACK)).containsOnly(0);
        int end = at + w.limit - 1;
        int begin = (int) Parts.end(at, size);
        assertThat(begin % size).isZero();
        assertThat(begin).isGreaterThanOrEqualTo(at).isLessThan(at + size + 1);
        assertThat(new String(page, StandardCharsets.US_ASCII).indexOf('\n', begin)).isEqualTo(end);
      }
      assertThat(parts.at()).isEqualTo(at);
      assertThat(parts.rest().readAllBytes()).isEqualTo(Arrays.copyOfRange(page, at, page.length));
      if (at < page.length) {
        int begin = (int) Math.min(page.length, Parts.end(at, size));
        assertThat(Arrays.copyOfRange(page, begin, page.length))
            .as("what is left has no line that ends a part")
            .doesNotContain('\n');
      }
    }
  }

  @Test
  void writesTheSameBytesWithOneThreadAndWithTwo() throws IOException {
    for (int seed = 0; seed < 12; seed++) {
      byte[] page = records(new Random(seed), 4_000);
      int size = 10_000 + 7_000 * seed;
      Normalized whole = normalize(page, 1, 1 << 30, "whole" + seed);
      Normalized one = normalize(page, 1, size, "one" + seed);
      Normalized two = normalize(page, 2, size, "two" + seed);
      assertThat(two).as("seed %d", seed).isEqualTo(one);
      assertThat(Files.mismatch(dir.resolve("one" + seed), dir.resolve("two" + seed)))
          .as("seed %d", seed)
          .isEqualTo(-1);
      Landed rows = landed("one" + seed);
      assertThat(rows.rows).as("seed %d", seed).isEqualTo(landed("whole" + seed).rows);
      assertThat(rows.schema).isEqualTo(whole.schema());
      assertThat(one.notes()).isEqualTo(whole.notes());
      assertThat(one.records()).isEqualTo(whole.records());
      assertThat(one.rejected()).isEqualTo(whole.rejected()).isPositive();
    }
  }

  /** A part of the default size is larger than any window that gives memory back. */
  @Test
  void losesNothingOfALargePartThatIsReadOnceMore() throws IOException {
    String filler = "y".repeat(2_000);
    StringBuilder page = new StringBuilder();
    for (int i = 0; i < 12_000; i++) {
      page.append("{\"id\":").append(i).append(i == 6_500 ? ",\"new\":1" : "");
      page.append(",\"note\":\"").append(filler).append("\",\"l\":[1]}\n");
    }
    byte[] bytes = page.toString().getBytes(StandardCharsets.UTF_8);
    normalize(bytes, 1, 2 << 20, "one");
    normalize(bytes, 2, 2 << 20, "two");
    assertThat(landed("one").rows.get("t")).hasSize(12_000);
    assertThat(dir.resolve("two")).hasSameBinaryContentAs(dir.resolve("one"));
  }

  /** Long stretches of one form, and now and then what is new, broken, long, doubled or odd. */
  private static byte[] records(Random r, int n) {
    StringBuilder s = new StringBuilder();
    boolean more = false;
    for (int i = 0; i < n; i++) {
      more ^= r.nextInt(900) == 0;
      s.append("{\"id\":").append(i).append(",\"t\":\"").append(r.nextInt()).append('"');
      if (more) {
        s.append(",\"more\":{\"a\":").append(r.nextBoolean()).append("}");
      }
      switch (r.nextInt(500)) {
        case 0 -> s.append(",\"new").append(r.nextInt(3)).append("\":1.5");
        case 1 -> s.append(",\"t\":\"twice\"");
        case 2 -> s.append(",\"_mr_id\":\"own ").append(r.nextInt(9)).append('"');
        case 3 -> s.append(",\"x\":\"\\ud800\\u0000\"");
        case 4 -> s.append(",\"long\":\"").append("long ".repeat(r.nextInt(3_000))).append('"');
        case 5 -> s.append(",\"broken\"");
        case 6 -> s.append(",\"id\":\"a text\"");
        default -> {}
      }
      s.append(",\"l\":[");
      for (int k = r.nextInt(3); k > 0; k--) {
        s.append("{\"v\":").append(r.nextInt()).append(",\"m\":[1,2]}").append(k > 1 ? "," : "");
      }
      s.append(r.nextInt(300) == 0 ? "]}\n\n" : "]}\n");
    }
    return s.append("{\"id\":1}").toString().getBytes(StandardCharsets.UTF_8);
  }

  private Normalized normalize(byte[] page, int threads, int size, String file) {
    System.setProperty(Beside.THREADS, Integer.toString(threads));
    System.setProperty(Parts.BYTES, Integer.toString(size));
    return Normalizer.run(
        Orders.plain("t", "_mr"), List.of(page(page)), dir.resolve(file), Progress.NONE);
  }

  private static RawPage page(byte[] bytes) {
    return new RawPage(
        RawPage.Format.JSONL, List.of(), "f", 0, () -> new ByteArrayInputStream(bytes));
  }

  private Landed landed(String file) throws IOException {
    Landed landed = new Landed();
    landed.add(dir.resolve(file));
    return landed;
  }

  @Test
  void takesAPartReadAheadOnlyWhenNothingInItIsNew() throws IOException {
    String plain = "{\"a\":1,\"l\":[{\"b\":\"x\"}]}\n";
    Normalized first = normalize(plain.getBytes(StandardCharsets.UTF_8), 1, 1000, "first");
    Schema schema = first.schema();
    assertThat(ahead(schema, plain + plain)).isTrue();
    assertThat(ahead(schema, plain + "{\"a\":null,\"l\":[]}\n")).isTrue();
    List<String> odd = new ArrayList<>();
    odd.add("{\"c\":1}\n"); // a column
    odd.add("{\"a\":\"text\"}\n"); // a variant
    odd.add("{\"k\":[1]}\n"); // a table
    odd.add("{\"_mr_id\":\"own\"}\n");
    odd.add("{\"a\":01}\n"); // a reject
    odd.add("{\"a\":1"); // cut
    for (String line : odd) {
      assertThat(ahead(schema, plain + line)).as(line).isFalse();
    }
  }

  @Test
  void takesRowsOfATableThatOnlyEarlierSegmentsShowed() throws IOException {
    String list = "{\"a\":1,\"l\":[{\"b\":\"x\"}]}\n";
    Schema schema = normalize(list.getBytes(StandardCharsets.UTF_8), 1, 1000, "first").schema();
    Order order = Orders.after(Orders.plain("t", "_mr"), schema, null, 2);
    for (int n = 8; n < 16; n++) {
      String plain = "{\"a\":1}\n";
      String parts = plain.repeat(n) + (list + plain + plain).repeat(4);
      byte[] lines = parts.getBytes(StandardCharsets.UTF_8);
      for (int threads = 1; threads <= 2; threads++) {
        System.setProperty(Beside.THREADS, Integer.toString(threads));
        System.setProperty(Parts.BYTES, "16");
        Normalizer.run(order, List.of(page(lines)), dir.resolve("by" + threads), Progress.NONE);
      }
      assertThat(dir.resolve("by2")).as(n + " lines").hasSameBinaryContentAs(dir.resolve("by1"));
    }
  }

  @Test
  void takesAPartWithAColumnWhoseNameTheEngineUsesItself() {
    String line = "{\"ctid\":1}\n";
    Identifiers owned = new Identifiers(63, false, Set.of("ctid"));
    Order order = Orders.with(Orders.plain("t", "_mr"), owned);
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    Schema schema =
        Normalizer.run(order, List.of(page(bytes)), dir.resolve("first"), Progress.NONE).schema();
    assertThat(schema.table("t").orElseThrow().column("ctid_")).isPresent();
    assertThat(ahead(order.with(schema), schema, line + line)).isTrue();
  }

  private static boolean ahead(Schema schema, String lines) {
    return ahead(Orders.after(Orders.plain("t", "_mr"), schema, null, 2), schema, lines);
  }

  private static boolean ahead(Order order, Schema schema, String lines) {
    System.setProperty(Parts.BYTES, Integer.toString(lines.length() - 1)); // the last line ends it
    byte[] bytes = (lines + "\0".repeat(Window.SLACK)).getBytes(StandardCharsets.UTF_8);
    Schema now = new Normalizer(order, new Batches()).schema();
    try (Ahead ahead = new Ahead(order)) {
      ahead.read(page(new byte[0]), Window.of(bytes, 0), now);
      return ahead.done(now) != null && !ahead.batches().isEmpty();
    }
  }
}
