package io.millrace.worker;

import java.nio.file.Path;

/**
 * A real Temporal server of a test's own, which can be killed and started again on the same port
 * and database.
 */
final class RealTemporal implements AutoCloseable {
  private final Path folder;
  private final int port = EmbeddedTemporal.freePort();
  private final int uiPort = EmbeddedTemporal.freePort();
  private DevServer server;

  private RealTemporal(Path folder) {
    this.folder = folder;
  }

  /** Starts one whose files lie in {@code folder}. */
  static RealTemporal start(Path folder) {
    RealTemporal temporal = new RealTemporal(folder);
    temporal.startAgain();
    return temporal;
  }

  String address() {
    return server.address();
  }

  /** Starts it again; returns when it answers. */
  void startAgain() {
    server = DevServer.start(RealServer.binary(), folder, port, uiPort, null, System.getenv());
  }

  /** Ends it as kill -9 does. */
  void kill() {
    server.kill();
  }

  @Override
  public void close() {
    server.kill();
  }
}
