package io.millrace.worker.init;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.extract.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Looks for the second page of a list with a few requests, one after the other: what was not seen
 * to bring other records is not written. Used once.
 */
final class SecondPage {
  private static final int MOST_TRIES = 3;

  private final RestProject draft;
  private final Probe.Page first;
  private final BiFunction<RestProject, JsonNode, Probe.Page> look;
  private final Consumer<String> say;
  private final Consumer<String> warn;
  private final List<JsonNode> records;
  private final List<Guess> tried = new ArrayList<>();

  /**
   * @param first has records
   * @param look asks once, from a position or {@code null} for the beginning
   */
  SecondPage(
      RestProject draft,
      Probe.Page first,
      BiFunction<RestProject, JsonNode, Probe.Page> look,
      Consumer<String> say,
      Consumer<String> warn) {
    this.draft = draft;
    this.first = first;
    this.look = look;
    this.say = say;
    this.warn = warn;
    this.records = new ArrayList<>(first.records().sample());
  }

  /** The project with what the pages show. */
  RestProject found() {
    String key = new Fields(records).keys(draft.resource()).stream().findFirst().orElse(null);
    List<Guess> guesses = records.isEmpty() ? List.of() : Pages.of(first, draft.address());
    for (Guess guess : guesses.subList(0, Math.min(guesses.size(), MOST_TRIES))) {
      JsonNode position = guess.from() == null ? first.way().position() : null;
      Probe.Page second = look.apply(draft.asking(guess.second()), position);
      tried.add(guess);
      if (Guess.proves(first, second, key)) {
        records.addAll(second.records().sample());
        String seen =
            Pages.told(first).map(told -> told + "; ").orElse("")
                + guess.asked()
                + " brings other records";
        say.accept(seen + ": " + guess.paginator().get("type"));
        return found(guess.paginator(), List.of(seen));
      }
      if (guess.sure()) {
        String seen = Pages.told(first).orElseThrow() + "; no second page was there to try it";
        return found(guess.paginator(), List.of(seen));
      }
      if (second.failure() != null && !refusesThis(second)) {
        say.accept("no second page came: " + second.failure().getMessage());
        break; // to ask on would be no help to it, and its silence proves nothing
      }
    }
    return found(Guess.AUTO, onePage());
  }

  private RestProject found(Map<String, String> paginator, List<String> why) {
    Fields fields = new Fields(records);
    return draft.found(
        first.records().selector(),
        paginator,
        why,
        fields.keys(draft.resource()),
        fields.cursor().orElse(null));
  }

  /** Whether the API refuses the question, and would answer another one. */
  private static boolean refusesThis(Probe.Page page) {
    int status = page.answer() == null ? 0 : page.answer().status();
    return status < 300 && status > 0 || status == 400 || status == 404 || status == 422;
  }

  /** Why one page is all that will come, for the file; warns when there is more. */
  private List<String> onePage() {
    String vain =
        tried.stream().map(Guess::asked).collect(Collectors.joining(", "))
            + (tried.size() == 1 ? " brings" : " bring")
            + " no other records";
    Optional<String> told = Pages.told(first);
    if (told.isEmpty() && tried.isEmpty()) {
      return List.of("no way to a next page was found; each answer is looked at for one");
    }
    if (told.isEmpty()) {
      String perhaps = vain + "; if there are more pages, say how they go on";
      say.accept(perhaps);
      return List.of(perhaps);
    }
    String more =
        "the answer tells of more records than the %d that came (%s)%s"
            .formatted(first.records().count(), told.get(), tried.isEmpty() ? "" : ", and " + vain);
    warn.accept(
        "Warning: only one page will be loaded: "
            + more
            + " (say how pages go on at `paginator` in "
            + RestStart.FILE
            + "; the API's documentation names its parameters)");
    List<String> lines = new ArrayList<>(List.of("ONLY ONE PAGE WILL BE LOADED: " + more + "."));
    lines.add("Say how its pages go on, with the parameters of the API's documentation:");
    tried.forEach(guess -> lines.add("paginator: " + Yaml.map(guess.paginator())));
    return lines;
  }
}
