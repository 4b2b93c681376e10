package io.millrace.worker.init;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.extract.Probe;
import io.millrace.asset.AssetKey;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.project.Reading;
import io.millrace.worker.Opened;
import io.millrace.worker.Rooms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes a project from an address: asks it once, and up to three times for the second page when
 * there seems to be one, one request after the other. Asks the way that a run does, with the same
 * guard and credentials.
 */
public final class RestStart {
  private static final String FILE = "millrace.yaml";

  /** Requests for a second page. */
  private static final int MOST_TRIES = 3;

  private final Rooms rooms;
  private final Map<String, String> variables;
  private final Consumer<String> say;
  private final Consumer<String> warn;
  private final Consumer<UnaryOperator<String>> mask;

  /**
   * @param variables the environment
   * @param say takes what a person may like to know
   * @param warn takes what a person must know
   * @param mask takes what hides secrets in all that is said from then on
   */
  public RestStart(
      Rooms rooms,
      Map<String, String> variables,
      Consumer<String> say,
      Consumer<String> warn,
      Consumer<UnaryOperator<String>> mask) {
    this.rooms = rooms;
    this.variables = variables;
    this.say = say;
    this.warn = warn;
    this.mask = mask;
  }

  /**
   * The text of a project that loads what is at the address.
   *
   * @param project its name, a valid one
   * @param name of the source; {@code null} takes it from the address
   */
  public String project(String url, String project, String name, Auth auth) {
    Address address = Address.of(url);
    String source = name == null ? Names.ofHost(address.host()) : Names.of(name, "api");
    RestProject draft = RestProject.of(project, source, address, auth);
    Probe.Page first = look(draft, null);
    if (first.failure() != null) {
      throw refused(draft, first);
    }
    if (first.records() == null) {
      throw new MillraceException(
          Failure.RESPONSE_INVALID,
          "Cannot write a project for "
              + first.answer().url()
              + ": the answer is empty: status "
              + first.answer().status()
              + " (name an address that gives records)");
    }
    say.accept(
        "%s: %d records at %s"
            .formatted(first.answer().url(), first.records().count(), first.records().selector()));
    return found(draft, first).yaml();
  }

  /** Tries one guess after the other: what was not seen to work is not written. */
  private RestProject found(RestProject draft, Probe.Page first) {
    List<JsonNode> records = new ArrayList<>(first.records().sample());
    String key = key(records, draft);
    List<Guess> guesses = records.isEmpty() ? List.of() : Pages.of(first, draft.address());
    List<Guess> tried = new ArrayList<>();
    for (Guess guess : guesses.subList(0, Math.min(guesses.size(), MOST_TRIES))) {
      Probe.Page second =
          look(draft.asking(guess.second()), guess.from() == null ? first.way().position() : null);
      tried.add(guess);
      if (Guess.proves(first, second, key)) {
        records.addAll(second.records().sample());
        String seen =
            Pages.told(first).map(told -> told + "; ").orElse("")
                + guess.asked()
                + " brings other records";
        say.accept(seen + ": " + guess.paginator().get("type"));
        return found(draft, first, guess.paginator(), List.of(seen), records);
      }
      if (guess.sure()) {
        String seen = Pages.told(first).orElseThrow() + "; no second page was there to try it";
        return found(draft, first, guess.paginator(), List.of(seen), records);
      }
      if (second.failure() != null && !refusesThis(second)) {
        say.accept("no second page came: " + second.failure().getMessage());
        break; // to ask on would be no help to it, and its silence proves nothing
      }
    }
    return found(draft, first, Guess.AUTO, onePage(first, tried), records);
  }

  private static RestProject found(
      RestProject draft,
      Probe.Page first,
      Map<String, String> paginator,
      List<String> why,
      List<JsonNode> records) {
    Fields fields = new Fields(records);
    return draft.found(
        first.records().selector(),
        paginator,
        why,
        fields.keys(draft.resource()),
        fields.cursor().orElse(null));
  }

  private static String key(List<JsonNode> records, RestProject draft) {
    return new Fields(records).keys(draft.resource()).stream().findFirst().orElse(null);
  }

  /** Whether the API refuses the question, and would answer another one. */
  private static boolean refusesThis(Probe.Page page) {
    int status = page.answer() == null ? 0 : page.answer().status();
    return status < 300 && status > 0 || status == 400 || status == 404 || status == 422;
  }

  /** Why one page is all that will come, for the file; warns when there is more. */
  private List<String> onePage(Probe.Page first, List<Guess> tried) {
    String vain =
        tried.stream().map(Guess::asked).collect(Collectors.joining(", "))
            + (tried.size() == 1 ? " brings" : " bring")
            + " no other records";
    Optional<String> told = Pages.told(first);
    if (told.isEmpty()) {
      return tried.isEmpty()
          ? List.of("no way to a next page was found; each answer is looked at for one")
          : List.of(vain + "; if there are more pages, say how they go on");
    }
    String more =
        "the answer has %d records and tells of more (%s)%s"
            .formatted(first.records().count(), told.get(), tried.isEmpty() ? "" : ", and " + vain);
    warn.accept(
        "Warning: only one page will be loaded: "
            + more
            + " (say how pages go on at `paginator` in "
            + FILE
            + "; the API's documentation names its parameters)");
    List<String> lines = new ArrayList<>(List.of("ONLY ONE PAGE WILL BE LOADED: " + more + "."));
    lines.add("Say how its pages go on, with the parameters of the API's documentation:");
    tried.forEach(guess -> lines.add("paginator: " + Yaml.map(guess.paginator())));
    return lines;
  }

  private Probe.Page look(RestProject draft, JsonNode position) {
    Path folder = null;
    try {
      folder = Files.createTempDirectory("millrace-init");
      Path file = Files.writeString(folder.resolve(FILE), checked(draft.yaml()));
      Opened opened = Opened.read(file);
      try (Rooms.Engine engine = rooms.engine(opened, variables)) {
        mask.accept(engine::mask);
        Project.Located resource =
            opened.project().locate(new AssetKey(draft.source(), draft.resource())).orElseThrow();
        return (Probe.Page) engine.probe(resource, position);
      }
    } catch (IOException e) {
      throw new MillraceException(
          Failure.STAGING_FAILED, "Cannot write a file to try the address with: " + e, e);
    } finally {
      remove(folder);
    }
  }

  private static void remove(Path folder) {
    if (folder == null) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // it lies where the machine cleans up
    }
  }

  /** What we wrote has no mistake, whatever the server sent. */
  static String checked(String yaml) {
    Reading reading = ProjectFile.read(yaml, FILE);
    if (!reading.ok()) {
      throw new MillraceException(
          Failure.INTERNAL,
          "Cannot write the project: what would be written is wrong: "
              + reading.problems().get(0).render());
    }
    return yaml;
  }

  private MillraceException refused(RestProject draft, Probe.Page page) {
    int status = page.answer() == null ? 0 : page.answer().status();
    if (status != 401 && status != 403) {
      return page.failure();
    }
    String name = Names.variable(draft.source(), "token");
    String remedy =
        draft.auth() == Auth.none
            ? "export " + name + "=… and add --auth bearer; api_key and basic are known too"
            : "check what "
                + String.join(" and ", draft.auth().variables(draft.source()))
                + " holds";
    return new MillraceException(
        Failure.SOURCE_REFUSED,
        "Cannot write a project for "
            + page.answer().url()
            + ": the API wants to know who asks: status "
            + status
            + " ("
            + remedy
            + ")");
  }
}
