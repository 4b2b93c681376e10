package io.millrace.activities.staging;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.MillraceException;
import io.millrace.run.Carried;
import io.millrace.run.StagedRef;
import io.millrace.run.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The staging store of a project, in a folder of this host. Every attempt writes into a {@link
 * Draft} of its own and publishes a manifest; the first manifest under a key wins and never
 * changes. Small documents lie under their digest. Safe for many threads and processes.
 *
 * <pre>
 * documents/ab/{sha256}
 * loads/{asset}/{load id}/{kind}-{inputs}.json      published manifests
 * loads/{asset}/{load id}/attempt-{random}/…        their files, and those of attempts still running
 * </pre>
 */
public final class Staging {
  private final Path root;
  private final Path loads;
  private final Path documents;

  /**
   * @param root the project's staging folder; made when it is first written to
   */
  public Staging(Path root) {
    this.root = root.toAbsolutePath().normalize();
    this.loads = this.root.resolve("loads");
    this.documents = this.root.resolve("documents");
  }

  /** A private folder for one attempt at a step of a load. */
  public Draft draft(String asset, String loadId) {
    Path folder = loadFolder(asset, loadId).resolve("attempt-" + UUID.randomUUID());
    return new Draft(this, Disk.folder(folder));
  }

  /** What was published under a key; empty when nothing was or when it is damaged. */
  public Optional<Published> published(StageKey key) {
    Path manifest = manifest(key);
    try {
      Published found = read(manifest, Files.readAllBytes(manifest));
      return found.intact() ? Optional.of(found) : Optional.empty();
    } catch (IOException | MillraceException e) {
      return Optional.empty();
    }
  }

  /**
   * The raw segments of a load that are still there, each with all of its files, the one that came
   * last first; whether their content is unharmed shows when they are read.
   */
  public List<Published> raw(String asset, String loadId) {
    List<Published> found = new ArrayList<>();
    Path folder = loadFolder(asset, loadId);
    try (Stream<Path> entries = Files.list(folder)) {
      Map<Path, FileTime> came = new HashMap<>();
      for (Path entry : (Iterable<Path>) entries::iterator) {
        if (StageKey.isRaw(entry.getFileName().toString())) {
          came.put(entry, Files.getLastModifiedTime(entry));
        }
      }
      List<Path> manifests = new ArrayList<>(came.keySet());
      manifests.sort(Comparator.comparing((Path p) -> came.get(p)).reversed());
      for (Path manifest : manifests) {
        Published raw = read(manifest, Files.readAllBytes(manifest));
        raw.files().forEach(file -> raw.file(file.name()));
        found.add(raw);
      }
      return found;
    } catch (IOException | UncheckedIOException | MillraceException e) {
      return List.of(); // it is being removed, or a part of it is gone
    }
  }

  /** Opens what a pointer points to; {@code STAGING_LOST} when it is gone or damaged. */
  public Published open(StagedRef ref) {
    Path manifest = inside(ref);
    return read(manifest, content(ref, manifest));
  }

  /** Stages a small document under its digest; the same document is stored once. */
  public StagedRef document(byte[] bytes) {
    String sha256 = Digests.hex(Digests.sha256(bytes));
    Path folder = documents.resolve(sha256.substring(0, 2));
    Path path = folder.resolve(sha256);
    if (!touched(path, bytes)) {
      Path mine = Disk.folder(folder).resolve(sha256 + "." + UUID.randomUUID());
      Disk.write(mine, bytes);
      try {
        Files.move(mine, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        throw Disk.failed("stage a document", path, bytes.length, e);
      }
      Disk.sync(folder);
    }
    return new StagedRef(relative(path), sha256);
  }

  /** The same for JSON, keys sorted. */
  public StagedRef document(JsonNode json) {
    return document(Json.canonical(json));
  }

  /** The pointer to the document of that digest, whether it is there or not. */
  public static StagedRef documentRef(String sha256) {
    return new StagedRef("documents/" + sha256.substring(0, 2) + "/" + sha256, sha256);
  }

  /** A document's bytes; {@code STAGING_LOST} when they are gone or damaged. */
  public byte[] bytes(StagedRef ref) {
    Path path = inside(ref);
    byte[] bytes = content(ref, path);
    touched(path, bytes);
    return bytes;
  }

  /** A document that is JSON. */
  public JsonNode json(StagedRef ref) {
    try {
      return Json.parse(bytes(ref));
    } catch (IOException e) {
      throw Disk.lost("it is not JSON", inside(ref), e);
    }
  }

  /** The value as it travels: itself when it is small, else a staged reference. */
  public Carried carry(JsonNode json) {
    if (json == null) {
      return null;
    }
    byte[] bytes = Json.canonical(json);
    return bytes.length <= Carried.INLINE_BYTES
        ? Carried.of(json)
        : new Carried(null, document(bytes));
  }

  /** The value itself again; {@code null} gives {@code null}. */
  public JsonNode expand(Carried carried) {
    if (carried == null) {
      return null;
    }
    return carried.staged() == null ? carried.json() : json(carried.staged());
  }

  /** Notes that a load is committed: its {@code keep} begins now. */
  public void loaded(String asset, String loadId, Instant when) {
    Path folder = loadFolder(asset, loadId);
    try {
      Files.setLastModifiedTime(folder, FileTime.from(when));
    } catch (IOException e) {
      // gone already, or the sweep judges by the files' own times
    }
  }

  /**
   * Removes the loads that nobody needs and whose newest trace is older than {@code keep}, attempts
   * that died, and documents that were not used for {@code keep}. May run at any time, anywhere,
   * twice at once.
   *
   * @param loadNeeded by load id: in flight, parked or failed
   * @param documentNeeded by sha256
   */
  public void sweep(
      Instant now, Duration keep, Predicate<String> loadNeeded, Predicate<String> documentNeeded) {
    sweep(now, keep, loadNeeded, (asset, load) -> false, documentNeeded);
  }

  /**
   * The same, for assets with children.
   *
   * @param listNeeded by asset and load id: whether a child has not passed the load's list
   */
  public void sweep(
      Instant now,
      Duration keep,
      Predicate<String> loadNeeded,
      BiPredicate<String, String> listNeeded,
      Predicate<String> documentNeeded) {
    new Sweep(now, keep, loadNeeded, listNeeded, documentNeeded).run(loads, documents);
  }

  Published publish(StageKey key, Path attempt, List<Published.StagedFile> files, JsonNode body) {
    Path manifest = manifest(key);
    Path mine = attempt.resolve("manifest");
    Disk.write(mine, manifestOf(key, files, body));
    Disk.sync(attempt);
    for (int i = 0; i < 3; i++) {
      try {
        Files.createLink(manifest, mine); // atomic, and fails when another attempt was first
        Disk.sync(manifest.getParent());
      } catch (FileAlreadyExistsException e) {
        // the first one wins, when it can still be read
      } catch (IOException e) {
        throw Disk.failed("publish a manifest", manifest, 0, e);
      }
      Optional<Published> winner = published(key);
      if (winner.isPresent()) {
        unlink(mine); // the manifest keeps its own name
        return winner.get();
      }
      discard(manifest, attempt);
    }
    throw Disk.lost("what was published cannot be read back", manifest, null);
  }

  private static void unlink(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // a second name of the manifest harms nobody
    }
  }

  /** Moves a damaged manifest out of the way; a good one that came meanwhile is put back. */
  private void discard(Path manifest, Path attempt) {
    Path aside = attempt.resolve("damaged-" + UUID.randomUUID());
    try {
      Files.move(manifest, aside, StandardCopyOption.ATOMIC_MOVE);
      if (read(manifest, Files.readAllBytes(aside)).intact()) {
        Files.createLink(manifest, aside);
      }
    } catch (IOException | MillraceException e) {
      // gone, or damaged as we thought
    }
  }

  private byte[] manifestOf(StageKey key, List<Published.StagedFile> files, JsonNode body) {
    ObjectNode json = Wire.mapper().createObjectNode();
    json.put("asset", key.asset()).put("loadId", key.loadId()).put("kind", key.kind());
    ArrayNode list = json.putArray("files");
    for (Published.StagedFile file : files) {
      list.addObject()
          .put("name", file.name())
          .put("path", relative(file.path()))
          .put("size", file.size())
          .put("sha256", file.sha256());
    }
    json.set("body", body);
    return Json.canonical(json);
  }

  private Published read(Path manifest, byte[] bytes) {
    try {
      JsonNode json = Json.parse(bytes);
      List<Published.StagedFile> files = new ArrayList<>();
      for (JsonNode file : json.required("files")) {
        Path path = inside(new StagedRef(file.required("path").asText(), ""));
        files.add(
            new Published.StagedFile(
                file.required("name").asText(),
                path,
                file.required("size").asLong(),
                file.required("sha256").asText()));
      }
      StagedRef ref = new StagedRef(relative(manifest), Digests.hex(Digests.sha256(bytes)));
      return new Published(ref, json.required("body"), files);
    } catch (IOException | IllegalArgumentException e) {
      throw Disk.lost("it is not a manifest", manifest, e);
    }
  }

  private byte[] content(StagedRef ref, Path path) {
    try {
      byte[] bytes = Files.readAllBytes(path);
      if (!Digests.hex(Digests.sha256(bytes)).equals(ref.sha256())) {
        throw Disk.lost("its content has changed", path, null);
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw Disk.lost("it is missing", path, e);
    } catch (IOException e) {
      throw Disk.lost("it cannot be read", path, e);
    }
  }

  /** Whether the document is there unharmed; then it counts as used now. */
  private boolean touched(Path path, byte[] bytes) {
    try {
      Files.setLastModifiedTime(path, FileTime.from(Instant.now()));
      return java.util.Arrays.equals(Files.readAllBytes(path), bytes);
    } catch (IOException e) {
      return false;
    }
  }

  /** A pointer's path comes from a payload: it must not leave the folder. */
  private Path inside(StagedRef ref) {
    Path path = root.resolve(ref.path()).normalize();
    if (!path.startsWith(root)) {
      throw Disk.lost("the pointer leads out of the staging folder", path, null);
    }
    return path;
  }

  private String relative(Path path) {
    return root.relativize(path).toString().replace('\\', '/');
  }

  private Path loadFolder(String asset, String loadId) {
    return loads.resolve(Names.encode(asset)).resolve(Names.encode(loadId));
  }

  private Path manifest(StageKey key) {
    return loadFolder(key.asset(), key.loadId()).resolve(key.fileName());
  }
}
