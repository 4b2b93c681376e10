package io.millrace.activities.staging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One cleaning of a staging folder. What cannot be judged or removed now is left for the next. */
final class Sweep {
  /** No attempt writes nothing for so long: requests end after minutes, segments after one. */
  private static final Duration ATTEMPT_LIFE = Duration.ofHours(6);

  private static final Pattern ATTEMPT = Pattern.compile("/(attempt-[0-9a-f-]{36})/");

  private final Instant unused;
  private final Instant dead;
  private final Predicate<String> loadNeeded;
  private final BiPredicate<String, String> listNeeded;
  private final Predicate<String> documentNeeded;

  Sweep(
      Instant now,
      Duration keep,
      Predicate<String> loadNeeded,
      BiPredicate<String, String> listNeeded,
      Predicate<String> documentNeeded) {
    this.listNeeded = listNeeded;
    this.unused = now.minus(keep);
    this.dead = now.minus(ATTEMPT_LIFE);
    this.loadNeeded = loadNeeded;
    this.documentNeeded = documentNeeded;
  }

  void run(Path loads, Path documents) {
    for (Path asset : list(loads)) {
      String parent = StageKey.parentOf(Names.decode(asset.getFileName().toString()));
      for (Path load : list(asset)) {
        String id = Names.decode(load.getFileName().toString());
        boolean needed = parent == null ? loadNeeded.test(id) : listNeeded.test(parent, id);
        if (!needed && newest(load).isBefore(unused)) {
          Disk.remove(load);
        } else {
          attempts(load);
        }
      }
    }
    for (Path folder : list(documents)) {
      for (Path document : list(folder)) {
        String sha256 = document.getFileName().toString().split("\\.", 2)[0];
        if (!documentNeeded.test(sha256) && newest(document).isBefore(unused)) {
          Disk.remove(document);
        }
      }
    }
  }

  /** Attempts that no manifest names and that are silent for long were killed. */
  private void attempts(Path load) {
    Set<String> published = new HashSet<>();
    List<Path> entries = list(load);
    for (Path entry : entries) {
      if (Files.isRegularFile(entry)) {
        try {
          Matcher named = ATTEMPT.matcher(Files.readString(entry));
          while (named.find()) {
            published.add(named.group(1));
          }
        } catch (IOException e) {
          return; // without all manifests nothing here can be judged
        }
      }
    }
    for (Path entry : entries) {
      boolean attempt = entry.getFileName().toString().startsWith("attempt-");
      if (attempt
          && !published.contains(entry.getFileName().toString())
          && newest(entry).isBefore(dead)) {
        Disk.remove(entry);
      }
    }
  }

  private static Instant newest(Path path) {
    try (Stream<Path> all = Files.walk(path)) {
      Instant newest = Instant.MIN;
      for (Path p : (Iterable<Path>) all::iterator) {
        Instant time = Files.getLastModifiedTime(p).toInstant();
        newest = time.isAfter(newest) ? time : newest;
      }
      return newest;
    } catch (IOException | java.io.UncheckedIOException e) {
      return Instant.MAX; // it changes under our eyes, so it is in use
    }
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}
