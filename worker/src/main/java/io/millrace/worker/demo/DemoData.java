package io.millrace.worker.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * A shop as it stands on its n-th day. A record is a function of its id and the day, so the API may
 * be asked twice, by two processes, in any order, and the expected contents of the database can be
 * computed without keeping anything.
 *
 * <p>Each day after the first brings new records and changes a few old ones. The same day gives the
 * same bytes.
 *
 * @param day from 1
 */
record DemoData(int day) {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Instant OPENING = Instant.parse("2026-01-01T00:00:00Z");
  private static final List<String> FIRST_NAMES =
      List.of(
          "Ada", "Bela", "Chidi", "Dilnoza", "Eun", "Fatma", "Goran", "Hana", "Íñigo", "Jūrate");
  private static final List<String> LAST_NAMES =
      List.of("Okafor", "Lindqvist", "Moreau", "Tanaka", "Novák", "Silva", "O'Brien", "Haddad");
  private static final List<String> COUNTRIES = List.of("BR", "FR", "IE", "JP", "NO", "PT", "VN");
  private static final List<String> EVENTS = List.of("created", "paid", "packed", "shipped");

  DemoData {
    if (day < 1) {
      throw new IllegalArgumentException("the shop opens on day 1, not on day " + day);
    }
  }

  /**
   * The kinds of records.
   *
   * @param first how many the first day has
   * @param daily how many each later day adds
   * @param cycle every so many days a record changes again; 0 for records that never change
   */
  enum Kind {
    CUSTOMERS(300, 6, 50),
    ORDERS(1200, 40, 30),
    EVENTS(3000, 100, 0);

    private final int first;
    private final int daily;
    private final int cycle;

    Kind(int first, int daily, int cycle) {
      this.first = first;
      this.daily = daily;
      this.cycle = cycle;
    }

    private int bornOn(int id) {
      return id <= first ? 1 : 2 + (id - first - 1) / daily;
    }
  }

  /** How many records of a kind there are; their ids are 1 to that number. */
  int count(Kind kind) {
    return kind.first + (day - 1) * kind.daily;
  }

  /** Ids of the records that were made or changed at {@code since} or later, ascending. */
  int[] changedSince(Kind kind, Instant since) {
    return IntStream.rangeClosed(1, count(kind))
        .filter(id -> !updatedAt(kind, id).isBefore(since))
        .toArray();
  }

  /** A record as the API sends it. */
  ObjectNode record(Kind kind, int id) {
    IntFunction<ObjectNode> maker =
        switch (kind) {
          case CUSTOMERS -> this::customer;
          case ORDERS -> this::order;
          case EVENTS -> this::event;
        };
    return maker.apply(id).put("updated_at", updatedAt(kind, id).toString());
  }

  /** Distinct for each id of a day, and later than everything of the day before. */
  private Instant updatedAt(Kind kind, int id) {
    return OPENING.plusSeconds((touchedOn(kind, id) - 1) * 86_400L + 4L * (id % 20_000));
  }

  /** The day on which a record became what it is today. */
  private int touchedOn(Kind kind, int id) {
    int born = kind.bornOn(id);
    if (kind.cycle == 0) {
      return born;
    }
    return Math.max(born, day - Math.floorMod(day - id, kind.cycle));
  }

  private ObjectNode customer(int id) {
    int version = touchedOn(Kind.CUSTOMERS, id);
    ObjectNode customer = JSON.objectNode().put("id", id);
    customer.put("name", pick(FIRST_NAMES, id, 1) + " " + pick(LAST_NAMES, id, 2));
    customer.put("credit_cents", 100 * dice(id, version, 900));
    customer.set(
        "address",
        JSON.objectNode()
            .put("street", (1 + dice(id, version + 7, 99)) + " Mill Lane")
            .put("country", pick(COUNTRIES, id, 3)));
    return customer;
  }

  private ObjectNode order(int id) {
    ObjectNode order = JSON.objectNode().put("id", id);
    order.put("customer_id", 1 + dice(id, 4, Kind.CUSTOMERS.first));
    boolean changed = touchedOn(Kind.ORDERS, id) > Kind.ORDERS.bornOn(id);
    order.put("status", changed ? "corrected" : "paid");
    // once in a while somebody types a text where everybody else has a number
    if (id == 777) {
      order.put("reference", "WEB-0777");
    } else {
      order.put("reference", 500_000 + id);
    }
    ObjectNode address = JSON.objectNode().put("city", "Rivertown").put("zip", 1000 + id % 97);
    order.set("shipping", JSON.objectNode().put("express", id % 5 == 0).set("address", address));
    if (id > 600) { // a field that the API's first pages do not have
      order.set("coupon", JSON.objectNode().put("code", "SPRING").put("percent", id % 20));
    }
    ArrayNode lines = order.putArray("lines");
    int count = 1 + dice(id, 5, 3) + (changed ? 1 : 0);
    for (int n = 1; n <= count; n++) {
      lines.add(line(10 * id + n));
    }
    return order;
  }

  private static ObjectNode line(int lineId) {
    ObjectNode line = JSON.objectNode().put("line_id", lineId);
    line.put("sku", "sku-" + dice(lineId, 6, 40)).put("qty", 1 + dice(lineId, 7, 4));
    line.put("price_cents", 199 + 50 * dice(lineId, 8, 60));
    ArrayNode discounts = line.putArray("discounts");
    int count = dice(lineId, 9, 3);
    for (int n = 1; n <= count; n++) {
      discounts.add(
          JSON.objectNode()
              .put("discount_id", 10 * lineId + n)
              .put("kind", n == 1 ? "volume" : "loyalty")
              .put("percent", 5 * n));
    }
    return line;
  }

  private ObjectNode event(int id) {
    return JSON.objectNode()
        .put("id", id)
        .put("order_id", 1 + dice(id, 10, Kind.ORDERS.first))
        .put("type", pick(EVENTS, id, 11))
        .put("amount_cents", dice(id, 12, 10_000));
  }

  private static String pick(List<String> from, int id, int field) {
    return from.get(dice(id, field, from.size()));
  }

  /** A number below {@code sides} that only id and field decide (the finalizer of SplitMix64). */
  private static int dice(int id, int field, int sides) {
    long z = (id * 1_000_003L + field) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return (int) Math.floorMod(z ^ (z >>> 31), (long) sides);
  }
}
