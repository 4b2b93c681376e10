package io.millrace.worker.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.MillraceException;
import io.millrace.project.ConfigProblem;
import io.millrace.worker.Env;
import io.millrace.worker.Opened;
import io.millrace.worker.Printable;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What a command tells: data on stdout, as text or as one JSON document; talk on stderr. Everything
 * passes the mask. Thread-safe for talk.
 */
final class Output {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Env env;
  private final boolean json;
  private final boolean quiet;
  private final boolean colours;
  private final ObjectNode document = JSON.createObjectNode();
  private volatile UnaryOperator<String> mask = UnaryOperator.identity();

  Output(String command, Env env, boolean json, boolean quiet, boolean colours) {
    this.env = env;
    this.json = json;
    this.quiet = quiet;
    this.colours = colours;
    document.put("version", 1).put("command", command).put("ok", false);
  }

  /** Secret values that {@code masker} knows are shown nowhere from now on. */
  void maskWith(UnaryOperator<String> masker) {
    mask = masker;
  }

  boolean json() {
    return json;
  }

  /**
   * The JSON document, for further fields. Shown at the end, and only with {@code --output json}.
   */
  ObjectNode document() {
    return document;
  }

  /** Data, in text mode. */
  void print(String text) {
    if (!json) {
      env.out().println(Printable.text(mask.apply(text)));
    }
  }

  /** Talk; silent with {@code --quiet}. */
  void say(String text) {
    if (!quiet) {
      env.err().println(Printable.text(shown(text)));
    }
  }

  /** Talk that {@code --quiet} does not silence: what went wrong. */
  void warn(String text) {
    env.err().println(Printable.text(shown(text)));
  }

  private String shown(String message) {
    return mask.apply(spelled(message));
  }

  /** A message with the commands in it as this user types them. */
  String spelled(String message) {
    return env.spelled(message);
  }

  /** The end of a command that failed: one sentence, and the document's {@code failure}. */
  void failed(String code, String message, Throwable trace) {
    if (!json) {
      warn(red(message));
    }
    ObjectNode failure = document.putObject("failure");
    failure.put("code", code).put("message", shown(message)).putNull("file").putNull("line");
    if (trace != null) {
      java.io.StringWriter text = new java.io.StringWriter();
      trace.printStackTrace(new java.io.PrintWriter(text));
      warn(text.toString());
    }
  }

  void failed(MillraceException e, boolean trace) {
    failed(e.failure().name(), e.getMessage(), trace ? e : null);
    if (e instanceof Opened.Refused refused) {
      ConfigProblem first = refused.problems().get(0);
      document.withObject("/failure").put("file", first.file()).put("line", first.line());
      list("problems", refused.problems());
    }
  }

  /** Something about the project's file, into the document. */
  void list(String field, List<ConfigProblem> problems) {
    ArrayNode array = document.putArray(field);
    for (ConfigProblem p : problems) {
      array
          .addObject()
          .put("file", p.file())
          .put("line", p.line())
          .put("column", p.column())
          .put("message", p.message())
          .put("advice", p.advice());
    }
  }

  /** The last word: the document. */
  void finish(boolean ok) {
    document.put("ok", ok);
    if (json) {
      try {
        env.out().println(mask.apply(JSON.writeValueAsString(document)));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      }
    }
    env.out().flush();
    env.err().flush();
  }

  String red(String text) {
    return colours ? "\u001b[31m" + text + "\u001b[0m" : text;
  }

  String bold(String text) {
    return colours ? "\u001b[1m" + text + "\u001b[0m" : text;
  }
}
