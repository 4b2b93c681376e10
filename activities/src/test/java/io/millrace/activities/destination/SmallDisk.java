package io.millrace.activities.destination;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** A file system of a few megabytes, where we may mount one; tests are skipped where not. */
public final class SmallDisk implements AutoCloseable {
  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Mounted at an empty folder. */
  public static SmallDisk at(Path folder, int megabytes) throws IOException {
    Files.createDirectories(folder);
    String size = "size=" + megabytes + "m,mode=777";
    boolean mounted;
    try {
      mounted = run("mount", "-t", "tmpfs", "-o", size, "tmpfs", folder.toString());
    } catch (IOException e) {
      mounted = false;
    }
    Assumptions.assumeTrue(mounted, "no file system can be mounted here");
    return new SmallDisk(folder);
  }

  public Path folder() {
    return folder;
  }

  /** Leaves so many bytes free. */
  public void fill(long free) throws IOException {
    try (OutputStream out = Files.newOutputStream(folder.resolve("filler"))) {
      byte[] block = new byte[1 << 14];
      while (folder.toFile().getUsableSpace() > free + block.length) {
        out.write(block);
      }
    }
  }

  public void free() throws IOException {
    Files.delete(folder.resolve("filler"));
  }

  @Override
  public void close() throws IOException {
    run("umount", "-l", folder.toString());
  }

  private static boolean run(String... command) throws IOException {
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
