package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.worker.Cli;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code replace} with a mistake in the project, with everything real. */
@Timeout(120)
class ReplaceTest {
  @TempDir Path folder;

  @BeforeEach
  void customers() throws Exception {
    Files.writeString(folder.resolve("c.jsonl"), "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n");
    assertThat(run("id", "").code()).isZero();
  }

  @Test
  void keepsTheOldRowsWhenTheKeyIsMistyped() {
    Cli.Result mistyped = run("idd", "segment: {bytes: 10B}");

    assertThat(mistyped.code()).isEqualTo(1);
    assertThat(mistyped.err())
        .contains(
            "Cannot load customers: every record was rejected: 3 of 3: has no value",
            "idd",
            "c.jsonl at byte 0)");
    assertThat(count()).contains("3");
    Cli.Result corrected = run("id", "");
    assertThat(corrected.code()).as("the next run replaces: " + corrected.err()).isZero();
    assertThat(count()).contains("3");
  }

  @Test
  void emptiesTheTableWhenItFollowsDlt() {
    assertThat(run("idd", "schema: {compat: dlt}").code()).isZero();
    assertThat(count()).contains("0").doesNotContain("3");
  }

  private Cli.Result run(String key, String more) {
    try {
      Files.writeString(
          folder.resolve("millrace.yaml"),
          """
          project: replacing
          destination: {type: duckdb, path: r.duckdb, dataset: data}
          %s
          sources:
            shop:
              type: filesystem
              bucket_url: .
              resources:
                - {name: customers, primary_key: %s, write_disposition: replace, file_glob: "*.jsonl"}
          """
              .formatted(more, key));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Cli.ofTheHouse(folder).run("run");
  }

  private String count() {
    return Cli.ofTheHouse(folder).run("query", "select count(*) as n from customers").out();
  }
}
