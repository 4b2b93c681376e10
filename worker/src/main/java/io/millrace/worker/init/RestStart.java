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
import java.util.Comparator;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Writes a project from an address: asks it once, and up to three times for the second page when
 * there seems to be one, one request after the other. Asks the way that a run does, with the same
 * guard and credentials.
 */
public final class RestStart {
  static final String FILE = "millrace.yaml";

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
    return new SecondPage(draft, first, this::look, say, warn).found().yaml();
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
