package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/**
 * {@code init}: writes a project that runs as it is, for the user to change. Never replaces a file.
 */
@CommandLine.Command(
    name = "init",
    description = "Write a runnable project with comments into this folder.")
final class InitCommand extends Command {
  private static final int LONGEST_NAME = 40;

  @Parameters(
      arity = "0..1",
      paramLabel = "rest|files|sql",
      description = "what it loads: a public API, or files of JSON lines (default: rest)")
  private Kind kind = Kind.rest;

  /** The names are what the user types. */
  enum Kind {
    rest,
    files,
    sql
  }

  InitCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    Path folder = env().folder();
    Map<Path, byte[]> files = files(folder);
    files.keySet().stream().filter(Files::exists).findFirst().ifPresent(InitCommand::refuse);
    files.forEach(InitCommand::write);
    var written = out.document().putArray("files");
    for (Path file : files.keySet()) {
      written.add(file.toString());
      out.print("Wrote " + folder.relativize(file));
    }
    out.document().put("next", env().command() + " run");
    out.say("");
    out.say("Next:  " + env().command() + " run      loads it");
    out.say("       " + env().command() + " tables   shows what is there");
    return 0;
  }

  private Map<Path, byte[]> files(Path folder) {
    Map<Path, byte[]> files = new LinkedHashMap<>();
    String project = name(folder);
    switch (kind) {
      case rest -> files.put(folder.resolve(Millrace.FILE), template("rest.yaml", project));
      case files -> {
        files.put(folder.resolve(Millrace.FILE), template("files.yaml", project));
        files.put(
            folder.resolve("data").resolve("visits").resolve("2026-03-01.jsonl"),
            template("visits.jsonl", project));
      }
      case sql ->
          throw new MillraceException(
              Failure.CONFIG_INVALID,
              "Cannot write a project of kind sql: reading from SQL databases is not built yet"
                  + " (rest and files are)");
    }
    return files;
  }

  /** The folder's name as a project's name. */
  static String name(Path folder) {
    Path last = folder.getFileName();
    String name = last == null ? "" : last.toString().toLowerCase(Locale.ROOT);
    name = name.replaceAll("[^a-z0-9_-]+", "_").replaceAll("^[^a-z]+", "");
    name = name.substring(0, Math.min(name.length(), LONGEST_NAME));
    return name.isEmpty() ? "project" : name;
  }

  private static byte[] template(String name, String project) {
    try (InputStream template = InitCommand.class.getResourceAsStream("init/" + name)) {
      String text = new String(template.readAllBytes(), StandardCharsets.UTF_8);
      return text.replace("@project@", project).getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new MillraceException(Failure.INTERNAL, "Cannot read the template " + name, e);
    }
  }

  private static void write(Path file, byte[] content) {
    try {
      Files.createDirectories(file.getParent());
      // fails when somebody was faster than we: it is theirs then
      Files.write(file, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      refuse(file);
    } catch (IOException e) {
      throw new MillraceException(
          Failure.STAGING_FAILED,
          "Cannot write "
              + file
              + ": "
              + e.getMessage()
              + " (run init in a folder that you may write to)",
          e);
    }
  }

  private static void refuse(Path file) {
    throw new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot write the project: the file is there already: "
            + file
            + " (move it away, or run init in another folder)");
  }
}
