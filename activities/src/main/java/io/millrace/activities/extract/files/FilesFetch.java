package io.millrace.activities.extract.files;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.staging.RawPage;
import io.millrace.activities.staging.RawSegmentWriter;
import io.millrace.source.Resource;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SortedSet;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** One fetch of files: from a position to a bound or to the end of the last file. Used once. */
final class FilesFetch {
  private static final int BLOCK = 1 << 20;

  private final String asset;
  private final Path folder;
  private final SortedSet<String> names;
  private final Extractor.Order order;
  private final RawSegmentWriter out;
  private final Progress progress;
  private final Clock clock;
  private final long began;

  /** Whether the segment has more than references to files. */
  private boolean copies;

  FilesFetch(
      String asset,
      Path folder,
      SortedSet<String> names,
      Extractor.Order order,
      RawSegmentWriter out,
      Progress progress,
      Clock clock) {
    this.asset = asset;
    this.folder = folder;
    this.names = names;
    this.order = order;
    this.out = out;
    this.progress = progress;
    this.clock = clock;
    this.began = clock.millis();
  }

  Extractor.Fetched run() throws IOException {
    FilePosition position = FilePosition.read(order.position());
    if (position != null && order.resumed()) {
      sameAsBefore(position);
    }
    if (position != null && position.offset() != FilePosition.READ) {
      unchanged(position);
      matched(position);
      position = finish(position);
    }
    while (position == null || position.offset() == FilePosition.READ) {
      String next = following(position == null ? null : position.file());
      if (next == null) {
        return new Extractor.Fetched(null, true, false, 0, 0, null);
      }
      if (position != null && full()) {
        break;
      }
      BasicFileAttributes now = attributes(next);
      String before = position == null ? null : chain(position);
      position = finish(new FilePosition(next, 0, now.size(), mtime(now), before));
    }
    return new Extractor.Fetched(position.json(), false, false, 0, 0, null);
  }

  private String following(String file) {
    SortedSet<String> rest = file == null ? names : names.tailSet(file + "\0");
    return rest.isEmpty() ? null : rest.first();
  }

  private boolean full() {
    Resource.SegmentBounds bounds = order.bounds();
    return out.pages() > 0
        && (out.pages() >= bounds.pages()
            || out.bytes() >= most()
            || clock.millis() - began >= bounds.time().toMillis()
            || order.pagesLeft() != null && out.pages() >= order.pagesLeft()
            || progress.draining());
  }

  /** Reads on in one file; the position after what was read. */
  private FilePosition finish(FilePosition at) throws IOException {
    unchanged(at);
    String name = at.file().toLowerCase(Locale.ROOT);
    String codec = name.endsWith(".gz") ? "gz" : name.endsWith(".zst") ? "zst" : null;
    RawPage.Format format = format(at.file(), name);
    FilePosition after =
        codec == null
            ? plain(at, format)
            : format == RawPage.Format.JSON ? document(at, codec) : lines(at, codec);
    unchanged(at);
    progress.report(out.pages(), 0, out.bytes());
    return after;
  }

  private FilePosition plain(FilePosition at, RawPage.Format format) throws IOException {
    Path file = folder.resolve(at.file());
    if (at.size() == at.offset()) {
      return read(at);
    }
    long to =
        format == RawPage.Format.JSON ? at.size() : Lines.cut(file, at.offset(), left(), at.size());
    out.range(format, List.of(), file, at.offset(), to);
    return to == at.size() ? read(at) : moved(at, to);
  }

  private FilePosition document(FilePosition at, String codec) throws IOException {
    copies = true;
    try (InputStream in = open(at, codec)) {
      out.page(RawPage.Format.JSON, List.of(), folder.resolve(at.file()).toString(), 0, in);
    } catch (IOException e) {
      throw damaged(at, e);
    }
    return read(at);
  }

  private FilePosition lines(FilePosition at, String codec) throws IOException {
    copies = true;
    String origin = folder.resolve(at.file()).toString();
    long longest = order.source().limits().recordBytes();
    long offset = at.offset();
    try (InputStream in = open(at, codec)) {
      skip(in, offset);
      Lines.Blocks blocks = new Lines.Blocks(in);
      int n;
      while ((n = blocks.next(Math.min(BLOCK, left()), longest)) != 0) {
        if (n < 0) {
          throw new MillraceException(
              Failure.POLICY_REFUSED,
              "Cannot read "
                  + asset
                  + ": a record is longer than "
                  + longest
                  + " bytes: "
                  + origin
                  + " at byte "
                  + offset
                  + " (raise `limits.record_bytes`)");
        }
        out.page(
            RawPage.Format.JSONL,
            List.of(),
            origin,
            offset,
            new ByteArrayInputStream(blocks.buffer(), 0, n));
        offset += n;
        progress.report(out.pages(), 0, out.bytes());
        if (full()) {
          return moved(at, offset);
        }
      }
    } catch (IOException e) {
      throw damaged(at, e);
    }
    return read(at);
  }

  /** Bytes of this segment. */
  private long most() {
    return copies ? order.bounds().staged() : order.bounds().referenced();
  }

  /** Bytes that still fit into the segment, one at least. */
  private long left() {
    return Math.max(1, most() - out.bytes());
  }

  private InputStream open(FilePosition at, String codec) throws IOException {
    InputStream in =
        new BufferedInputStream(Files.newInputStream(folder.resolve(at.file())), 64 * 1024);
    try {
      return codec.equals("gz")
          ? new GZIPInputStream(in, 64 * 1024)
          : new ZstdInputStreamNoFinalizer(in);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private void skip(InputStream in, long bytes) throws IOException {
    byte[] sink = new byte[64 * 1024];
    long left = bytes;
    for (long blocks = 0; left > 0; blocks++) {
      int n = in.read(sink, 0, (int) Math.min(sink.length, left));
      if (n < 0) {
        throw new EOFException("it ends at byte " + (bytes - left));
      }
      left -= n;
      if (blocks % 256 == 0) {
        progress.report(out.pages(), 0, out.bytes());
      }
    }
  }

  private RawPage.Format format(String file, String name) {
    String format = order.resource().files().format();
    String base = name.replaceFirst("\\.(gz|zst)$", "");
    String told = format != null ? format : base.substring(base.lastIndexOf('.') + 1);
    return switch (told) {
      case "jsonl", "ndjson" -> RawPage.Format.JSONL;
      case "json" -> RawPage.Format.JSON;
      default ->
          throw new MillraceException(
              Failure.CONFIG_INVALID,
              "Cannot read "
                  + asset
                  + ": the format of a file is unknown or not read yet: "
                  + file
                  + " (set `format` to jsonl or json, or let `file_glob` match fewer files)");
    };
  }

  private void unchanged(FilePosition at) throws IOException {
    BasicFileAttributes now = attributes(at.file());
    if (now.size() != at.size() || mtime(now) != at.mtime()) {
      throw changed(at.file(), "it was written at " + now.lastModifiedTime(), null);
    }
  }

  /**
   * A file that the window read already and that has another name now would be read twice, and one
   * with another content never.
   */
  private void sameAsBefore(FilePosition at) throws IOException {
    matched(at);
    unchanged(at);
    String now = null;
    for (String name : names.headSet(at.file())) {
      BasicFileAttributes file = attributes(name);
      now = FilePosition.chain(now, name, file.size(), mtime(file));
    }
    if (!Objects.equals(now, at.before())) {
      throw new MillraceException(
          Failure.WINDOW_LOST,
          "Cannot read on in "
              + asset
              + ": files that were read before "
              + at.file()
              + " changed, have other names or are more");
    }
  }

  private static String chain(FilePosition at) {
    return FilePosition.chain(at.before(), at.file(), at.size(), at.mtime());
  }

  private static long mtime(BasicFileAttributes file) {
    return file.lastModifiedTime().to(TimeUnit.NANOSECONDS);
  }

  /** A glob that was corrected meanwhile may leave the file out that was begun. */
  private void matched(FilePosition at) {
    if (!names.contains(at.file())) {
      throw new MillraceException(
          Failure.WINDOW_LOST,
          "Cannot read on in "
              + asset
              + ": `file_glob` does not match the file any more that was begun: "
              + folder.resolve(at.file()));
    }
  }

  private BasicFileAttributes attributes(String file) throws IOException {
    try {
      return Files.readAttributes(folder.resolve(file), BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      throw changed(file, "it is gone", e);
    }
  }

  private MillraceException changed(String file, String how, IOException cause) {
    return new MillraceException(
        Failure.SOURCE_CHANGED,
        "Cannot read on in "
            + asset
            + ": a file changed during the run: "
            + how
            + ": "
            + folder.resolve(file)
            + " (write a file under another name and move it into the folder when it is complete)",
        cause);
  }

  private MillraceException damaged(FilePosition at, IOException e) throws IOException {
    boolean content = e instanceof EOFException || e instanceof ZipException || fromZstd(e);
    if (!content) {
      throw e;
    }
    return new MillraceException(
        Failure.DATA_INVALID,
        "Cannot read "
            + asset
            + ": a compressed file is damaged or cut off: "
            + e.getMessage()
            + ": "
            + folder.resolve(at.file())
            + " (write it again)",
        e);
  }

  private static boolean fromZstd(IOException e) {
    return e.getClass().getName().startsWith("com.github.luben.zstd.");
  }

  private static FilePosition read(FilePosition at) {
    return moved(at, FilePosition.READ);
  }

  private static FilePosition moved(FilePosition at, long offset) {
    return new FilePosition(at.file(), offset, at.size(), at.mtime(), at.before());
  }
}
