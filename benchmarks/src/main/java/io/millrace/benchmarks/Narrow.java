package io.millrace.benchmarks;

import java.util.SplittableRandom;

/** Measurements as a meter sends them: eight plain fields, no nesting, one table. */
final class Narrow implements Generator {
  private static final String[] PLACES = {"weir", "mill", "sluice", "race", "pond"};

  private final SplittableRandom random;
  private final StringBuilder json = new StringBuilder(256);

  Narrow(SplittableRandom random) {
    this.random = random;
  }

  @Override
  public String record(long number) {
    json.setLength(0);
    long second = 1_767_225_600L + number;
    json.append("{\"id\":").append(number).append(",\"meter\":").append(random.nextInt(5_000));
    json.append(",\"place\":\"").append(PLACES[random.nextInt(PLACES.length)]);
    json.append("\",\"at\":\"").append(java.time.Instant.ofEpochSecond(second));
    json.append("\",\"level\":").append(random.nextInt(1_000_000) / 1000.0);
    json.append(",\"count\":").append(random.nextInt(100));
    json.append(",\"ok\":").append(random.nextInt(20) > 0);
    json.append(",\"note\":").append(random.nextInt(4) > 0 ? "null" : "\"checked\"");
    return json.append('}').toString();
  }
}
