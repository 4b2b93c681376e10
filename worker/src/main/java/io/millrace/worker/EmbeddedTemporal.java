package io.millrace.worker;

import io.grpc.ManagedChannel;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.temporal.testserver.TestServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * The Temporal server inside this process: nothing to install, nothing kept. What must survive is
 * in the destination. The only class that knows the test server it is made of, so that replacing it
 * touches one file.
 *
 * <p>Its workers must not use sticky queues ({@code WorkerProcess} sees to that): it has no timeout
 * for them, so a run whose worker died would wait for ever.
 */
public final class EmbeddedTemporal implements AutoCloseable {
  private final Closeable server;
  private final ManagedChannel channel;
  private final int port;

  private EmbeddedTemporal(Closeable server, ManagedChannel channel, int port) {
    this.server = server;
    this.channel = channel;
    this.port = port;
  }

  /** For this process alone: no port is opened. */
  public static EmbeddedTemporal inProcess() {
    TestServer.InProcessTestServer server = TestServer.createServer(true);
    return new EmbeddedTemporal(server, server.getChannel(), 0);
  }

  /** On a free port of this machine, for workers in other processes. */
  public static EmbeddedTemporal listening() {
    int port = freePort();
    return new EmbeddedTemporal(TestServer.createPortBoundServer(port, true), null, port);
  }

  /** {@code 127.0.0.1:port}; only when listening. */
  public String address() {
    if (port == 0) {
      throw new IllegalStateException("the server inside the process has no address");
    }
    return "127.0.0.1:" + port;
  }

  /** The way in; {@code null} when listening. */
  ManagedChannel channel() {
    return channel;
  }

  /** A port that was free a moment ago. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new MillraceException(
          Failure.TEMPORAL_UNREACHABLE, "Cannot open a port on this machine: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new MillraceException(
          Failure.INTERNAL, "Cannot stop the embedded Temporal server: " + e.getMessage(), e);
    }
  }
}
