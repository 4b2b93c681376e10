package io.millrace.activities.extract.files;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * The files below a folder whose names match, as Python's {@code glob} has it (and so dlt): {@code
 * *} and {@code ?} within a name, {@code [a-c]}, {@code [!x]}, {@code **} for any folders, and no
 * hidden names unless they are written out. Links that lead out of the folder are not followed.
 */
final class Glob {
  private final Path folder;
  private final Path real;
  private final List<String> parts;

  Glob(Path folder, String glob) throws IOException {
    this.folder = folder;
    this.real = folder.toRealPath();
    this.parts =
        Arrays.stream(glob.split("/"))
            .filter(part -> !part.isEmpty() && !part.equals("."))
            .toList();
    if (glob.startsWith("/") || parts.contains("..")) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot list files: `file_glob` leaves the folder: "
              + glob
              + " (write it relative to `bucket_url`, without ..)");
    }
  }

  /** Names relative to the folder, with {@code /}, sorted. */
  SortedSet<String> files() throws IOException {
    SortedSet<String> found = new TreeSet<>();
    walk(folder, "", 0, found);
    return found;
  }

  private void walk(Path here, String name, int part, SortedSet<String> found) throws IOException {
    if (part == parts.size()) {
      return;
    }
    boolean last = part == parts.size() - 1;
    if (parts.get(part).equals("**")) {
      if (last) {
        descend(here, name, part, found, true);
      } else {
        walk(here, name, part + 1, found);
        descend(here, name, part, found, false);
      }
      return;
    }
    Pattern pattern = pattern(parts.get(part));
    boolean hidden = parts.get(part).startsWith(".");
    for (Path entry : entries(here)) {
      String own = entry.getFileName().toString();
      if ((hidden || !own.startsWith(".")) && pattern.matcher(own).matches() && inside(entry)) {
        if (last && Files.isRegularFile(entry)) {
          found.add(name + own);
        } else if (!last && Files.isDirectory(entry)) {
          walk(entry, name + own + "/", part + 1, found);
        }
      }
    }
  }

  /** Into every folder, with the same {@code **} still open; links to folders could be circles. */
  private void descend(Path here, String name, int part, SortedSet<String> found, boolean files)
      throws IOException {
    for (Path entry : entries(here)) {
      String own = entry.getFileName().toString();
      if (own.startsWith(".")) {
        continue;
      }
      if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
        walk(entry, name + own + "/", part, found);
      } else if (files && Files.isRegularFile(entry) && inside(entry)) {
        found.add(name + own);
      }
    }
  }

  private boolean inside(Path entry) {
    try {
      return !Files.isSymbolicLink(entry) || entry.toRealPath().startsWith(real);
    } catch (IOException e) {
      return false; // a link to nothing
    }
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }

  private static Pattern pattern(String part) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      int end = c == '[' ? classEnd(part, i) : -1;
      if (c == '*') {
        regex.append(".*");
      } else if (c == '?') {
        regex.append('.');
      } else if (end > 0) {
        String inner = part.substring(i + 1, end);
        boolean not = inner.startsWith("!");
        String members = (not ? inner.substring(1) : inner).replaceAll("[\\\\\\[\\]^&]", "\\\\$0");
        regex.append(not ? "[^" : "[").append(members).append(']');
        i = end;
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    try {
      return Pattern.compile(regex.toString(), Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      return Pattern.compile(Pattern.quote(part)); // [z-a] matches nothing else
    }
  }

  /** Where a class of characters ends; a bracket right after its start belongs to it. */
  private static int classEnd(String part, int start) {
    int from = start + 1;
    from += from < part.length() && part.charAt(from) == '!' ? 1 : 0;
    from += from < part.length() && part.charAt(from) == ']' ? 1 : 0;
    return part.indexOf(']', from);
  }
}
