package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.extract.FetchedSegment;
import io.millrace.activities.staging.RawPage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.QueueDispatcher;
import mockwebserver3.SocketEffect;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an answer is read as: selectors beyond names, and bodies that are no JSON document. */
class BodiesTest {
  private static final String ONCE = "retry: {max_attempts: 1}";

  @TempDir Path folder;
  private final MockWebServer server = new MockWebServer();

  @BeforeEach
  void start() throws IOException {
    QueueDispatcher queue = new QueueDispatcher();
    queue.setFailFast(true);
    server.setDispatcher(queue);
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  // ---- data_selector

  @Test
  void selectorFindsWhatDltFinds() throws IOException {
    String page =
        "{\"groups\":[{\"rows\":[1,2]},{\"rows\":[3]}],\"meta\":{\"rows\":9},"
            + "\"items\":[{\"id\":1,\"open\":true,\"n\":5},{\"id\":2,\"open\":false,\"n\":50}]}";
    Map.of(
            "groups[*].rows", "[[1,2],[3]]",
            "groups[0].rows", "[1,2]",
            "groups[*].rows[*]", "[1,2,3]",
            "items[?open == true]", "{\"id\":1,\"open\":true,\"n\":5}",
            "items[?(@.n > 10 & open = false)].id", "2",
            "$..rows", "[[1,2],[3],9]",
            "items[0:1]", "{\"id\":1,\"open\":true,\"n\":5}",
            "items[?n > 100]", "[]")
        .forEach((selector, found) -> assertThat(selected(selector, page)).isEqualTo(found));
  }

  private String selected(String selector, String page) {
    server.enqueue(json(page));
    try {
      FetchedSegment segment = read("data_selector: \"" + selector + "\"");
      assertThat(segment.pages().get(0).selector()).isEmpty();
      return segment.bodies().get(0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void selectorKeepsEveryDigit() throws IOException {
    server.enqueue(
        json("{\"a\":[{\"x\":1.10,\"y\":12345678901234567890.12345678901234567890,\"z\":1e400}]}"));
    assertThat(read("data_selector: \"a[?x > 1]\"").bodies())
        .containsExactly(
            "{\"x\":1.10,\"y\":12345678901234567890.12345678901234567890,\"z\":1E+400}");
  }

  @Test
  void aBodyOfAnotherFormatNamesTheKeyForIt() throws IOException {
    Map<String, String> formats =
        Map.of(
            "application/x-ndjson", "jsonl", "text/csv; charset=utf-8", "csv", "text/xml", "xml");
    for (Map.Entry<String, String> format : formats.entrySet()) {
      server.enqueue(
          new MockResponse.Builder()
              .addHeader("Content-Type", format.getKey())
              .body("<a/>")
              .build());
      fails("", Failure.RESPONSE_INVALID, "(say `response_format: " + format.getValue() + "`, or");
    }
  }

  @Test
  void selectorThatLeadsNowhereIsNoEmptyPage() throws IOException {
    for (String selector : List.of("data.items", "data.items[?a == 1]", "data[*].items")) {
      server.enqueue(json("{\"error\":\"quota\"}"));
      fails(
          "data_selector: \"" + selector + "\"",
          Failure.RESPONSE_INVALID,
          "nothing at the data_selector: " + selector + " (the answer has error; check",
          "on_records_missing: empty");
    }
    server.enqueue(json("{\"status\":\"nothing new\"}"));
    FetchedSegment empty = read("data_selector: data.items\non_records_missing: empty");
    assertThat(empty.fetched().done()).isTrue();
    assertThat(empty.bodies()).isEmpty();
  }

  @Test
  void pagesWithASelectorOfMoreThanNames() throws IOException {
    server.enqueue(json("{\"data\":[{\"ok\":1},{\"no\":1}],\"next\":\"/orders?p=2\"}"));
    server.enqueue(json("{\"data\":[{\"ok\":2},{\"ok\":3}]}"));
    assertThat(read("data_selector: \"data[?ok]\"").bodies())
        .containsExactly("{\"ok\":1}", "[{\"ok\":2},{\"ok\":3}]");
  }

  @Test
  void treeThatIsTooDeepIsNamed() {
    server.enqueue(json("{\"a\":" + "[".repeat(600) + "]".repeat(600) + "}"));
    fails("data_selector: \"a[?b]\"", Failure.RESPONSE_INVALID, "nested deeper than 500");
  }

  // ---- JSON lines

  @Test
  void linesAreStagedAsTheyCame() throws IOException {
    server.enqueue(answer("application/x-ndjson", "{\"id\":1}\n\n{\"id\":2}\r\nnull\n[3,4]\n"));
    FetchedSegment segment = read("response_format: jsonl");
    assertThat(segment.pages().get(0).format()).isEqualTo(RawPage.Format.JSONL);
    assertThat(segment.bodies()).containsExactly("{\"id\":1}\n\n{\"id\":2}\r\nnull\n[3,4]\n");
  }

  @Test
  void linesArePagedByCountingThem() throws IOException {
    server.enqueue(answer("text/plain", "{\"id\":1}\n{\"id\":2}"));
    server.enqueue(answer("text/plain", ""));
    assertThat(read("response_format: ndjson\npaginator: {type: offset, limit: 2}").bodies())
        .hasSize(1);
    assertThat(server.getRequestCount()).isEqualTo(2);
  }

  @Test
  void brokenLinesAreNamed() {
    server.enqueue(answer("text/plain", "{\"id\":1}\n{\"id\":\n{\"id\":3}\n"));
    fails("response_format: jsonl", Failure.RESPONSE_INVALID, "page 1 of ", "line 2 is not JSON");
    server.enqueue(answer("text/plain", "{\"id\":1}\n{\"id\":2"));
    fails(
        "response_format: jsonl",
        Failure.RESPONSE_TRUNCATED,
        "the last line ends too early: after 16 bytes");
    server.enqueue(cut("{\"id\":1}\n{\"id\":2}"));
    fails("response_format: jsonl", Failure.RESPONSE_TRUNCATED, "the last line has no end");
    server.enqueue(answer("text/plain", "{\"id\":1} {\"id\":2}\n"));
    fails("response_format: jsonl", Failure.RESPONSE_INVALID, "line 1 is not JSON");
  }

  // ---- CSV

  @Test
  void csvBecomesRecordsOfTexts() throws IOException {
    server.enqueue(
        answer(
            "text/csv; charset=iso-8859-1",
            new Buffer()
                .write(
                    "id,name,note\n1,\"Zo\u00eb, \"\"the\"\"\nfirst\",\n2,,\"\"\n"
                        .getBytes(StandardCharsets.ISO_8859_1))));
    assertThat(read("response_format: csv").bodies())
        .containsExactly(
            "[{\"id\":\"1\",\"name\":\"Zo\u00eb, \\\"the\\\"\\nfirst\",\"note\":null},"
                + "{\"id\":\"2\",\"name\":null,\"note\":\"\"}]");
  }

  @Test
  void csvHasItsDelimiterAndItsColumns() throws IOException {
    server.enqueue(answer("text/csv", "1;a\r\n2;b"));
    assertThat(read("response_format: {type: csv, delimiter: \";\", columns: [id, name]}").bodies())
        .containsExactly("[{\"id\":\"1\",\"name\":\"a\"},{\"id\":\"2\",\"name\":\"b\"}]");
  }

  @Test
  void csvIsPagedByNumbersUntilNoneCome() throws IOException {
    server.enqueue(answer("text/csv", "id\n1\n2\n"));
    server.enqueue(answer("text/csv", "id\n3\n"));
    server.enqueue(answer("text/csv", "id\n"));
    assertThat(
            read("response_format: csv\npaginator: {type: page_number, total_path: null}").bodies())
        .containsExactly("[{\"id\":\"1\"},{\"id\":\"2\"}]", "[{\"id\":\"3\"}]");
  }

  @Test
  void brokenCsvIsNamed() {
    server.enqueue(answer("text/csv", "id,name\n1,a\n2\n"));
    fails("response_format: csv", Failure.RESPONSE_INVALID, "has 1 fields in record 2 and not 2");
    server.enqueue(answer("text/csv", "id,id\n1,a\n"));
    fails("response_format: csv", Failure.RESPONSE_INVALID, "two columns of one name: id, id");
    server.enqueue(answer("text/csv", "id,name\n1,\"a\n"));
    fails("response_format: csv", Failure.RESPONSE_TRUNCATED, "in a field in quotes");
    server.enqueue(cut("id\n1\n2"));
    fails("response_format: csv", Failure.RESPONSE_TRUNCATED, "the last line has no end");
  }

  @Test
  void csvDoesNotGrowBeyondTheLimit() {
    String line = "1,".repeat(99) + "1\n";
    String header =
        String.join(
            ",",
            java.util.stream.IntStream.range(0, 100)
                .mapToObj(i -> "a_rather_long_name_" + i)
                .toList());
    server.enqueue(answer("text/csv", header + "\n" + line.repeat(200)));
    fails(
        "limits: {response_bytes: 60KB}",
        "response_format: csv",
        Failure.POLICY_REFUSED,
        "as JSON it is larger than 60000 bytes");
  }

  // ---- XML

  private static final String FEED =
      "<?xml version=\"1.0\" encoding=\"%s\"?><feed xmlns:x='urn:x'><!-- c --><total>3</total>%s</feed>";

  @Test
  void elementsBecomeRecords() throws IOException {
    server.enqueue(
        answer(
            "application/xml",
            FEED.formatted(
                "UTF-8",
                "<entry id='1'><name>a &amp; b</name><tag>x</tag><tag>y</tag><x:n/></entry>"
                    + "<entry id='2'><name><![CDATA[<c>]]></name>text</entry>")));
    assertThat(read("response_format: xml\ndata_selector: feed.entry").bodies())
        .containsExactly(
            "[{\"@id\":\"1\",\"name\":\"a & b\",\"tag\":[\"x\",\"y\"],\"x:n\":null},"
                + "{\"@id\":\"2\",\"name\":\"<c>\",\"#text\":\"text\"}]");
  }

  @Test
  void oneElementIsOneRecordAndNoneIsAnEmptyPage() throws IOException {
    String endpoint =
        "response_format: xml\ndata_selector: feed.entry\n"
            + "paginator: {type: offset, limit: 2, total_path: feed.total}";
    server.enqueue(
        answer(
            "text/xml", FEED.formatted("UTF-8", "<entry><i>1</i></entry><entry><i>2</i></entry>")));
    server.enqueue(answer("text/xml", FEED.formatted("UTF-8", "<entry><i>3</i></entry>")));
    assertThat(read(endpoint).bodies())
        .containsExactly("[{\"i\":\"1\"},{\"i\":\"2\"}]", "{\"i\":\"3\"}");
    assertThat(server.getRequestCount()).as("the total is read from XML too").isEqualTo(2);
    server.enqueue(answer("text/xml", FEED.formatted("UTF-8", "")));
    assertThat(read(endpoint).bodies()).isEmpty();
    server.enqueue(answer("text/xml", "<error><code>7</code></error>"));
    fails(endpoint, Failure.RESPONSE_INVALID, "nothing at the data_selector: feed.entry");
  }

  @Test
  void xmlIsReadInTheCharsetThatItSaysOrTheAnswer() throws IOException {
    Buffer latin =
        new Buffer()
            .write(
                FEED.formatted("ISO-8859-1", "<entry>\u00e9</entry>")
                    .getBytes(StandardCharsets.ISO_8859_1));
    String endpoint = "response_format: xml\ndata_selector: feed.entry";
    server.enqueue(answer("text/xml", latin.copy()));
    assertThat(read(endpoint).bodies()).containsExactly("\"\u00e9\"");
    server.enqueue(answer("text/xml; charset=iso-8859-1", latin));
    assertThat(read(endpoint).bodies()).containsExactly("\"\u00e9\"");
  }

  @Test
  void nothingOutsideAndNoEntityIsFollowed() throws Exception {
    String endpoint = "response_format: xml\ndata_selector: feed.entry";
    try (MockWebServer outside = new MockWebServer()) {
      outside.start();
      String bomb = "<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>";
      for (String dtd :
          List.of(
              "<!DOCTYPE feed SYSTEM '" + outside.url("/x.dtd") + "'>",
              "<!DOCTYPE feed [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
              "<!DOCTYPE feed [<!ENTITY % p SYSTEM '" + outside.url("/p") + "'>%p;]>",
              "<!DOCTYPE feed [" + bomb + "]>")) {
        server.enqueue(answer("text/xml", dtd + "<feed><entry>&e;&b;</entry></feed>"));
        fails(endpoint, Failure.RESPONSE_INVALID, "page 1 of ");
      }
      assertThat(outside.takeRequest(0, TimeUnit.SECONDS)).isNull();
    }
  }

  @Test
  void brokenXmlIsNamed() {
    String endpoint = "response_format: xml\ndata_selector: feed.entry";
    server.enqueue(answer("text/xml", "<feed><entry>1</entry><entry>2</en"));
    fails(endpoint, Failure.RESPONSE_TRUNCATED, "the XML ends too early: at line 1, 34 bytes");
    server.enqueue(answer("text/xml", "<feed><entry>1</feed>"));
    fails(endpoint, Failure.RESPONSE_INVALID, "the body is not XML: at line 1");
    server.enqueue(answer("text/html", "{\"not\":\"xml\"}"));
    fails(endpoint, Failure.RESPONSE_INVALID, "the body is not XML", "it begins: {\"not\"");
    server.enqueue(answer("text/xml", "<a>".repeat(600) + "</a>".repeat(600)));
    fails(endpoint, Failure.RESPONSE_INVALID, "the XML is nested deeper than 500");
  }

  // ---- the server

  private FetchedSegment read(String endpoint) throws IOException {
    return YamlSource.of(folder, server.url("/").toString(), ONCE, endpoint).fetch(null);
  }

  private void fails(String endpoint, Failure failure, String... parts) {
    fails("", endpoint, failure, parts);
  }

  private void fails(String client, String endpoint, Failure failure, String... parts) {
    YamlSource source =
        YamlSource.of(folder, server.url("/").toString(), ONCE + "\n" + client, endpoint);
    var thrown =
        assertThatExceptionOfType(MillraceException.class)
            .isThrownBy(() -> source.fetch(null))
            .satisfies(e -> assertThat(e.failure()).as(e.getMessage()).isEqualTo(failure));
    for (String part : parts) {
      thrown.withMessageContaining(part);
    }
  }

  private static MockResponse json(String body) {
    return answer("application/json", body);
  }

  private static MockResponse answer(String type, String body) {
    return answer(type, new Buffer().writeUtf8(body));
  }

  private static MockResponse answer(String type, Buffer body) {
    return new MockResponse.Builder().addHeader("Content-Type", type).body(body).build();
  }

  /** A body that ends with the connection, without a length. */
  private static MockResponse cut(String body) {
    return new MockResponse.Builder()
        .body(body)
        .removeHeader("Content-Length")
        .onResponseEnd(SocketEffect.ShutdownConnection.INSTANCE)
        .build();
  }
}
