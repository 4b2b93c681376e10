package io.millrace.activities.extract.rest;

import io.millrace.plugin.PaginatorPlugin;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Pages as no paginator of ours has them: shelf by shelf, and on each by a ticket that is sent back
 * in all places at once. {@code do} says what it does wrong.
 */
public final class ShelvesPlugin implements PaginatorPlugin {
  @Override
  public String type() {
    return "shelves";
  }

  @Override
  public Pager pager(Map<String, String> options) {
    int shelves = Integer.parseInt(options.getOrDefault("shelves", "1"));
    String does = options.getOrDefault("do", "well");
    if (does.equals("nothing")) {
      throw new IllegalArgumentException("unknown: do");
    }
    return new Shelves(shelves, does, options.get("secret"));
  }

  private record Shelves(int shelves, String does, String secret) implements Pager {
    @Override
    public Ask first() {
      return Ask.PLAIN.param("shelf", "1").state("1");
    }

    @Override
    public Set<String> paths() {
      return Set.of("next.ticket", "next");
    }

    @Override
    public boolean ends(int status) {
      return status == 410;
    }

    @Override
    public Optional<Ask> next(Page page) {
      int shelf = Integer.parseInt(page.asked().state());
      Object ticket = page.value("next.ticket").orElse(null);
      switch (does) {
        case "leak" -> {
          return Optional.of(Ask.PLAIN.state(secret));
        }
        case "talk" -> throw new IllegalStateException("no ticket, said with " + secret);
        case "hoard" -> {
          return Optional.of(Ask.PLAIN.state("x".repeat(9_000)));
        }
        case "forget" -> {
          return null;
        }
        case "nameless" -> {
          return Optional.of(Ask.PLAIN.param("shelf", null));
        }
        case "stand" -> {
          return Optional.of(Ask.PLAIN.state("" + (shelf + 1)));
        }
        case "body" -> {
          return ticket == null
              ? Optional.empty()
              : Optional.of(
                  Ask.PLAIN.body("page.ticket", ticket).body("page.again", true).state("1"));
        }
        case "away" -> {
          return page.value("next").map(n -> Ask.url((String) n).state("1"));
        }
        default -> {}
      }
      if (ticket != null) {
        return Optional.of(
            Ask.url("orders/on?x=1")
                .param("shelf", "" + shelf)
                .header("X-Ticket", ticket + "/" + page.records() + "/" + page.rows())
                .state("" + shelf));
      }
      return shelf < shelves
          ? Optional.of(Ask.PLAIN.param("shelf", "" + (shelf + 1)).state("" + (shelf + 1)))
          : Optional.empty();
    }
  }
}
