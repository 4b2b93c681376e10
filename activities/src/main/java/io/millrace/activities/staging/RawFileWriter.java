package io.millrace.activities.staging;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.Wire;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * Writes a raw segment into a draft. {@link #finish} completes it; closing without it leaves a file
 * that nobody can read as a whole segment. Not thread-safe.
 */
public final class RawFileWriter implements RawSegmentWriter, Closeable {
  private static final int LEVEL = 1; // the network is slower than any level; 1 costs least CPU

  private final DataOutputStream out;
  private final ZstdCompressCtx zstd = new ZstdCompressCtx();
  private byte[] plain;
  private byte[] packed;
  private long pages;
  private long bytes;

  public RawFileWriter(Draft draft) {
    this(draft.create(RawFile.NAME));
  }

  RawFileWriter(OutputStream out) {
    this.out = new DataOutputStream(out);
    zstd.setLevel(LEVEL).setChecksum(true);
    written(() -> this.out.writeLong(RawFile.MAGIC));
  }

  @Override
  public void page(
      RawPage.Format format,
      List<String> selector,
      String origin,
      byte[] body,
      int offset,
      int length) {
    written(
        () ->
            page(
                new RawFile.PageHeader(format, selector, origin, 0, null),
                new ByteArrayInputStream(body, offset, length)));
  }

  @Override
  public void page(
      RawPage.Format format, List<String> selector, String origin, String included, byte[] body) {
    written(
        () ->
            page(
                new RawFile.PageHeader(format, selector, origin, 0, included),
                new ByteArrayInputStream(body)));
  }

  @Override
  public void page(
      RawPage.Format format,
      List<String> selector,
      String origin,
      long startOffset,
      InputStream body)
      throws IOException {
    page(new RawFile.PageHeader(format, selector, origin, startOffset, null), body);
  }

  private void page(RawFile.PageHeader page, InputStream body) throws IOException {
    header(RawFile.PAGE, page);
    if (plain == null) {
      plain = new byte[RawFile.FRAME];
      packed = new byte[(int) Zstd.compressBound(RawFile.FRAME)];
    }
    int n;
    while ((n = body.readNBytes(plain, 0, plain.length)) > 0) {
      int length = zstd.compressByteArray(packed, 0, packed.length, plain, 0, n);
      out.writeInt(length);
      out.write(packed, 0, length);
      bytes += n;
    }
    out.writeInt(0);
    pages++;
  }

  @Override
  public void range(RawPage.Format format, List<String> selector, Path file, long from, long to) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      header(
          RawFile.RANGE,
          new RawFile.RangeHeader(
              format,
              selector,
              file.toAbsolutePath().toString(),
              from,
              to,
              now.size(),
              now.lastModifiedTime().to(TimeUnit.NANOSECONDS)));
    } catch (NoSuchFileException e) {
      throw new MillraceException(
          Failure.SOURCE_CHANGED, "Cannot read a file: it is gone: " + file + " (run again)", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    bytes += to - from;
    pages++;
  }

  @Override
  public long pages() {
    return pages;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  /** Completes the file and makes it durable; nothing can be written after it. */
  public void finish() {
    written(
        () -> {
          header(RawFile.END, new RawFile.EndHeader(pages, bytes));
          out.close();
        });
    zstd.close();
  }

  @Override
  public void close() {
    zstd.close();
    written(out::close);
  }

  private void header(byte kind, Object header) throws IOException {
    byte[] json = Wire.mapper().writeValueAsBytes(header);
    CRC32C crc = new CRC32C();
    crc.update(kind);
    crc.update(json);
    out.writeByte(kind);
    out.writeInt(json.length);
    out.write(json);
    out.writeInt((int) crc.getValue());
  }

  /** A staged stream never throws an IOException of its own. */
  private static void written(Write write) {
    try {
      write.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Write {
    void run() throws IOException;
  }
}
