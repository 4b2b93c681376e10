package io.millrace.workflows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * A tool, not a test: records those of {@link Histories#all} that are not recorded yet, for {@link
 * ReplayTest} to replay. Run it for a workflow that is new, before changing one that has no
 * history, or after a change that is guarded by {@code Workflow.getVersion} (under a new name).
 * What is there stays as it is: it stands for the runs that are under way with an earlier version.
 *
 * <pre>
 * ./mvnw -o test -pl workflows -am -Dtest=RecordHistories -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
class RecordHistories {
  @Test
  void writes() throws Exception {
    Path dir = Files.createDirectories(Path.of("src/test/resources/histories"));
    for (Map.Entry<String, Supplier<String>> history : Histories.all().entrySet()) {
      Path file = dir.resolve(history.getKey() + ".json");
      if (Files.notExists(file)) {
        // who ran it is nobody's business
        String json =
            history
                .getValue()
                .get()
                .replaceAll("\"identity\": \"[^\"]*\"", "\"identity\": \"worker\"");
        Files.writeString(file, json + "\n");
      }
    }
  }
}
