package io.millrace.activities.staging;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.Wire;
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
 * that nobody can read as a whole segment. Not thread-safe, but for {@link #pack}.
 */
public final class RawFileWriter implements RawSegmentWriter, Closeable {
  private final DataOutputStream out;
  private final Packers packers = new Packers();
  private byte[] plain;
  private long pages;
  private long bytes;

  public RawFileWriter(Draft draft) {
    this(draft.create(RawFile.NAME));
  }

  RawFileWriter(OutputStream out) {
    this.out = new DataOutputStream(out);
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
    List<byte[]> frames = packers.frames(body, offset, length);
    written(() -> page(new RawFile.PageHeader(format, selector, origin, 0, null), frames, length));
  }

  @Override
  public void page(
      RawPage.Format format, List<String> selector, String origin, String included, byte[] body) {
    page(format, selector, origin, included, pack(body));
  }

  @Override
  public Packed pack(byte[] body) {
    return new Packed(body, packers.frames(body, 0, body.length));
  }

  @Override
  public void page(
      RawPage.Format format, List<String> selector, String origin, String included, Packed page) {
    int length = page.body().length;
    RawFile.PageHeader header = new RawFile.PageHeader(format, selector, origin, 0, included);
    written(() -> page(header, page.frames(), length));
  }

  @Override
  public void page(
      RawPage.Format format,
      List<String> selector,
      String origin,
      long startOffset,
      InputStream body)
      throws IOException {
    header(RawFile.PAGE, new RawFile.PageHeader(format, selector, origin, startOffset, null));
    if (plain == null) {
      plain = new byte[RawFile.FRAME];
    }
    int n;
    while ((n = body.readNBytes(plain, 0, plain.length)) > 0) {
      frames(packers.frames(plain, 0, n), n);
    }
    ended();
  }

  private void page(RawFile.PageHeader page, List<byte[]> frames, int length) throws IOException {
    header(RawFile.PAGE, page);
    frames(frames, length);
    ended();
  }

  private void frames(List<byte[]> frames, int length) throws IOException {
    for (byte[] frame : frames) {
      out.writeInt(frame.length);
      out.write(frame);
    }
    bytes += length;
  }

  private void ended() throws IOException {
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
    packers.close();
  }

  @Override
  public void close() {
    packers.close();
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
