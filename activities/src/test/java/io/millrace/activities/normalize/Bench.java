package io.millrace.activities.normalize;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.millrace.activities.Progress;
import io.millrace.activities.staging.RawPage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** Throughput against Jackson's bare tokenizer in the same process; run its main by hand. */
final class Bench {
  private Bench() {}

  public static void main(String[] args) throws IOException {
    byte[] data = events(args.length > 0 ? Integer.parseInt(args[0]) : 40_000);
    Path file = Files.createTempFile("bench", ".pkg");
    System.out.printf("%.1f MB%n", data.length / 1e6);
    for (int i = 0; i < 12; i++) {
      long t = cpu();
      long tokens = args.length > 1 ? 0 : jackson(data);
      double jackson = data.length / 1e6 / ((cpu() - t) / 1e9);
      t = cpu();
      long n = normalize(data, file);
      double ours = data.length / 1e6 / ((cpu() - t) / 1e9);
      System.out.printf(
          "jackson %.0f MB/s (%d tokens)  normalize+package %.0f MB/s (%d records, %d bytes) ratio %.2f%n",
          jackson, tokens, ours, n, Files.size(file), ours / jackson);
    }
    Files.delete(file);
  }

  /** Nanoseconds of this thread: the machine may be busy. */
  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  static long normalize(byte[] data, Path file) {
    RawPage page =
        new RawPage(
            RawPage.Format.JSONL, List.of(), "bench", 0, () -> new ByteArrayInputStream(data));
    return Normalizer.run(Orders.plain("events", "_mr"), List.of(page), file, Progress.NONE)
        .records();
  }

  private static long jackson(byte[] data) throws IOException {
    long n = 0;
    try (JsonParser p = new JsonFactory().createParser(data)) {
      while (p.nextToken() != null) {
        n++;
      }
    }
    return n;
  }

  static byte[] events(int count) {
    Random r = new Random(42);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String[] types = {"PushEvent", "WatchEvent", "PullRequestEvent", "IssuesEvent"};
    for (int i = 0; i < count; i++) {
      StringBuilder s = new StringBuilder();
      String type = types[r.nextInt(types.length)];
      s.append("{\"id\":\"").append(30000000000L + i).append("\",\"type\":\"").append(type);
      s.append("\",\"actor\":");
      user(s, r);
      s.append(",\"repo\":{\"id\":").append(r.nextInt(900000000));
      s.append(",\"name\":\"org")
          .append(r.nextInt(999))
          .append("/repo\",\"url\":\"https://api.github.com/repos/org/repo\"},\"payload\":{");
      if (type.equals("PushEvent")) {
        s.append("\"push_id\":")
            .append(r.nextLong() >>> 20)
            .append(",\"size\":2,\"ref\":\"refs/heads/main\",\"commits\":[");
        int n = 1 + r.nextInt(4);
        for (int k = 0; k < n; k++) {
          s.append(k > 0 ? "," : "")
              .append("{\"sha\":\"")
              .append(Long.toHexString(r.nextLong()))
              .append(Long.toHexString(r.nextLong()));
          s.append("\",\"author\":{\"email\":\"a")
              .append(r.nextInt(99999))
              .append(
                  "@example.com\",\"name\":\"Ann Üser\"},\"message\":\"Fix the thing\\n\\nand \\\"quote\\\" it number ")
              .append(r.nextInt(9999));
          s.append(
              "\",\"distinct\":true,\"url\":\"https://api.github.com/repos/org/repo/commits/abcdef\"}");
        }
        s.append("]");
      } else {
        s.append("\"action\":\"opened\",\"number\":")
            .append(r.nextInt(9999))
            .append(",\"issue\":{\"title\":\"A title of some words ")
            .append(r.nextInt(99999));
        s.append("\",\"state\":\"open\",\"locked\":false,\"comments\":")
            .append(r.nextInt(20))
            .append(",\"score\":")
            .append(r.nextInt(1000) / 8.0);
        s.append(",\"created_at\":\"2024-0")
            .append(1 + r.nextInt(9))
            .append("-1")
            .append(r.nextInt(9))
            .append("T0")
            .append(r.nextInt(9))
            .append(":11:22Z\",\"closed_at\":null,\"user\":");
        user(s, r);
        s.append(",\"labels\":[");
        int n = r.nextInt(3);
        for (int k = 0; k < n; k++) {
          s.append(k > 0 ? "," : "")
              .append("{\"id\":")
              .append(r.nextInt(99999))
              .append(",\"name\":\"bug\",\"color\":\"ff0000\",\"default\":true}");
        }
        s.append(
                "],\"body\":\"Some longer text that goes on for a while, as bodies of issues do, with nothing special in it but its length. ")
            .append(r.nextLong())
            .append("\"}");
      }
      s.append("},\"public\":true,\"created_at\":\"2024-01-0")
          .append(1 + r.nextInt(9))
          .append("T12:3")
          .append(r.nextInt(9))
          .append(":00Z\"}\n");
      out.writeBytes(s.toString().getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private static void user(StringBuilder s, Random r) {
    int id = r.nextInt(90000000);
    s.append("{\"id\":")
        .append(id)
        .append(",\"login\":\"user")
        .append(id)
        .append("\",\"display_login\":\"user")
        .append(id);
    s.append("\",\"gravatar_id\":\"\",\"url\":\"https://api.github.com/users/user")
        .append(id)
        .append("\",\"avatar_url\":\"https://avatars.githubusercontent.com/u/")
        .append(id)
        .append("?\",\"site_admin\":false}");
  }
}
