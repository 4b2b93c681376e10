package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.Sha256;
import io.millrace.run.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The file that keeps the newest refresh token of a server that gives a new one each time and takes
 * no older one. Only its owner reads it. Who asks for a token holds the file's lock, so that the
 * workers of one machine use one token after the other.
 */
final class KeptToken {
  private static final long LOOK_MILLIS = 100;
  private static final long LARGEST = 1 << 16;

  private final Path file;

  /** Of the token of the configuration: another one there begins anew. */
  private final String first;

  KeptToken(Path file, String first) {
    this.file = file.toAbsolutePath();
    this.first = Sha256.of(first);
  }

  /** While it is open nobody else asks with what is kept. */
  final class Turn implements AutoCloseable {
    private final FileChannel channel;
    private final FileLock lock;
    private final Path next;

    private Turn(FileChannel channel, FileLock lock, Path next) {
      this.channel = channel;
      this.lock = lock;
      this.next = next;
    }

    /** {@code null} when the token of the configuration is the newest. */
    String newest() {
      try {
        if (Files.notExists(file)) {
          return null;
        }
        JsonNode kept =
            Files.size(file) > LARGEST ? null : Wire.mapper().readTree(Files.readAllBytes(file));
        String token = kept == null ? "" : kept.path("refresh_token").asText("");
        if (token.isEmpty()) {
          throw new MillraceException(
              Failure.CONFIG_INVALID,
              "Cannot read the newest refresh token: it is not a file of ours: "
                  + file
                  + " (name another `refresh_token_file`)");
        }
        return kept.path("follows").asText().equals(first) ? token : null;
      } catch (IOException e) {
        throw failed("read the newest refresh token", e);
      }
    }

    /** Survives a crash of the machine; whoever reads sees the old one or the new one. */
    void keep(String token) {
      ObjectNode json = Wire.mapper().createObjectNode();
      json.put("note", "the newest refresh token; `follows` is the sha-256 of the configured one");
      json.put("follows", first).put("refresh_token", token);
      try (FileChannel out = FileChannel.open(next, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(json.toString().getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        throw failed("keep the newest refresh token, and the one before may be used up", e);
      }
    }

    @Override
    public void close() {
      try (channel) {
        lock.release();
        Files.deleteIfExists(next);
      } catch (IOException e) {
        // an empty file stays beside it
      }
    }
  }

  /**
   * Waits for the others. What is needed to keep a new token is there before the old one is used
   * up.
   *
   * @param alive called while it waits
   */
  Turn turn(Runnable alive) {
    try {
      Path folder = Files.createDirectories(file.getParent());
      FileChannel channel =
          FileChannel.open(
              folder.resolve(file.getFileName() + ".lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      try {
        FileLock lock = lock(channel, alive);
        // only its owner reads a temporary file
        return new Turn(channel, lock, Files.createTempFile(folder, ".refresh", ".tmp"));
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw failed("keep refresh tokens", e);
    }
  }

  private static FileLock lock(FileChannel channel, Runnable alive) throws IOException {
    try {
      while (true) {
        try {
          FileLock lock = channel.tryLock();
          if (lock != null) {
            return lock;
          }
        } catch (OverlappingFileLockException e) {
          // another source of this process
        }
        alive.run();
        Pause.SLEEP.millis(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      throw Http.interrupted(e);
    }
  }

  private MillraceException failed(String verb, IOException e) {
    return new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot "
            + verb
            + ": "
            + e.getClass().getSimpleName()
            + ": "
            + file
            + " (`refresh_token_file` has to lie in a folder that we may write)",
        e);
  }
}
