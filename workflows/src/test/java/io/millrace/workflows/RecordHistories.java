package io.millrace.workflows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A tool, not a test: writes the histories that {@link ReplayTest} replays. Run it for a workflow
 * that is new, before changing one that has no history, or after a change that is guarded by {@code
 * Workflow.getVersion} (then under a new name, so that the old ones are still replayed):
 *
 * <pre>mvn test -pl workflows -am -Dtest=RecordHistories -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
class RecordHistories {
  @Test
  void writes() throws Exception {
    Path dir = Files.createDirectories(Path.of("src/test/resources/histories"));
    for (Map.Entry<String, String> history : Histories.record().entrySet()) {
      // who ran it is nobody's business
      String json =
          history.getValue().replaceAll("\"identity\": \"[^\"]*\"", "\"identity\": \"worker\"");
      Files.writeString(dir.resolve(history.getKey() + ".json"), json + "\n");
    }
  }
}
