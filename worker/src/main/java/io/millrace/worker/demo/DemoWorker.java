package io.millrace.worker.demo;

import io.millrace.worker.Main;
import java.io.IOException;

/**
 * {@code millrace worker} as a child of the demo: the same, but it ends with its parent, however
 * that ended. The parent holds the other end of the standard input and never writes to it.
 */
final class DemoWorker {
  private DemoWorker() {}

  public static void main(String[] args) {
    Thread watch = new Thread(DemoWorker::endWithTheParent, "demo-parent");
    watch.setDaemon(true);
    watch.start();
    Main.main(args);
  }

  private static void endWithTheParent() {
    try {
      System.in.readAllBytes();
    } catch (IOException e) {
      // as good as the end
    }
    Runtime.getRuntime().halt(1);
  }
}
