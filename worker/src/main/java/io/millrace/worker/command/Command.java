package io.millrace.worker.command;

import io.millrace.MillraceException;
import io.millrace.worker.Env;
import io.millrace.worker.Rooms;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command: does its work against an {@link Output} and says how it ended. */
abstract class Command implements Callable<Integer> {
  /** The options that all commands share. */
  protected final Millrace millrace;

  @Spec private CommandSpec spec;

  Command(Millrace millrace) {
    this.millrace = millrace;
  }

  /**
   * The work. Returns the exit code; a {@link MillraceException} is told and becomes its failure's.
   */
  abstract int run(Output out);

  @Override
  public final Integer call() {
    Output out = millrace.output(spec.qualifiedName(" ").replaceFirst("^millrace ", ""));
    int code;
    try {
      code = run(out);
    } catch (MillraceException e) {
      out.failed(e, millrace.traces());
      code = e.failure().exitCode();
    }
    out.finish(fine(code));
    return code;
  }

  /** Whether an exit code means that all went well. */
  boolean fine(int code) {
    return code == 0;
  }

  Env env() {
    return millrace.env();
  }

  Rooms rooms() {
    return millrace.rooms();
  }
}
