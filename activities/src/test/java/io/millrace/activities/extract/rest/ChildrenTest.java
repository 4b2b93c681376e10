package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.Parents;
import io.millrace.activities.staging.RawPage;
import io.millrace.activities.staging.RawSegmentWriter;
import io.millrace.project.Text;
import io.millrace.run.Visits.Mark;
import io.millrace.run.Visits.Place;
import io.millrace.run.Wire;
import io.millrace.source.Client;
import io.millrace.source.Endpoint;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The loop over parents, with parents and pages that are made up. */
class ChildrenTest {
  private static final int CONCURRENCY = 4;

  private final FakeTime time = new FakeTime(Instant.parse("2026-01-01T00:00:00Z"));
  private final Written written = new Written();
  private final AtomicInteger handed = new AtomicInteger();
  private final AtomicInteger mostAhead = new AtomicInteger();
  private int parents = 10;
  private long bytes = 64_000_000;
  private int pages = 500;
  private Long pagesLeft;

  @Test
  void writesInTheParentsOrderWhateverAnswersFirst() {
    CountDownLatch others = new CountDownLatch(CONCURRENCY - 1);
    Extractor.Fetched fetched =
        run(
            null,
            (order, out, progress) -> {
              if (id(order) == 0) {
                await(others);
              } else {
                others.countDown();
              }
              return page(order, out);
            });
    assertThat(fetched.done()).isTrue();
    assertThat(written.pages).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    assertThat(written.included).contains("\"_orders_id\":0", "\"_orders_id\":9");
  }

  @Test
  void goesOnWithinTheFirstParentThatIsNotDone() {
    pages = 4;
    JsonNode position = null;
    int segments = 0;
    do {
      Extractor.Fetched fetched = run(position, ChildrenTest::threePages);
      position = fetched.done() ? null : Wire.mapper().valueToTree(fetched.position());
      segments++;
      assertThat(segments).isLessThan(40);
    } while (position != null);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < parents; i++) {
      expected.addAll(List.of(i + "", i + "+1", i + "+2"));
    }
    assertThat(written.pages).containsExactlyElementsOf(expected);
    assertThat(segments).isGreaterThanOrEqualTo(7);
  }

  @Test
  void keepsWhatCameBeforeTheParentThatFails() {
    Children.Inner failing =
        (order, out, progress) -> {
          if (id(order) == 3) {
            throw new MillraceException(Failure.SOURCE_REFUSED, "Cannot read it");
          }
          return page(order, out);
        };
    Extractor.Fetched fetched = run(null, failing);
    assertThat(fetched.done()).isFalse();
    assertThat(written.pages).containsExactly("0", "1", "2");
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> run(fetched.position(), failing))
        .withMessage("Cannot read it (for the record of orders number 4 of load L, id = 3)")
        .matches(e -> e.failure() == Failure.SOURCE_REFUSED);
    run(fetched.position(), (order, out, progress) -> page(order, out));
    assertThat(written.pages).hasSize(10).doesNotHaveDuplicates();
  }

  @Test
  void handsAWaitOnWithThePositionOfItsParent() {
    Extractor.Fetched fetched =
        run(
            null,
            (order, out, progress) ->
                id(order) == 2
                    ? new Extractor.Fetched(IntNode.valueOf(7), false, false, 1, 60_000, "later")
                    : page(order, out));
    assertThat(fetched.waitMillis()).isEqualTo(60_000);
    assertThat(fetched.position().at("/at/row").asInt()).isEqualTo(2);
    assertThat(fetched.position().at("/inner").asInt()).isEqualTo(7);
    assertThat(written.pages).containsExactly("0", "1");
  }

  @Test
  void readsNoMorePagesThanTheRunMay() {
    pagesLeft = 5L;
    Extractor.Fetched fetched =
        run(
            null,
            (order, out, progress) -> {
              assertThat(order.pagesLeft()).isPositive();
              return page(order, out);
            });
    assertThat(written.pages).hasSize(5);
    assertThat(fetched.requests()).isEqualTo(5);
    assertThat(fetched.position().at("/at/row").asInt()).isEqualTo(5);
  }

  @Test
  void holdsAFewParentsHoweverManyThereAre() {
    parents = 100_000;
    pages = Integer.MAX_VALUE;
    written.keeps = false;
    Extractor.Fetched fetched = run(null, (order, out, progress) -> page(order, out));
    assertThat(fetched.done()).isTrue();
    assertThat(written.count).isEqualTo(100_000);
    assertThat(mostAhead.get()).isLessThanOrEqualTo(CONCURRENCY);
  }

  private static int id(Extractor.Order order) {
    return order.values().get("resources.orders.id").asInt();
  }

  private static Extractor.Fetched page(Extractor.Order order, RawSegmentWriter out) {
    byte[] body = String.valueOf(id(order)).getBytes(StandardCharsets.UTF_8);
    out.page(RawPage.Format.JSON, List.of(), "u", body, 0, body.length);
    return new Extractor.Fetched(null, true, false, 1, 0, null);
  }

  /** Pages of one parent, one per call or two when so many are wanted. */
  private static Extractor.Fetched threePages(
      Extractor.Order order, RawSegmentWriter out, Progress progress) {
    int page = order.position() == null ? 0 : order.position().asInt();
    for (int i = 0; i < order.bounds().pages() && page < 3; i++, page++) {
      String text = id(order) + (page == 0 ? "" : "+" + page);
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      out.page(RawPage.Format.JSON, List.of(), "u", body, 0, body.length);
    }
    return new Extractor.Fetched(
        page == 3 ? null : IntNode.valueOf(page), page == 3, false, 1, 0, null);
  }

  private Extractor.Fetched run(JsonNode position, Children.Inner inner) {
    Client client =
        new Client(
            new Text("http://127.0.0.1/"),
            null,
            null,
            null,
            null,
            CONCURRENCY,
            null,
            null,
            null,
            null);
    Endpoint endpoint =
        new Endpoint(
            new Text("o/{resources.orders.id}"),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null);
    Resource child =
        new Resource(
            "items", endpoint, null, null, null, List.of("id"), true, null, null, null, null, null);
    Resource parent =
        new Resource("orders", null, null, null, null, null, true, null, null, null, null, null);
    Extractor.Order order =
        new Extractor.Order(
            null,
            new Source.RestApi("shop", client, null, List.of(parent, child)),
            child,
            null,
            position,
            new Resource.SegmentBounds(bytes, pages, Duration.ofSeconds(60)),
            pagesLeft,
            false,
            false,
            new MadeUp(),
            Map.of());
    written.next();
    return new Children(order, inner, written, Progress.NONE, time).run();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Parents with numbers for ids, of one load. */
  private final class MadeUp implements Parents {
    @Override
    public Window open(Mark passed) {
      return new Window(Mark.NONE, new Mark(1, 1));
    }

    @Override
    public Window resume(Window window) {
      return window;
    }

    @Override
    public Rows rows(Window window, Place from) {
      return new Rows() {
        private int next = from == null ? 0 : (int) from.row();

        @Override
        public Row next() {
          if (next == parents) {
            return null;
          }
          int id = next++;
          mostAhead.accumulateAndGet(handed.incrementAndGet() - written.count, Math::max);
          return new Row(
              new Place(new Mark(1, 1), id, null),
              new Place(new Mark(1, 1), next, null),
              "L",
              Map.of("id", String.valueOf(id)));
        }

        @Override
        public void close() {}
      };
    }
  }

  private static final class Written implements RawSegmentWriter {
    final List<String> pages = new ArrayList<>();
    final List<String> included = new ArrayList<>();
    boolean keeps = true;
    int count;
    private int ofCall;

    @Override
    public void page(
        RawPage.Format format, List<String> selector, String origin, byte[] b, int from, int n) {
      throw new AssertionError("children write with what they include");
    }

    @Override
    public void page(
        RawPage.Format format, List<String> selector, String origin, String with, byte[] body) {
      count++;
      ofCall++;
      if (keeps) {
        pages.add(new String(body, StandardCharsets.UTF_8));
        included.add(with);
      }
    }

    @Override
    public void range(RawPage.Format f, List<String> s, Path file, long from, long to) {
      throw new AssertionError("no file");
    }

    @Override
    public long pages() {
      return ofCall;
    }

    @Override
    public long bytes() {
      return ofCall;
    }

    /** The next segment begins. */
    void next() {
      ofCall = 0;
    }
  }
}
