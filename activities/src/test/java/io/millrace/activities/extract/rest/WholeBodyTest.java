package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.millrace.Failure;
import io.millrace.source.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeBodyTest {
  private static final String JSON =
      "[{\"id\":1,\"name\":\"brotli\"},{\"id\":2,\"name\":\"brotli\"}]";
  private static final byte[] PLAIN = JSON.getBytes(StandardCharsets.UTF_8);
  private static final byte[] BROTLI =
      Base64.getDecoder()
          .decode("GzIA+I3UYs0Z7gTittSXX/5Wz8NFw0EVxGbp9KUSinAUKAz/VIcKO9cA7Z43i2IrAA==");

  @TempDir Path folder;
  private Api api;

  @BeforeEach
  void start() throws Exception {
    api = new Api(folder);
    api.server.start();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void asksForAndReadsEveryEncoding() throws Exception {
    body("gzip", gzip(PLAIN));
    assertThat(api.fetch().bodies()).containsExactly(JSON);
    assertThat(api.server.takeRequest().getHeaders().get("Accept-Encoding"))
        .isEqualTo("gzip, zstd, br");
    body("zstd", Zstd.compress(PLAIN));
    assertThat(api.fetch().bodies()).containsExactly(JSON);
    body("br", BROTLI);
    assertThat(api.fetch().bodies()).containsExactly(JSON);
    body("deflate", deflate(PLAIN));
    assertThat(api.fetch().bodies()).containsExactly(JSON);
    body("zstd, gzip", gzip(Zstd.compress(PLAIN)));
    assertThat(api.fetch().bodies()).as("in two encodings").containsExactly(JSON);
    body("identity", PLAIN);
    assertThat(api.fetch().bodies()).containsExactly(JSON);
  }

  @Test
  void halfABodyIsNeverAPage() throws Exception {
    for (String encoding : new String[] {"gzip", "zstd", "br"}) {
      byte[] whole =
          switch (encoding) {
            case "gzip" -> gzip(PLAIN);
            case "zstd" -> Zstd.compress(PLAIN);
            default -> BROTLI;
          };
      for (int length = 1; length < whole.length; length++) {
        api.restart(); // or the circuit of a host that fails so often would open
        body(encoding, Arrays.copyOf(whole, length));
        api.fails(Failure.RESPONSE_TRUNCATED, "Cannot read the answer of http");
      }
    }
  }

  @Test
  void damagedBodyIsNeverAPage() throws Exception {
    byte[] crc = gzip(PLAIN);
    crc[crc.length - 6] ^= 1;
    body("gzip", crc);
    api.fails(Failure.RESPONSE_TRUNCATED, "its gzip is damaged", "run again");
    body("gzip", PLAIN);
    api.fails(Failure.RESPONSE_TRUNCATED, "its gzip is damaged");
    body("gzip", concat(gzip(PLAIN), PLAIN));
    api.fails(Failure.RESPONSE_TRUNCATED, "its gzip is damaged");
    body("zstd", concat(Zstd.compress(PLAIN), PLAIN));
    api.fails(Failure.RESPONSE_TRUNCATED, "its zstd is damaged");
    body("compress", PLAIN);
    api.fails(Failure.RESPONSE_INVALID, "its encoding is not known: compress");
    body("gzip, gzip, gzip", PLAIN);
    api.fails(Failure.POLICY_REFUSED, "it is encoded more than 2 times");
  }

  @Test
  void lengthThatIsNotKeptIsNeverAPage() throws Exception {
    api.server.enqueue(
        Api.json(JSON)
            .setHeader("Content-Length", PLAIN.length + 10)
            .onResponseEnd(close())
            .build());
    api.fails(Failure.RESPONSE_TRUNCATED, "it ended too early");
    api.server.enqueue(
        Api.json(JSON).setHeader("Content-Length", 20).onResponseEnd(close()).build());
    api.fails(Failure.RESPONSE_TRUNCATED, "the JSON ends too early: after 20 bytes");
    api.server.enqueue(
        new MockResponse.Builder().chunkedBody(JSON, 10).onResponseBody(close()).build());
    api.fails(Failure.RESPONSE_TRUNCATED, "it ended too early");
    api.server.enqueue(
        Api.json(JSON.substring(0, 30))
            .removeHeader("Content-Length")
            .setHeader("Connection", "close")
            .onResponseEnd(close())
            .build());
    api.fails(Failure.RESPONSE_TRUNCATED, "the JSON ends too early");
  }

  @Test
  void charsetMustBeKnownAndKept() throws Exception {
    charset("utf-16", "[\"é\"]".getBytes(StandardCharsets.UTF_16));
    assertThat(api.fetch().bodies()).containsExactly("[\"é\"]");
    charset("windows-1252", new byte[] {'[', '"', (byte) 0x80, '"', ']'});
    assertThat(api.fetch().bodies()).containsExactly("[\"€\"]");
    charset("klingon", PLAIN);
    api.fails(Failure.RESPONSE_INVALID, "page 1", "its charset is not known: klingon");
    charset("shift_jis", new byte[] {'[', '"', (byte) 0x81, '"', ']'});
    api.fails(Failure.RESPONSE_INVALID, "it is not in the charset that it declares: Shift_JIS");
    charset("utf-8", new byte[] {'[', '"', (byte) 0xE9, '"', ']'});
    api.fails(Failure.RESPONSE_INVALID, "page 1");
  }

  @Test
  void bombIsRefusedBeforeItFillsTheMemory() throws Exception {
    byte[] blanks = new byte[30_000_000];
    Arrays.fill(blanks, (byte) ' ');
    for (String encoding : new String[] {"gzip", "zstd", "br"}) {
      byte[] bomb =
          switch (encoding) {
            case "gzip" -> gzip(blanks);
            case "zstd" -> Zstd.compress(blanks);
            default -> brotliBlanks();
          };
      body(encoding, bomb);
      api.fails(
          Failure.POLICY_REFUSED,
          "Cannot read the answer of http",
          "more than 200 times as large as what came",
          "raise `limits.ratio`");
    }
    api.limits = new Limits(null, 1_000L, null, null);
    body("gzip", gzip(new byte[2_000]));
    api.fails(Failure.POLICY_REFUSED, "larger than 1000 bytes", "raise `limits.response_bytes`");
    api.limits = new Limits(null, null, null, null, null, null, null, null, null, 1_000_000);
    body("gzip", gzip(concat(PLAIN, blanks)));
    assertThat(api.fetch().bodies()).as("allowed").hasSize(1);
  }

  @Test
  void slowServerMeetsTheWholeDeadline() {
    api.total = Duration.ofMillis(1_500);
    api.server.enqueue(Api.json(JSON).throttleBody(4, 400, TimeUnit.MILLISECONDS).build());
    long began = System.nanoTime();
    api.fails(Failure.RESPONSE_TRUNCATED, "it took too long", "raise the client's `timeout`");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
    api.server.enqueue(Api.json(JSON).headersDelay(20, TimeUnit.SECONDS).build());
    api.fails(Failure.SOURCE_UNREACHABLE, "Cannot reach http");
  }

  @Test
  void slowCompressedBodyIsLateAndNotDamaged() throws IOException {
    api.total = Duration.ofMillis(1_500);
    api.server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "application/json")
            .addHeader("Content-Encoding", "gzip")
            .body(new Buffer().write(gzip(PLAIN)))
            .throttleBody(2, 400, TimeUnit.MILLISECONDS)
            .build());
    api.fails(Failure.RESPONSE_TRUNCATED, "it took too long", "raise the client's `timeout`");
  }

  @Test
  void headersWithoutEndAreAFailure() {
    api.server.enqueue(Api.json(JSON).addHeader("X-Long", "x".repeat(400_000)).build());
    api.fails(Failure.SOURCE_UNREACHABLE, "Cannot reach http");
  }

  @Test
  void errorWithABrokenBodyIsStillToldByItsStatus() {
    api.server.enqueue(
        new MockResponse.Builder()
            .code(404)
            .addHeader("Content-Encoding", "gzip")
            .body("no such thing")
            .build());
    api.fails(Failure.SOURCE_REFUSED, "status 404");
  }

  private void body(String encoding, byte[] bytes) {
    api.server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "application/json")
            .addHeader("Content-Encoding", encoding)
            .body(new Buffer().write(bytes))
            .build());
  }

  private void charset(String charset, byte[] bytes) {
    api.server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "application/json; charset=" + charset)
            .body(new Buffer().write(bytes))
            .build());
  }

  private static SocketEffect close() {
    return new SocketEffect.CloseSocket();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] deflate(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream deflate = new DeflaterOutputStream(out)) {
      deflate.write(bytes);
    }
    return out.toByteArray();
  }

  /** 30 MB of blanks, by another program. */
  private static byte[] brotliBlanks() {
    return Base64.getDecoder()
        .decode("y///P/glQOKxQCD3/o///3/wSwDEYRGA7v0f////4JcAiMMCAN37v/wbTsIvARCHBQA6u0k=");
  }

  private static byte[] concat(byte[] one, byte[] two) {
    byte[] both = Arrays.copyOf(one, one.length + two.length);
    System.arraycopy(two, 0, both, one.length, two.length);
    return both;
  }
}
