package io.millrace.project;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.millrace.project.shape.Defs;
import io.millrace.project.shape.Node;
import io.millrace.project.shape.Problems;
import io.millrace.project.shape.Spot;
import io.millrace.project.shape.YamlTree;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Reads a {@code millrace.yaml}, or a manifest, which is the same thing as JSON. Never throws for
 * what is in the file. Looks nothing up: references stay references. Thread-safe.
 */
public final class ProjectFile {
  private static final int MAX_BYTES = 16_000_000;

  private ProjectFile() {}

  /**
   * Reads the bytes of a file.
   *
   * @param fileName as problems shall call it
   */
  public static Reading read(byte[] utf8, String fileName) {
    if (utf8.length > MAX_BYTES) {
      return unreadable(
          fileName,
          "it is larger than " + MAX_BYTES + " bytes: " + utf8.length,
          "split the project");
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(utf8);
    CharBuffer out = CharBuffer.allocate(utf8.length + 1);
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      return unreadable(
          fileName,
          "it is not UTF-8: byte " + in.position() + " (from 0)",
          "save the file as UTF-8");
    }
    return read(out.flip().toString(), fileName);
  }

  private static Reading unreadable(String fileName, String why, String advice) {
    ConfigProblem problem =
        new ConfigProblem(fileName, 1, 1, "", "Cannot read the file: " + why, advice);
    return new Reading(null, null, List.of(problem), List.of(), List.of());
  }

  /**
   * Reads the text of a file.
   *
   * @param fileName as problems shall call it
   */
  public static Reading read(String text, String fileName) {
    Problems problems = new Problems(fileName, text);
    Project project = null;
    Manifest manifest = null;
    Node tree = YamlTree.read(text, problems);
    if (tree != null && !(tree instanceof Node.Fields)) {
      problems.hideSecrets(tree);
      problems.add(
          tree.place(), "Cannot read the project: expected a map", "begin with `project: a_name`");
    } else if (tree instanceof Node.Fields root) {
      problems.hideSecrets(root);
      Node.Fields replaced = Vars.replaced(root, problems);
      problems.hideSecrets(replaced);
      project = ProjectKeys.PROJECT.read(new Spot(Defaults.applied(replaced), "", problems));
      Checks.check(project, replaced, problems);
      manifest = Manifest.of(root);
    }
    boolean well = problems.problems().isEmpty();
    return new Reading(
        well ? project : null,
        well ? manifest : null,
        problems.problems(),
        problems.warnings(),
        problems.environment());
  }

  /**
   * The JSON Schema of the file, pretty-printed; checked in as {@code docs/millrace.schema.json}.
   */
  public static String jsonSchema() {
    try {
      return new ObjectMapper()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .writeValueAsString(Defs.schemaOf(ProjectKeys.PROJECT, "millrace.yaml"))
          + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // a tree can always be written
    }
  }

  /** The reference page of all keys, in Markdown; checked in below {@code docs/reference}. */
  public static String reference() {
    return ReferencePage.of(ProjectKeys.PROJECT);
  }
}
