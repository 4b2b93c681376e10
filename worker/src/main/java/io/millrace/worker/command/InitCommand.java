package io.millrace.worker.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.worker.Logging;
import io.millrace.worker.init.Auth;
import io.millrace.worker.init.OpenApiStart;
import io.millrace.worker.init.RestStart;
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
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code init}: writes a project that runs as it is, for the user to change. Never replaces a file.
 */
@CommandLine.Command(
    name = "init",
    description = "Write a runnable project with comments.",
    footer = {
      "",
      "  millrace init rest --url https://api.example.com/v1/orders",
      "  millrace init openapi openapi.yaml --dir shop"
    })
final class InitCommand extends Command {
  private static final int LONGEST_NAME = 40;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "rest|openapi|files|sql",
      description =
          "what it loads: a REST API, the API of an OpenAPI document, or files of JSON lines"
              + " (default: rest)")
  private Kind kind = Kind.rest;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "openapi: the document, JSON or YAML")
  private Path document;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "rest: the address of a list; asked a few times to find records, pages and keys"
              + " (default: a public API)")
  private String url;

  @Option(names = "--dir", paramLabel = "DIR", description = "where to write (default: here)")
  private Path dir;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "the source's name (default: told by the address or the document)")
  private String name;

  @Option(
      names = "--auth",
      paramLabel = "none|bearer|api_key|basic",
      description =
          "rest with --url: how to prove who asks; the secret is read from NAME_TOKEN, NAME_API_KEY,"
              + " or NAME_USERNAME and NAME_PASSWORD")
  private Auth auth = Auth.none;

  /** The names are what the user types. */
  enum Kind {
    rest,
    openapi,
    files,
    sql
  }

  InitCommand(Millrace millrace) {
    super(millrace);
  }

  @Override
  int run(Output out) {
    refuseWhatDoesNotBelong();
    Path folder = env().folder().resolve(dir == null ? Path.of("") : dir).normalize();
    Path project = folder.resolve(Millrace.FILE);
    if (Files.exists(project)) {
      refuse(project); // before anybody is asked anything
    }
    Map<Path, byte[]> files = files(folder, out);
    files.keySet().stream().filter(Files::exists).findFirst().ifPresent(InitCommand::refuse);
    files.forEach(InitCommand::write);
    var written = out.document().putArray("files");
    for (Path file : files.keySet()) {
      written.add(file.toString());
      out.print("Wrote " + (dir == null ? folder : env().folder()).relativize(file));
    }
    String there = dir == null ? "" : " -c " + dir;
    out.document().put("next", env().command() + " run" + there);
    out.say("");
    out.say("Next:  " + env().command() + " run" + there + "      loads it");
    out.say("       " + env().command() + " tables" + there + "   shows what is there");
    return 0;
  }

  private void refuseWhatDoesNotBelong() {
    boolean live = kind == Kind.rest && url != null;
    String wrong =
        url != null && kind != Kind.rest
            ? "--url"
            : auth != Auth.none && !live
                ? "--auth"
                : name != null && !live && kind != Kind.openapi
                    ? "--name"
                    : document != null && kind != Kind.openapi ? document.toString() : null;
    if (wrong != null) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot write a project of kind "
              + kind
              + ": this does not belong to it: "
              + wrong
              + " (`millrace init --help` says what does)");
    }
  }

  private Map<Path, byte[]> files(Path folder, Output out) {
    Map<Path, byte[]> files = new LinkedHashMap<>();
    String project = name(folder);
    switch (kind) {
      case rest ->
          files.put(
              folder.resolve(Millrace.FILE),
              url == null ? template("rest.yaml", project) : fromUrl(project, out));
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
                  + " (rest, openapi and files are)");
      case openapi -> files.put(folder.resolve(Millrace.FILE), fromDocument(project, out));
    }
    return files;
  }

  private byte[] fromUrl(String project, Output out) {
    millrace.logging(Logging.Volume.QUIET);
    ArrayNode warnings = out.document().putArray("warnings");
    Consumer<String> warn =
        text -> {
          out.warn(out.red(text));
          warnings.add(text);
        };
    RestStart start = new RestStart(rooms(), env().variables(), out::say, warn, out::maskWith);
    return start.project(url, project, name, auth).getBytes(StandardCharsets.UTF_8);
  }

  private byte[] fromDocument(String project, Output out) {
    if (document == null) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot write a project from an OpenAPI document: none is named (`millrace init openapi FILE`)");
    }
    Path file = env().folder().resolve(document);
    return new OpenApiStart(file, name).project(project, out::say).getBytes(StandardCharsets.UTF_8);
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
