package io.millrace.activities.destination;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Stands between us and PostgreSQL, and cuts the connection on which the next COMMIT comes. */
final class Relay implements AutoCloseable {
  /** Where it cuts. */
  enum Cut {
    /** The server never hears of the COMMIT. */
    BEFORE_COMMIT,
    /** The server got it and finds nobody to answer. */
    AFTER_COMMIT,
    /** The server's answer was here and went nowhere. */
    ANSWER
  }

  private static final byte[] COMMIT = "COMMIT\0".getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket door;
  private final int server;
  private final AtomicReference<Cut> next = new AtomicReference<>();
  private final AtomicInteger cuts = new AtomicInteger();

  Relay(int server) throws IOException {
    this.server = server;
    this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  int port() {
    return door.getLocalPort();
  }

  /** Cuts at the next COMMIT, once. */
  void cut(Cut where) {
    next.set(where);
  }

  /** How often it did. */
  int cuts() {
    return cuts.get();
  }

  @Override
  public void close() throws IOException {
    door.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = door.accept();
        start(new Pair(client, new Socket(InetAddress.getLoopbackAddress(), server))::up);
      }
    } catch (IOException e) {
      // closed
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "relay");
    thread.setDaemon(true);
    thread.start();
  }

  private final class Pair {
    private final Socket client;
    private final Socket server;
    private volatile boolean silent;

    Pair(Socket client, Socket server) throws IOException {
      this.client = client;
      this.server = server;
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      start(this::down);
    }

    void up() {
      int seen = 0;
      byte[] buffer = new byte[1 << 16];
      try (client;
          server) {
        InputStream from = client.getInputStream();
        OutputStream to = server.getOutputStream();
        for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
          boolean commit = false;
          for (int i = 0; i < n; i++) {
            seen = buffer[i] == COMMIT[seen] ? seen + 1 : buffer[i] == COMMIT[0] ? 1 : 0;
            if (seen == COMMIT.length) {
              commit = true;
              seen = 0;
            }
          }
          Cut cut = commit ? next.getAndSet(null) : null;
          if (cut != null) {
            cuts.incrementAndGet();
            if (cut == Cut.BEFORE_COMMIT) {
              return;
            }
            silent = true;
            to.write(buffer, 0, n);
            to.flush();
            if (cut == Cut.AFTER_COMMIT) {
              return;
            }
            continue; // the answer ends it
          }
          to.write(buffer, 0, n);
          to.flush();
        }
      } catch (IOException e) {
        // one side is gone, and the other is closed with it
      }
    }

    private void down() {
      byte[] buffer = new byte[1 << 16];
      try (client;
          server) {
        InputStream from = server.getInputStream();
        OutputStream to = client.getOutputStream();
        for (int n = from.read(buffer); n >= 0 && !silent; n = from.read(buffer)) {
          to.write(buffer, 0, n);
          to.flush();
        }
      } catch (IOException e) {
        // as above
      }
    }
  }

  static Relay to(PostgresServer server) {
    try {
      return new Relay(server.port());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
