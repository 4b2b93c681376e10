package io.millrace.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process has around it. Everything that a command reads from or writes to the outside comes
 * from here, so that a test can run a command inside its own process.
 *
 * @param out data
 * @param err talk
 * @param variables the environment
 * @param folder the working folder, absolute
 * @param terminal whether {@code err} is a terminal, so that lines may be drawn again
 * @param columns width of the terminal
 * @param signals where to hear of Ctrl-C and SIGTERM
 * @param halt ends the process at once with an exit code, running nothing more
 * @param in what a person types; asked only when there is a terminal
 */
public record Env(
    PrintStream out,
    PrintStream err,
    Map<String, String> variables,
    Path folder,
    boolean terminal,
    int columns,
    Signals signals,
    IntConsumer halt,
    InputStream in) {
  private static final int USUAL_COLUMNS = 100;
  private static final Pattern HINT = Pattern.compile("(?<=[`(])millrace(?= [a-z-])");

  public Env {
    columns =
        columns > 0 ? columns : USUAL_COLUMNS; // a terminal that does not know its width says 0
  }

  /** Without anybody who types. */
  public Env(
      PrintStream out,
      PrintStream err,
      Map<String, String> variables,
      Path folder,
      boolean terminal,
      int columns,
      Signals signals,
      IntConsumer halt) {
    this(
        out,
        err,
        variables,
        folder,
        terminal,
        columns,
        signals,
        halt,
        InputStream.nullInputStream());
  }

  /** Those of this process. The launcher knows whether there is a terminal and how wide it is. */
  public static Env ofProcess() {
    return new Env(
        new PrintStream(
            new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8),
        new PrintStream(
            new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8),
        System.getenv(),
        Path.of("").toAbsolutePath(),
        Boolean.getBoolean("millrace.terminal"),
        Integer.getInteger("millrace.columns", USUAL_COLUMNS),
        Signals.ofProcess(),
        Runtime.getRuntime()::halt,
        System.in);
  }

  /** What the user typed to call the program, as the launcher says. */
  public String command() {
    String typed = variable("MILLRACE_COMMAND");
    return typed == null ? "millrace" : typed;
  }

  /**
   * A message as it is shown: the commands in it, which everybody writes as {@code `millrace run`}
   * in backticks or parentheses, as this user types them. {@code null} gives {@code null}.
   */
  public String spelled(String message) {
    return message == null
        ? null
        : HINT.matcher(message).replaceAll(Matcher.quoteReplacement(command()));
  }

  /** The next line that a person types, at most a screen's width; empty at the end. */
  public String answer() {
    StringBuilder line = new StringBuilder();
    try {
      for (int c = in.read(); c >= 0 && c != '\n' && line.length() < USUAL_COLUMNS; c = in.read()) {
        line.append((char) c);
      }
    } catch (IOException e) {
      return "";
    }
    return line.toString().strip();
  }

  /** The variable, or {@code null} when it is not set or empty. */
  public String variable(String name) {
    String value = variables.get(name);
    return value == null || value.isEmpty() ? null : value;
  }
}
