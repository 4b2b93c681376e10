package io.millrace.activities.normalize.reference;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes a failing case small: leaves out segments, records, and ever smaller pieces of records. */
final class Shrinker {
  private final Predicate<Case> fails;

  /** Attempts that are left, so that it ends. */
  private int budget = 10_000;

  Shrinker(Predicate<Case> fails) {
    this.fails = fails;
  }

  Case shrink(Case first) {
    Case now = first;
    for (Case before = null; before != now && budget > 0; ) {
      before = now;
      now = plainer(now);
      for (int i = now.parts().size() - 1; i >= 0; i--) {
        now = keep(now, with(now, i, null));
      }
      for (int i = 0; i < now.parts().size(); i++) {
        now = records(now, i);
      }
    }
    return now;
  }

  private Case plainer(Case c) {
    Setup s = c.setup();
    Case now = keep(c, new Case(Setup.plain(s.compat(), s.naming(), s.folds()), c.parts()));
    now = keep(now, new Case(Setup.plain(s.compat(), "snake_case", false), c.parts()));
    for (int i = 0; i < c.parts().size(); i++) {
      Case.Part p = c.parts().get(i);
      now = keep(now, with(now, i, new Case.Part(1, p.document(), p.records())));
      now = keep(now, with(now, i, new Case.Part(now.parts().get(i).run(), false, p.records())));
    }
    return now;
  }

  private Case records(Case c, int part) {
    Case now = c;
    for (int k = now.parts().get(part).records().size() - 1; k >= 0; k--) {
      now = keep(now, with(now, part, k, null));
    }
    for (int k = 0; k < now.parts().get(part).records().size(); k++) {
      String text = new String(now.parts().get(part).records().get(k), StandardCharsets.ISO_8859_1);
      for (int size = text.length(); size > 0; size /= 2) {
        for (int at = 0; at + size <= text.length(); ) {
          String less = text.substring(0, at) + text.substring(at + size);
          Case smaller = with(now, part, k, less.getBytes(StandardCharsets.ISO_8859_1));
          if (fails(smaller)) {
            now = smaller;
            text = less;
          } else {
            at++;
          }
        }
      }
    }
    return now;
  }

  private boolean fails(Case c) {
    return budget-- > 0 && fails.test(c);
  }

  private Case keep(Case now, Case smaller) {
    return !smaller.equals(now) && !smaller.parts().isEmpty() && fails(smaller) ? smaller : now;
  }

  private static Case with(Case c, int part, Case.Part now) {
    List<Case.Part> parts = new ArrayList<>(c.parts());
    if (now == null) {
      parts.remove(part);
    } else {
      parts.set(part, now);
    }
    return new Case(c.setup(), parts);
  }

  private static Case with(Case c, int part, int record, byte[] now) {
    Case.Part p = c.parts().get(part);
    List<byte[]> records = new ArrayList<>(p.records());
    if (now == null) {
      records.remove(record);
    } else {
      records.set(record, now);
    }
    return with(c, part, new Case.Part(p.run(), p.document(), records));
  }
}
