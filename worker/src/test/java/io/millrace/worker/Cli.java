package io.millrace.worker;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * Runs the command line inside the test's process, with streams, environment and signals of the
 * test's own.
 */
public final class Cli {
  private final Path folder;
  private final Rooms rooms;
  private final Map<String, String> variables = new HashMap<>();
  private final Map<String, Runnable> listening = new ConcurrentHashMap<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private boolean terminal;
  private String typed = "";

  public Cli(Path folder, Rooms rooms) {
    this.folder = folder;
    this.rooms = rooms;
  }

  /** With the real rooms behind it. */
  public static Cli ofTheHouse(Path folder) {
    return new Cli(folder, new House());
  }

  /** What a command left behind. */
  public record Result(int code, String out, String err) {}

  public Cli with(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  public Cli onTerminal() {
    terminal = true;
    return this;
  }

  /** On a terminal where somebody types that. */
  public Cli typing(String text) {
    typed = text;
    return onTerminal();
  }

  public Result run(String... args) {
    out.reset();
    err.reset();
    Env env =
        new Env(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            variables,
            folder,
            terminal,
            100,
            (name, action) -> {
              listening.put(name, action);
              return () -> listening.remove(name, action);
            },
            code -> {
              throw new AssertionError("the process would end with " + code);
            },
            new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)));
    int code = Main.run(args, env, rooms);
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** The same in a thread of its own: a command that waits must not hold the JDK's common pool. */
  public Future<Result> start(String... args) {
    FutureTask<Result> ended = new FutureTask<>(() -> run(args));
    Thread thread = new Thread(ended, "cli-" + args[0]);
    thread.setDaemon(true);
    thread.start();
    return ended;
  }

  /** What was said so far by a command that still runs. */
  public String said() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** Whether a command listens to the signal now. */
  public boolean hears(String signal) {
    return listening.containsKey(signal);
  }

  /** Sends the running command a signal, on the caller's thread. */
  public void signal(String name) {
    listening.get(name).run();
  }
}
