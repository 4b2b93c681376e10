package com.example.acme;

import io.millrace.plugin.PaginatorPlugin;
import java.time.DateTimeException;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code paginator: {type: acme_months, from: 2026-01, to: 2026-03}}: month by month, and within
 * each by the ticket that the answer has in a header. The state is the month.
 */
public final class AcmeMonths implements PaginatorPlugin {
  @Override
  public String type() {
    return "acme_months";
  }

  @Override
  public Pager pager(Map<String, String> options) {
    return new Months(month(options, "from"), month(options, "to"));
  }

  private record Months(YearMonth from, YearMonth to) implements Pager {
    @Override
    public Ask first() {
      return of(from);
    }

    @Override
    public Optional<Ask> next(Page page) {
      YearMonth month = YearMonth.parse(page.asked().state());
      List<String> ticket = page.headers().get("x-acme-more");
      if (ticket != null) {
        return Optional.of(of(month).header("X-Acme-Ticket", ticket.get(0)));
      }
      return month.isBefore(to) ? Optional.of(of(month.plusMonths(1))) : Optional.empty();
    }

    private static Ask of(YearMonth month) {
      return Ask.PLAIN.param("month", month.toString()).state(month.toString());
    }
  }

  private static YearMonth month(Map<String, String> options, String name) {
    try {
      return YearMonth.parse(options.getOrDefault(name, ""));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(name + " is no month like 2026-01", e);
    }
  }
}
