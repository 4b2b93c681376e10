package io.millrace.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.millrace.destination.WriteDisposition;
import io.millrace.source.Resource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GoldenConfigTest {
  private static Map<String, String> configs;

  @BeforeAll
  static void find() throws IOException {
    Optional<Path> folder = GoldenConfigs.folder();
    if (folder.isEmpty()) {
      System.err.println(
          "SKIPPED: no shared/golden/dev above "
              + Path.of("").toAbsolutePath()
              + " (put the golden cases there to check their configurations)");
    }
    assumeThat(folder).isPresent();
    configs = GoldenConfigs.all(folder.get());
  }

  @Test
  void everyGoldenConfigurationIsRead() {
    assertThat(configs).hasSizeGreaterThan(100);
    configs.forEach(
        (name, text) -> {
          Reading reading = ProjectFile.read(text, name);
          assertThat(reading.problems()).as(name).isEmpty();
          assertThat(reading.warnings()).as(name).isEmpty();
          assertThat(reading.project().schema().compat()).as(name).isTrue();
        });
  }

  @Test
  void everyGoldenConfigurationSurvivesItsManifest() {
    configs.forEach(
        (name, text) -> {
          Reading reading = ProjectFile.read(text, name);
          Reading again = ProjectFile.read(reading.manifest().text(), "manifest");
          assertThat(again.project()).as(name).isEqualTo(reading.project());
          assertThat(again.manifest()).as(name).isEqualTo(reading.manifest());
        });
  }

  @Test
  void hintsArriveAsTheyWereGiven() {
    assertThat(resource("hints-order 0").hints().columns())
        .extracting(c -> c.name())
        .containsExactly("b", "z", "q", "id", "c__d", "camelHint");
    assertThat(resource("dynamic-table-name 0").hints().tableName()).isEqualTo(new Text("{type}"));
    WriteDisposition scd2 = resource("merge-scd2-options 0").hints().writeDisposition();
    assertThat(scd2.strategy()).isEqualTo(WriteDisposition.Strategy.SCD2);
    assertThat(scd2.options())
        .containsEntry("validity_column_names", List.of("validFrom", "validTo"))
        .containsEntry("active_record_timestamp", "9999-12-31");
    assertThat(resource("merge-composite-key 0").hints().primaryKey()).hasSizeGreaterThan(1);
    assertThat(
            resource("nested-hints-primary-key 0")
                .hints()
                .nestedHints()
                .get(0)
                .hints()
                .primaryKey())
        .containsExactly("k");
    assertThat(resource("incremental-nested-cursor-min 0").incremental().lastValueFunc())
        .isEqualTo("min");
  }

  private static Resource resource(String config) {
    return ProjectFile.read(configs.get(config), config)
        .orThrow()
        .sources()
        .get(0)
        .resources()
        .get(0);
  }
}
