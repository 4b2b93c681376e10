package io.millrace.activities.staging;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.millrace.run.Wire;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.zip.CRC32C;

/**
 * The pages of a raw segment, one after the other. Only the newest page can be read; going on reads
 * what is left of it, so that damage never goes unnoticed. Damage is {@code STAGING_LOST}, a
 * changed file of the source {@code SOURCE_CHANGED}, both thrown from wherever they are met. Not
 * thread-safe.
 */
public final class RawFileReader implements Iterator<RawPage>, Closeable {
  private static final int MAX_PACKED = (int) Zstd.compressBound(RawFile.FRAME);

  private final Path path;
  private final DataInputStream in;
  private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
  private InputStream body;
  private RawPage next;
  private boolean ended;
  private long pages;

  /** Opens the raw segment that a fetch published. */
  public static RawFileReader open(Published raw) {
    Published.StagedFile file = raw.file(RawFile.NAME);
    return new RawFileReader(file.path(), raw.open(RawFile.NAME));
  }

  RawFileReader(Path path, InputStream in) {
    this.path = path;
    this.in = new DataInputStream(new BufferedInputStream(in, 64 * 1024));
    try {
      if (this.in.readLong() != RawFile.MAGIC) {
        throw Disk.lost("it is not a raw segment", path, null);
      }
    } catch (IOException e) {
      throw Disk.lost("it ends too early", path, e);
    }
  }

  @Override
  public boolean hasNext() {
    if (next == null && !ended) {
      try {
        next = advance();
      } catch (EOFException e) {
        throw Disk.lost("it ends too early", path, e);
      } catch (IOException e) {
        throw Disk.lost("it is damaged", path, e);
      }
    }
    return next != null;
  }

  @Override
  public RawPage next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    RawPage page = next;
    next = null;
    return page;
  }

  @Override
  public void close() throws IOException {
    try (in;
        zstd) {
      if (body != null) {
        body.close();
      }
    }
  }

  private RawPage advance() throws IOException {
    if (body instanceof Frames frames) {
      frames.transferTo(OutputStream.nullOutputStream());
    } else if (body instanceof FileRange range) {
      range.close();
      range.unchanged();
    }
    body = null;
    byte kind = in.readByte();
    byte[] header = header(kind);
    if (kind == RawFile.END) {
      RawFile.EndHeader end = Wire.mapper().readValue(header, RawFile.EndHeader.class);
      if (end.pages() != pages || in.read() >= 0) {
        throw Disk.lost("its end does not fit", path, null);
      }
      ended = true;
      return null;
    }
    pages++;
    if (kind == RawFile.PAGE) {
      RawFile.PageHeader page = Wire.mapper().readValue(header, RawFile.PageHeader.class);
      body = new Frames();
      InputStream opened = body;
      return new RawPage(
          page.format(),
          page.selector(),
          page.origin(),
          page.offset(),
          page.included(),
          () -> opened);
    }
    if (kind == RawFile.RANGE) {
      RawFile.RangeHeader range = Wire.mapper().readValue(header, RawFile.RangeHeader.class);
      return new RawPage(
          range.format(),
          range.selector(),
          range.path(),
          range.from(),
          () -> body = new FileRange(range));
    }
    throw Disk.lost("it has an unknown block", path, null);
  }

  private byte[] header(byte kind) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > RawFile.MAX_HEADER) {
      throw Disk.lost("it has a damaged header", path, null);
    }
    byte[] header = in.readNBytes(length);
    CRC32C crc = new CRC32C();
    crc.update(kind);
    crc.update(header);
    if (in.readInt() != (int) crc.getValue()) {
      throw Disk.lost("it has a damaged header", path, null);
    }
    return header;
  }

  /** A page's bytes, a frame at a time. */
  private final class Frames extends InputStream {
    private byte[] plain = new byte[0];
    private byte[] packed = new byte[0];
    private int position;
    private int limit;
    private boolean last;

    @Override
    public int read() {
      return fill() ? plain[position++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      if (!fill()) {
        return -1;
      }
      int n = Math.min(length, limit - position);
      System.arraycopy(plain, position, bytes, offset, n);
      position += n;
      return n;
    }

    @Override
    public int available() {
      return limit - position;
    }

    private boolean fill() {
      if (position < limit) {
        return true;
      }
      if (last) {
        return false;
      }
      try {
        int length = in.readInt();
        if (length == 0) {
          last = true;
          return false;
        }
        if (length < 0 || length > MAX_PACKED) {
          throw Disk.lost("it has a damaged page", path, null);
        }
        if (packed.length < length) {
          packed = new byte[Math.max(length, Math.min(MAX_PACKED, 2 * packed.length))];
        }
        in.readFully(packed, 0, length);
        long size = Zstd.getFrameContentSize(packed, 0, length);
        if (size <= 0 || size > RawFile.FRAME) {
          throw Disk.lost("it has a damaged page", path, null);
        }
        if (plain.length < size) {
          plain = new byte[(int) size];
        }
        limit = zstd.decompressByteArray(plain, 0, plain.length, packed, 0, length);
        position = 0;
        return true;
      } catch (EOFException e) {
        throw Disk.lost("it ends too early", path, e);
      } catch (IOException | ZstdException e) {
        throw Disk.lost("it has a damaged page", path, e);
      }
    }
  }
}
