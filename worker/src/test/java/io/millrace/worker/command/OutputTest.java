package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.worker.Env;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OutputTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
  private final Env env =
      new Env(
          stream, stream, Map.of(), Path.of("/"), true, 80, (name, action) -> () -> {}, c -> {});
  private final Output out = new Output("run", env, false, false, true);

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void whatOthersNamedDoesNothingToATerminal() {
    String hostile = "\u001b[2J\u001b]0;owned\u0007\u009b31m\r\u202e.jsonl";
    out.print(hostile);
    out.say(hostile);
    out.warn(hostile);
    out.failed("DATA_INVALID", "Cannot read " + hostile, null);
    out.print(Format.table(List.of("a"), List.of(List.of(hostile)), List.of()));
    assertThat(said())
        .doesNotContain("\u001b[2J", "\u001b]", "\u0007", "\u009b", "\r", "\u202e")
        .contains("[2J", "31m");
  }

  @Test
  void keepsLinesTabsAndOurOwnColours() {
    out.print("a\n\tb " + out.bold("c"));
    out.warn(out.red("d"));
    assertThat(said()).isEqualTo("a\n\tb \u001b[1mc\u001b[0m\n\u001b[31md\u001b[0m\n");
  }
}
