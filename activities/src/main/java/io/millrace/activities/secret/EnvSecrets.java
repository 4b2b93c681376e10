package io.millrace.activities.secret;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.project.Text;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Secrets from the environment and from files beside the project. */
public final class EnvSecrets implements Secrets {
  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\{(env|file):([^}]*?)(?::-([^}]*))?}|\\$\\{([^}]*)}?");

  private static final long LARGEST_FILE = 1 << 20;

  private final Map<String, String> environment;
  private final Path projectDir;
  private final Mask mask = new Mask();

  /**
   * @param projectDir folder of the project's file: paths of {@code ${file:…}} begin there
   */
  public EnvSecrets(Map<String, String> environment, Path projectDir) {
    this.environment = Map.copyOf(environment);
    this.projectDir = projectDir;
  }

  @Override
  public String resolve(Text text) {
    return replace(text, value -> {});
  }

  @Override
  public String resolveSecret(Text text) {
    if (!text.hasReferences()) {
      mask.add(text.raw());
    }
    return replace(text, mask::add);
  }

  @Override
  public Path path(Text text) {
    return projectDir.resolve(resolve(text));
  }

  @Override
  public String mask(String message) {
    return mask.apply(message);
  }

  @Override
  public void remember(String value) {
    mask.addPassing(value);
  }

  /** Never the values. */
  @Override
  public String toString() {
    return "EnvSecrets";
  }

  private String replace(Text text, Consumer<String> seen) {
    if (!text.hasReferences()) {
      return text.raw();
    }
    Matcher reference = REFERENCE.matcher(text.raw());
    StringBuilder out = new StringBuilder();
    while (reference.find()) {
      String value = value(reference);
      seen.accept(value);
      reference.appendReplacement(out, Matcher.quoteReplacement(value));
    }
    return reference.appendTail(out).toString();
  }

  private String value(Matcher reference) {
    if (reference.group(1) == null) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot resolve a reference: only env, file and vars are known: "
              + reference.group()
              + " (write ${env:NAME}, ${env:NAME:-default}, ${file:path} or ${vars.name})");
    }
    String name = reference.group(2);
    return reference.group(1).equals("env")
        ? variable(reference.group(), name, reference.group(3))
        : file(reference.group(), name);
  }

  private String variable(String reference, String name, String otherwise) {
    String value = environment.get(name);
    if (value != null && !value.isEmpty()) {
      return value;
    }
    if (otherwise != null) {
      return otherwise;
    }
    throw missing(
        reference,
        value == null ? "the environment variable is not set" : "the environment variable is empty",
        "export " + name + "=…, or give a default: ${env:" + name + ":-…}",
        null);
  }

  private String file(String reference, String name) {
    Path path = projectDir.resolve(name);
    try {
      if (Files.size(path) > LARGEST_FILE) {
        throw missing(reference, "the file is larger than 1 MiB", "check the path " + path, null);
      }
      String value = Files.readString(path, StandardCharsets.UTF_8);
      return value.endsWith("\r\n")
          ? value.substring(0, value.length() - 2)
          : value.endsWith("\n") ? value.substring(0, value.length() - 1) : value;
    } catch (MalformedInputException e) {
      throw missing(reference, "the file is not UTF-8 text", "check the path " + path, e);
    } catch (IOException e) {
      throw missing(
          reference,
          Files.exists(path) ? "the file cannot be read" : "there is no such file",
          "write the value into " + path,
          e);
    }
  }

  private static MillraceException missing(
      String reference, String why, String remedy, IOException cause) {
    return new MillraceException(
        Failure.SECRET_MISSING,
        "Cannot resolve a reference: " + why + ": " + reference + " (" + remedy + ")",
        cause);
  }
}
