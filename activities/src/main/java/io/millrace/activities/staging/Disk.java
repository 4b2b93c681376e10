package io.millrace.activities.staging;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Files that only their owner reads, and the sentences for when the disk will not. */
final class Disk {
  private static final boolean POSIX =
      java.nio.file.FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  private Disk() {}

  static Path folder(Path folder) {
    try {
      return Files.createDirectories(folder, owner("rwx------"));
    } catch (IOException e) {
      throw failed("make the folder", folder, 0, e);
    }
  }

  /** A new file, mode 0600; fails when there is one. */
  static FileChannel create(Path file) throws IOException {
    Set<OpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return FileChannel.open(file, options, owner("rw-------"));
  }

  /** Writes a whole new file so that it survives a crash of the machine. */
  static void write(Path file, byte[] bytes) {
    try (FileChannel channel = create(file);
        OutputStream out = Channels.newOutputStream(channel)) {
      out.write(bytes);
      channel.force(true);
    } catch (IOException e) {
      throw failed("stage " + bytes.length + " bytes", file, bytes.length, e);
    }
  }

  /** A file that is complete, forced to disk and with its digest. */
  static Published.StagedFile measure(String name, Path file) {
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        DigestInputStream in =
            new DigestInputStream(Channels.newInputStream(channel), Digests.sha256())) {
      long size = in.transferTo(OutputStream.nullOutputStream());
      channel.force(true);
      return new Published.StagedFile(
          name, file, size, Digests.hex(in.getMessageDigest().digest()));
    } catch (IOException e) {
      throw failed("stage a file", file, 0, e);
    }
  }

  /** Makes the names in a folder survive a crash of the machine, where the system can do that. */
  static void sync(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows cannot open a folder; what is lost then is fetched again
    }
  }

  /** Everything below a folder, and the folder; what is gone already is fine. */
  static void remove(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      // somebody else removed it
    } catch (IOException | java.io.UncheckedIOException e) {
      // the next sweep tries again
    }
  }

  static MillraceException failed(String verb, Path path, long needed, IOException e) {
    return new MillraceException(
        Failure.STAGING_FAILED,
        "Cannot "
            + verb
            + ": "
            + reason(e)
            + ": "
            + path
            + " ("
            + (needed > 0 ? "needs " + needed + " bytes, " : "")
            + free(path)
            + "free some space there, give the folder write permission or set `staging.dir`)",
        e);
  }

  static MillraceException lost(String what, Path path, Throwable cause) {
    return new MillraceException(
        Failure.STAGING_LOST,
        "Cannot read staged data: " + what + ": " + path + " (it is made again)",
        cause);
  }

  private static String reason(IOException e) {
    if (e instanceof FileSystemException f) {
      return f.getReason() == null ? e.getClass().getSimpleName() : f.getReason();
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static String free(Path path) {
    for (Path p = path.toAbsolutePath(); p != null; p = p.getParent()) {
      if (Files.exists(p)) {
        try {
          return Files.getFileStore(p).getUsableSpace() + " are free; ";
        } catch (IOException e) {
          return "";
        }
      }
    }
    return "";
  }

  private static FileAttribute<?>[] owner(String mode) {
    return POSIX
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }
}
