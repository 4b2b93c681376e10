package io.millrace.worker;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * One at a time: a lock on a file, which the operating system gives back when its holder dies. The
 * file says who holds it. Embedded runs of a project share {@link #of}.
 */
public final class RunLock implements AutoCloseable {
  private static final long TRY_AGAIN_MILLIS = 100;
  private static final int LONGEST_NOTE = 200;

  /**
   * The lock is on a byte that is never written: on some systems a locked byte cannot be read by
   * others.
   */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private final FileChannel channel;

  private RunLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Where the lock of a project lies. */
  public static Path of(Path projectFolder) {
    return projectFolder.resolve(".millrace").resolve("lock");
  }

  /** The lock, or {@code ALREADY_RUNNING} at once. */
  public static RunLock take(Path file, String holder) {
    return take(
        file, holder, "run the project", "wait for it, or leave out --on-running fail to do so");
  }

  /**
   * The same for other work.
   *
   * @param what the sentence after "Cannot"
   * @param advice what to do instead
   */
  public static RunLock take(Path file, String holder, String what, String advice) {
    RunLock lock = tryTake(file, holder);
    if (lock == null) {
      throw new MillraceException(
          Failure.ALREADY_RUNNING,
          "Cannot " + what + ": it is already running: " + heldBy(file) + " (" + advice + ")");
    }
    return lock;
  }

  /**
   * The lock, as soon as it is free; {@code CANCELLED} when {@code givenUp} turns true first.
   *
   * @param waiting told once, when the lock is not free
   */
  public static RunLock await(
      Path file, String holder, Consumer<String> waiting, BooleanSupplier givenUp) {
    boolean told = false;
    while (!givenUp.getAsBoolean()) {
      RunLock lock = tryTake(file, holder);
      if (lock != null) {
        return lock;
      }
      if (!told) {
        waiting.accept("Waiting for another run of this project to end: " + heldBy(file));
        told = true;
      }
      try {
        Thread.sleep(TRY_AGAIN_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    throw new MillraceException(
        Failure.CANCELLED, "Stopped while waiting for another run of this project");
  }

  private static RunLock tryTake(Path file, String holder) {
    try {
      Files.createDirectories(file.getParent());
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock held = null;
      try {
        held = channel.tryLock(LOCKED_BYTE, 1, false);
      } catch (OverlappingFileLockException e) {
        // held by this very process
      } finally {
        if (held == null) {
          channel.close();
        }
      }
      if (held == null) {
        return null;
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((holder + "\n").getBytes(StandardCharsets.UTF_8)), 0);
      return new RunLock(channel);
    } catch (IOException e) {
      throw new MillraceException(
          Failure.STAGING_FAILED,
          "Cannot lock the project: "
              + e.getMessage()
              + ": "
              + file
              + " (the project's folder must be writable)",
          e);
    }
  }

  private static String heldBy(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer note = ByteBuffer.allocate(LONGEST_NOTE);
      channel.read(note, 0);
      String text = new String(note.array(), 0, note.position(), StandardCharsets.UTF_8).strip();
      return text.isEmpty() ? "another process" : text;
    } catch (IOException e) {
      return "another process";
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
