package io.millrace.activities.staging;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

/**
 * The bytes of a part of a file that was pointed at, not copied. The file must be what it was then,
 * before the first byte and after the last.
 */
final class FileRange extends InputStream {
  private final RawFile.RangeHeader range;
  private final Path file;
  private final FileChannel channel;
  private long position;

  FileRange(RawFile.RangeHeader range) throws IOException {
    this.range = range;
    this.file = Path.of(range.path());
    this.position = range.from();
    if (range.from() < 0 || range.from() > range.to() || range.to() > range.size()) {
      throw changed("it has no bytes " + range.from() + " to " + range.to(), null);
    }
    unchanged();
    try {
      this.channel = FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw changed("it is gone", e);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    long left = range.to() - position;
    if (left == 0) {
      unchanged();
      return -1;
    }
    int wanted = (int) Math.min(left, length);
    int n = channel.read(ByteBuffer.wrap(bytes, offset, wanted), position);
    if (n < 0) {
      throw changed("it ends at byte " + position + " instead of " + range.size(), null);
    }
    position += n;
    return n;
  }

  @Override
  public int available() {
    return (int) Math.min(Integer.MAX_VALUE, range.to() - position);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Fails when the file is no longer what it was; also for a reader that stops early. */
  void unchanged() throws IOException {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      if (now.size() != range.size()) {
        throw changed("it has " + now.size() + " bytes instead of " + range.size(), null);
      }
      if (now.lastModifiedTime().to(TimeUnit.NANOSECONDS) != range.mtimeNanos()) {
        throw changed("it was written at " + now.lastModifiedTime(), null);
      }
    } catch (NoSuchFileException e) {
      throw changed("it is gone", e);
    }
  }

  private MillraceException changed(String how, IOException cause) {
    return new MillraceException(
        Failure.SOURCE_CHANGED,
        "Cannot read a file: it changed during the run: "
            + how
            + ": "
            + file
            + " (write it under another name and move it into the folder when it is complete, then"
            + " run again)",
        cause);
  }
}
