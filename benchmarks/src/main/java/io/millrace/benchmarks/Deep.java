package io.millrace.benchmarks;

import java.util.SplittableRandom;

/**
 * Orders in a tree: objects five deep that become columns, and lists in lists in lists that become
 * a chain of four tables.
 */
final class Deep implements Generator {
  private final SplittableRandom random;
  private final StringBuilder json = new StringBuilder(2048);

  Deep(SplittableRandom random) {
    this.random = random;
  }

  @Override
  public String record(long number) {
    json.setLength(0);
    json.append("{\"id\":")
        .append(number)
        .append(",\"customer\":{\"name\":\"c")
        .append(number % 997);
    json.append("\",\"address\":{\"city\":{\"name\":\"town\",\"region\":{\"code\":\"r");
    json.append(random.nextInt(20)).append("\",\"country\":{\"iso\":\"DE\",\"area\":");
    json.append(random.nextInt(10_000)).append("}}}}},\"lines\":[");
    int lines = 1 + random.nextInt(3);
    for (int i = 0; i < lines; i++) {
      json.append(i > 0 ? "," : "").append("{\"sku\":").append(random.nextInt(100_000));
      json.append(",\"price\":{\"net\":").append(random.nextInt(10_000) / 100.0);
      json.append(",\"tax\":{\"rate\":19,\"kind\":\"vat\"}},\"parts\":[");
      parts();
      json.append("]}");
    }
    return json.append("]}").toString();
  }

  private void parts() {
    int parts = random.nextInt(4);
    for (int i = 0; i < parts; i++) {
      json.append(i > 0 ? "," : "").append("{\"no\":").append(random.nextInt(1_000));
      json.append(",\"from\":{\"plant\":{\"id\":")
          .append(random.nextInt(9))
          .append("}},\"tests\":[");
      int tests = random.nextInt(3);
      for (int t = 0; t < tests; t++) {
        json.append(t > 0 ? "," : "").append("{\"passed\":").append(random.nextBoolean());
        json.append(",\"values\":[").append(random.nextInt(100)).append(',');
        json.append(random.nextInt(100)).append("]}");
      }
      json.append("]}");
    }
  }
}
