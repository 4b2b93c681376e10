package io.millrace.worker.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.destination.Destination;
import io.millrace.project.Project;
import io.millrace.worker.Backend;
import io.millrace.worker.Logging;
import io.millrace.worker.Opened;
import io.millrace.worker.Rooms;
import io.millrace.worker.TemporalBinary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** {@code doctor}: whether all that a run needs is there. */
@CommandLine.Command(
    name = "doctor",
    description = "Look at what a run needs: Java, Temporal, destination, disk.")
final class DoctorCommand extends Command {
  private static final long LITTLE_SPACE = 1L << 30;
  private static final int OLDEST_JAVA = 17;

  DoctorCommand(Millrace millrace) {
    super(millrace);
  }

  /** What is found: {@code ok}, {@code note} (works without) or {@code failed}. */
  private record Finding(String what, String state, String words, Failure failure) {}

  @Override
  int run(Output out) {
    millrace.logging(Logging.Volume.QUIET);
    List<Finding> findings = new ArrayList<>();
    findings.add(java());
    findings.add(binary());
    if (millrace.address() != null) {
      findings.add(server());
    }
    project(out, findings);
    findings.replaceAll(
        f -> new Finding(f.what(), f.state(), env().spelled(f.words()), f.failure()));

    ArrayNode array = out.document().putArray("checks");
    findings.forEach(
        f ->
            array
                .addObject()
                .put("check", f.what())
                .put("state", f.state())
                .put("message", f.words()));
    if (!millrace.quiet()) {
      findings.forEach(f -> out.print("%-7s %-12s %s".formatted(f.state(), f.what(), f.words())));
    }
    List<Finding> failed = findings.stream().filter(f -> f.failure() != null).toList();
    if (failed.isEmpty()) {
      return 0;
    }
    if (millrace.quiet()) {
      failed.forEach(f -> out.warn(f.words()));
    }
    List<Integer> codes = failed.stream().map(f -> f.failure().exitCode()).distinct().toList();
    return codes.size() == 1 ? codes.get(0) : 1;
  }

  private static Finding ok(String what, String words) {
    return new Finding(what, "ok", words, null);
  }

  private static Finding note(String what, String words) {
    return new Finding(what, "note", words, null);
  }

  private static Finding failed(String what, MillraceException e) {
    return new Finding(what, "failed", e.getMessage(), e.failure());
  }

  private static Finding java() {
    Runtime.Version version = Runtime.version();
    String words =
        version
            + " in "
            + System.getProperty("java.home")
            + ", heap "
            + Format.bytes(Runtime.getRuntime().maxMemory());
    return version.feature() >= OLDEST_JAVA ? ok("java", words) : note("java", words);
  }

  private Finding binary() {
    return TemporalBinary.find(env())
        .map(binary -> ok("temporal", binary.toString()))
        .orElse(
            note(
                "temporal",
                "not on this machine; only `millrace dev` needs it ("
                    + TemporalBinary.ADVICE
                    + ")"));
  }

  private Finding server() {
    try (Backend backend = millrace.connect("look at the server")) {
      int missing = io.millrace.worker.SearchAttributes.missing(backend).size();
      String words = backend.name() + ", namespace " + backend.namespace();
      return missing == 0
          ? ok("server", words)
          : note(
              "server",
              words
                  + ", lacks "
                  + Format.plural(missing, "search attribute")
                  + " (`millrace server setup` registers them)");
    } catch (MillraceException e) {
      return failed("server", e);
    }
  }

  private void project(Output out, List<Finding> findings) {
    Opened opened;
    try {
      opened = millrace.open();
      findings.add(ok("project", opened.project().name() + " in " + opened.file()));
    } catch (MillraceException e) {
      findings.add(failed("project", e));
      return;
    }
    Project project = opened.project();
    findings.add(staging(project, opened.folder()));
    findings.add(space(opened.folder()));
    try (Rooms.Engine engine = rooms().engine(opened, env().variables())) {
      out.maskWith(engine::mask);
      for (Destination destination : project.destinations()) {
        findings.add(destination(engine, destination));
      }
    } catch (MillraceException e) {
      findings.add(failed("engine", e));
    }
  }

  private static Finding staging(Project project, Path folder) {
    Path dir = folder.resolve(project.staging().dir().raw());
    try {
      Files.createDirectories(dir);
      Files.delete(Files.createTempFile(dir, "doctor", ".tmp"));
      return ok("staging", dir.toString());
    } catch (IOException e) {
      return failed(
          "staging",
          new MillraceException(
              Failure.STAGING_FAILED,
              "Cannot write to the staging folder: "
                  + e
                  + ": "
                  + dir
                  + " (set staging.dir to a folder of yours)"));
    }
  }

  private static Finding space(Path folder) {
    try {
      long free = Files.getFileStore(folder).getUsableSpace();
      String words = Format.bytes(free) + " free in " + folder;
      return free >= LITTLE_SPACE ? ok("disk", words) : note("disk", words + ", which is little");
    } catch (IOException e) {
      return note("disk", "cannot be measured: " + e.getMessage());
    }
  }

  private static Finding destination(Rooms.Engine engine, Destination destination) {
    String what = destination.name().equals("default") ? "destination" : destination.name();
    try {
      int tables = engine.loader(destination).tables(false).size();
      return ok(
          what,
          destination.type()
              + ", dataset "
              + destination.dataset()
              + ", "
              + Format.plural(tables, "table"));
    } catch (MillraceException e) {
      return failed(what, e);
    }
  }
}
