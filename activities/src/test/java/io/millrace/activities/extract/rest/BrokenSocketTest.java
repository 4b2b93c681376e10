package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.extract.FetchedSegment;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server of bare sockets, which breaks off or dawdles at any byte of its answers. */
@Timeout(300)
class BrokenSocketTest {
  private static final String BODY = "[{\"id\":1},{\"id\":2}]";
  private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  private static final String SIZED = HEAD + "Content-Length: " + BODY.length() + "\r\n\r\n" + BODY;
  private static final String CHUNKED =
      HEAD
          + "Transfer-Encoding: chunked\r\n\r\n5\r\n"
          + BODY.substring(0, 5)
          + "\r\n%x\r\n".formatted(BODY.length() - 5)
          + BODY.substring(5)
          + "\r\n0\r\n\r\n";

  @TempDir Path folder;

  /** Answers a request; throws what it does with the socket itself. */
  private interface Answering {
    void answer(int request, Socket socket) throws IOException, InterruptedException;
  }

  private record Server(ServerSocket socket) implements Closeable {
    static Server of(Answering answering) throws IOException {
      Server server = new Server(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
      int[] requests = {0};
      server.daemon(
          () -> {
            while (true) {
              Socket one = server.socket().accept();
              server.daemon(
                  () -> {
                    BufferedReader in =
                        new BufferedReader(
                            new InputStreamReader(one.getInputStream(), StandardCharsets.UTF_8));
                    for (String line = in.readLine(); line != null; line = in.readLine()) {
                      if (line.isEmpty()) {
                        synchronized (requests) {
                          requests[0]++;
                        }
                        answering.answer(requests[0], one);
                      }
                    }
                  });
            }
          });
      return server;
    }

    private interface Work {
      void run() throws IOException, InterruptedException;
    }

    private void daemon(Work work) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  work.run();
                } catch (IOException | InterruptedException e) {
                  // the other side has hung up, or the test is over
                }
              },
              "broken-socket");
      thread.setDaemon(true);
      thread.start();
    }

    String url() {
      return "http://127.0.0.1:" + socket.getLocalPort() + "/";
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Test
  void resetAtAnyByteCostsARequestAndNoPage() throws IOException {
    for (String whole : new String[] {SIZED, CHUNKED}) {
      byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
      int[] cut = {0};
      try (Server server =
          Server.of(
              (request, socket) -> {
                OutputStream out = socket.getOutputStream();
                out.write(bytes, 0, request % 2 == 1 ? cut[0] : bytes.length);
                out.flush();
                if (request % 2 == 1) {
                  reset(socket);
                }
              })) {
        YamlSource source =
            YamlSource.of(
                folder, server.url(), "retry: {max_attempts: 2}", "paginator: single_page");
        for (; cut[0] < bytes.length; cut[0]++) {
          FetchedSegment segment = source.fetch(null);
          assertThat(segment.bodies()).as("cut after %d bytes", cut[0]).containsExactly(BODY);
          assertThat(segment.fetched().requests()).as("cut after %d", cut[0]).isEqualTo(2);
        }
      }
    }
  }

  /**
   * In full size with {@code -Dmillrace.storm=full}: a byte each 10 s, 30 s in all, met to a tenth.
   */
  @Test
  void aByteNowAndThenMeetsTheWholeDeadlineInHeadersAndBody() throws Exception {
    boolean full = "full".equals(System.getProperty("millrace.storm"));
    Duration total = full ? Duration.ofSeconds(30) : Duration.ofMillis(1_200);
    CountDownLatch over = new CountDownLatch(1);
    for (int phase = 0; phase < 2; phase++) {
      int atOnce = phase == 0 ? 10 : SIZED.length() - BODY.length() + 3;
      try (Server server =
          Server.of(
              (request, socket) -> {
                byte[] bytes = SIZED.getBytes(StandardCharsets.UTF_8);
                OutputStream out = socket.getOutputStream();
                out.write(bytes, 0, atOnce);
                for (int i = atOnce; i < bytes.length; i++) {
                  out.flush();
                  if (over.await(full ? 10_000 : 400, TimeUnit.MILLISECONDS)) {
                    return;
                  }
                  out.write(bytes[i]);
                }
              })) {
        String client =
            "retry: {max_attempts: 1}\ntimeout: {total: %dms}".formatted(total.toMillis());
        YamlSource source = YamlSource.of(folder, server.url(), client, "paginator: single_page");
        long began = System.nanoTime();
        assertThatExceptionOfType(MillraceException.class)
            .isThrownBy(() -> source.fetch(null))
            .matches(
                e ->
                    e.failure() == Failure.RESPONSE_TRUNCATED
                        || e.failure() == Failure.SOURCE_UNREACHABLE);
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        // a busy machine makes it late; how late is shown in full size
        assertThat(took)
            .isBetween(
                total.multipliedBy(9).dividedBy(10),
                full ? total.multipliedBy(11).dividedBy(10) : total.plusSeconds(30));
      }
    }
    over.countDown();
  }
}
