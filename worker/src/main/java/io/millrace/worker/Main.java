package io.millrace.worker;

import io.millrace.worker.command.Millrace;

/** The command line's entry. */
public final class Main {
  private Main() {}

  /**
   * Runs one command; everything it needs from the outside comes with {@code env}. Returns the exit
   * code and never ends the process.
   */
  public static int run(String[] args, Env env) {
    return run(args, env, new House());
  }

  /** The same with other rooms behind it, for tests. */
  static int run(String[] args, Env env, Rooms rooms) {
    return new Millrace(env, rooms).execute(args);
  }

  /** The process: threads that libraries left behind do not keep it alive. */
  public static void main(String[] args) {
    Env env = Env.ofProcess();
    int code = run(args, env);
    env.out().flush();
    env.err().flush();
    System.exit(code);
  }
}
