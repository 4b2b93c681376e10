package io.millrace.worker;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.temporal.internal.testservice.GRPCServerHelper;
import io.temporal.internal.testservice.TestServicesStarter;
import io.temporal.testserver.TestServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The Temporal server inside this process: nothing to install, nothing kept. What must survive is
 * in the destination. The only class that knows the test server it is made of, so that replacing it
 * touches one file.
 *
 * <p>Its workers must not use sticky queues ({@code WorkerProcess} sees to that): it has no timeout
 * for them, so a run whose worker died would wait for ever. And it starts children on the JDK's
 * common pool, so nothing of ours may block that (forbidden-everywhere.txt sees to that).
 */
public final class EmbeddedTemporal implements AutoCloseable {
  private static final int FIRST_PORT = 10_000;

  /** By Linux's default, the lowest of the usual systems. */
  private static final int FIRST_OUTGOING_PORT = 32_768;

  private static final int TRIES = 100;

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
    // TestServer would listen to the whole network
    TestServicesStarter services = new TestServicesStarter(true, 0);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    GRPCServerHelper.registerServicesAndHealthChecks(services.getServices(), builder);
    try {
      Server server = builder.build().start();
      return new EmbeddedTemporal(() -> stop(server, services), null, port);
    } catch (IOException e) {
      services.close();
      throw new MillraceException(
          Failure.TEMPORAL_UNREACHABLE,
          "Cannot start the embedded Temporal server: " + e.getMessage() + ": port " + port,
          e);
    }
  }

  private static void stop(Server server, TestServicesStarter services) {
    server.shutdown();
    services.close();
    server.shutdownNow();
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

  /**
   * A port that was free a moment ago, and that no outgoing connection is given: of those that the
   * system chooses, somebody may have taken it before its server starts, or starts again.
   */
  public static int freePort() {
    IOException why = null;
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, FIRST_OUTGOING_PORT);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        why = e;
      }
    }
    throw new MillraceException(
        Failure.TEMPORAL_UNREACHABLE,
        "Cannot open a port on this machine: " + why.getMessage(),
        why);
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
