package io.millrace.activities.staging;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Compresses the frames of a raw segment, on as many threads as pack at the same time: each borrows
 * what zstd needs, which costs a good part of a small page to make. Thread-safe.
 */
final class Packers implements AutoCloseable {
  private static final int LEVEL = 1; // the network is slower than any level; 1 costs least CPU

  private final Queue<Packer> idle = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  /** What one thread needs; {@code target} has room for the largest frame. */
  private static final class Packer {
    final ZstdCompressCtx zstd = new ZstdCompressCtx().setLevel(LEVEL).setChecksum(true);
    byte[] target = new byte[0];
  }

  /** The frames of a page, none when it is empty. */
  List<byte[]> frames(byte[] body, int offset, int length) {
    if (length == 0) {
      return List.of();
    }
    Packer packer = idle.poll();
    packer = packer == null ? new Packer() : packer;
    try {
      return length <= RawFile.FRAME
          ? Collections.singletonList(frame(packer, body, offset, length))
          : several(packer, body, offset, length);
    } finally {
      idle.add(packer);
      if (closed) {
        close(); // who closed did not see this one
      }
    }
  }

  private static List<byte[]> several(Packer packer, byte[] body, int offset, int length) {
    List<byte[]> frames = new ArrayList<>(length / RawFile.FRAME + 1);
    for (int from = 0; from < length; from += RawFile.FRAME) {
      int part = Math.min(RawFile.FRAME, length - from);
      frames.add(frame(packer, body, offset + from, part));
    }
    return frames;
  }

  private static byte[] frame(Packer packer, byte[] body, int offset, int length) {
    int bound = (int) Zstd.compressBound(length);
    if (packer.target.length < bound) {
      packer.target = new byte[bound];
    }
    byte[] target = packer.target;
    int packed = packer.zstd.compressByteArray(target, 0, target.length, body, offset, length);
    return Arrays.copyOf(target, packed);
  }

  @Override
  public void close() {
    closed = true;
    for (Packer packer = idle.poll(); packer != null; packer = idle.poll()) {
      packer.zstd.close();
    }
  }
}
