package io.millrace.activities.staging;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.function.BiConsumer;

/**
 * A staged file while it is written: counts, digests, and names the path when the disk is full.
 * Closing makes it durable. Every failure is a {@code STAGING_FAILED}, never an {@code
 * IOException}.
 */
final class StagedOutput extends OutputStream {
  private final Path path;
  private final FileChannel channel;
  private final BiConsumer<Long, String> closed;
  private final MessageDigest digest = Digests.sha256();
  private final byte[] buffer = new byte[64 * 1024];
  private int buffered;
  private long size;
  private boolean open = true;

  /**
   * @param closed gets the size and the sha256 when the file is complete
   */
  StagedOutput(Path path, FileChannel channel, BiConsumer<Long, String> closed) {
    this.path = path;
    this.channel = channel;
    this.closed = closed;
  }

  @Override
  public void write(int b) {
    if (buffered == buffer.length) {
      flush();
    }
    buffer[buffered++] = (byte) b;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    if (length > buffer.length - buffered) {
      flush();
    }
    if (length > buffer.length) {
      push(bytes, offset, length);
    } else {
      System.arraycopy(bytes, offset, buffer, buffered, length);
      buffered += length;
    }
  }

  @Override
  public void flush() {
    int length = buffered;
    buffered = 0;
    push(buffer, 0, length);
  }

  private void push(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
    size += length;
    ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length);
    try {
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
    } catch (IOException e) {
      throw Disk.failed("stage " + length + " bytes", path, rest.remaining(), e);
    }
  }

  @Override
  public void close() {
    if (!open) {
      return;
    }
    open = false;
    try (channel) {
      flush();
      channel.force(true);
    } catch (IOException e) {
      throw Disk.failed("stage the file", path, size, e);
    }
    closed.accept(size, Digests.hex(digest.digest()));
  }
}
