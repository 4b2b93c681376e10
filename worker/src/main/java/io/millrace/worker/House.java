package io.millrace.worker;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.util.Map;

/** The real rooms, wired together. */
final class House implements Rooms {
  @Override
  public Engine engine(Opened project, Map<String, String> variables) {
    throw new MillraceException(Failure.INTERNAL, "Cannot start the engine: it is not built yet");
  }
}
