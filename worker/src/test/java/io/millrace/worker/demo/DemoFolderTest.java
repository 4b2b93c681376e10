package io.millrace.worker.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.MillraceException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoFolderTest {
  @TempDir Path where;

  @Test
  void writesItsOwnProjectAgain() throws Exception {
    DemoFolder folder = new DemoFolder(where);
    folder.write();
    Files.writeString(
        folder.file(), "\n# a note of the user\n", java.nio.file.StandardOpenOption.APPEND);
    folder.write();
    assertThat(folder.file()).content().contains("project: demo").doesNotContain("a note");
  }

  @Test
  void neverReplacesAProjectThatItDidNotWrite() throws Exception {
    DemoFolder folder = new DemoFolder(where);
    Files.createDirectories(folder.project());
    Files.writeString(folder.file(), "project: mine\n");
    assertThatThrownBy(folder::write)
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("Cannot write the demo's project: there is another one: ")
        .hasMessageContaining("move it away");
    assertThat(folder.file()).content().isEqualTo("project: mine\n");
  }

  @Test
  void remembersThePortOfTheApi() {
    DemoFolder folder = new DemoFolder(where);
    folder.write();
    assertThat(folder.port()).isZero();
    folder.keepPort(41234);
    assertThat(folder.port()).isEqualTo(41234);
  }
}
