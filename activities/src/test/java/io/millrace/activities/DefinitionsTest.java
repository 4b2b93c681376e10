package io.millrace.activities;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.staging.Staging;
import io.millrace.project.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefinitionsTest {
  @TempDir Path dir;
  private Path file;
  private Definitions definitions;

  @BeforeEach
  void write() throws IOException {
    file = dir.resolve("millrace.yaml");
    deploy("orders");
    definitions = new Definitions(file, "shop", new Staging(dir.resolve("staging")));
  }

  @Test
  void aRunGoesOnWithTheDefinitionsItBeganWith() throws IOException {
    String began = definitions.deployed().manifest();
    deploy("customers");
    String now = definitions.deployed().manifest();
    Definitions afresh = new Definitions(file, "shop", new Staging(dir.resolve("staging")));

    assertThat(resource(afresh.project("shop", began))).isEqualTo("orders");
    assertThat(resource(afresh.project("shop", now))).isEqualTo("customers");
  }

  @Test
  void refusesAnotherProjectBeforeItLooksForItsFiles() {
    assertThatThrownBy(() -> definitions.project("bank", "0".repeat(64)))
        .isInstanceOf(MillraceException.class)
        .hasMessage(
            "Cannot work on project bank: this worker's project is shop (start a worker for bank, or give each project a queue of its own with --queue)")
        .extracting(e -> ((MillraceException) e).failure())
        .isEqualTo(Failure.NOT_MY_PROJECT);
  }

  @Test
  void saysThatTheDefinitionsOfARunAreGone() {
    assertThatThrownBy(() -> definitions.project("shop", "0".repeat(64)))
        .extracting(e -> ((MillraceException) e).failure())
        .isEqualTo(Failure.STAGING_LOST);
  }

  private void deploy(String resource) throws IOException {
    Files.writeString(
        file,
        """
        project: shop
        sources: {files: {type: filesystem, bucket_url: ., resources: [{name: %s, file_glob: "*.jsonl", format: jsonl}]}}
        """
            .formatted(resource));
  }

  private static String resource(Project project) {
    return project.sources().get(0).resources().get(0).name();
  }
}
