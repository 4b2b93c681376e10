package io.millrace.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Ours and the floor, in turn, round by round, the first of which warms up and does not count. Wall
 * time, and processor time of this process and of the server.
 */
final class Rivals {
  private final DoubleSupplier server;
  private final List<Double> floor = new ArrayList<>();
  private final List<Double> floorCpu = new ArrayList<>();
  private final List<Double> ours = new ArrayList<>();
  private final List<Double> oursCpu = new ArrayList<>();

  /** What is measured. */
  interface Work {
    void run() throws Exception;
  }

  /** What a piece of work took. */
  record Took(double seconds, double cpu) {}

  /**
   * @param server processor seconds of whoever works for us outside of this process
   */
  Rivals(DoubleSupplier server) {
    this.server = server;
  }

  /** Measures without keeping. */
  Took measure(Work work) throws Exception {
    System.gc();
    double cpu = cpu();
    long start = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Took(seconds, cpu() - cpu);
  }

  /** A round that counts. */
  void add(Took floorTook, Took oursTook) {
    floor.add(floorTook.seconds());
    floorCpu.add(floorTook.cpu());
    ours.add(oursTook.seconds());
    oursCpu.add(oursTook.cpu());
  }

  static String[] columns(String engine) {
    return new String[] {
      engine, "rows", "floor s", "ours s", "ratio", "aim", "floor CPU s", "ours CPU s", "CPU ratio"
    };
  }

  /**
   * @param aim that the ratio is held against; {@code null} for a figure that is only told
   */
  void report(Report report, String what, long rows, Double aim) {
    report.row(
        what,
        rows,
        Report.median(floor),
        Report.median(ours),
        Report.ratio(ours, floor),
        aim == null ? "" : "<= " + aim,
        Report.median(floorCpu),
        Report.median(oursCpu),
        Report.ratio(oursCpu, floorCpu));
  }

  private double cpu() {
    long here =
        ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime();
    return here / 1e9 + server.getAsDouble();
  }
}
