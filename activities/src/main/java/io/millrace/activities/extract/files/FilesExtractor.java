package io.millrace.activities.extract.files;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.Probe;
import io.millrace.activities.secret.Secrets;
import io.millrace.activities.staging.RawSegmentWriter;
import io.millrace.source.Source;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.SortedSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads files of a folder: every file that the glob matches, in the order of their names, at every
 * run. Uncompressed files are pointed at and not copied. One instance per process.
 */
public final class FilesExtractor implements Extractor {
  private static final Logger LOG = LoggerFactory.getLogger(FilesExtractor.class);

  private final Path projectDir;
  private final Secrets secrets;
  private final Clock clock;

  /**
   * @param projectDir folder of the project's file: relative folders begin there
   * @param clock for the segment's bound of time
   */
  public FilesExtractor(Path projectDir, Secrets secrets, Clock clock) {
    this.projectDir = projectDir;
    this.secrets = secrets;
    this.clock = clock;
  }

  @Override
  public String type() {
    return "filesystem";
  }

  @Override
  public Fetched fetch(Order order, RawSegmentWriter out, Progress progress) {
    String asset = order.source().name() + "." + order.resource().name();
    if (order.resource().incremental() != null
        && order.resource().incremental().cursorPath().equals("modification_date")) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot read "
              + asset
              + ": `cursor_path: modification_date` is not supported yet (leave `incremental` out,"
              + " or name a field of the records)");
    }
    String bucket = secrets.resolve(((Source.Filesystem) order.source()).bucketUrl());
    Path folder = folder(asset, bucket);
    String glob = order.resource().files().fileGlob();
    try {
      SortedSet<String> names = new Glob(folder, glob).files();
      if (names.isEmpty() && order.position() == null) {
        LOG.warn("{}: no file matches {} in {}", asset, glob, folder);
        return new Fetched(null, true, false, 0, 0, null, Map.of("no_files", 1L));
      }
      return new FilesFetch(asset, folder, names, order, out, progress, clock).run();
    } catch (IOException e) {
      throw unreadable(asset, folder, e);
    }
  }

  @Override
  public Probe.FileSet probe(Order order) {
    String asset = order.source().name() + "." + order.resource().name();
    String bucket = secrets.resolve(((Source.Filesystem) order.source()).bucketUrl());
    Path folder = folder(asset, bucket);
    try {
      SortedSet<String> names = new Glob(folder, order.resource().files().fileGlob()).files();
      long bytes = 0;
      for (String name : names) {
        bytes += Files.size(folder.resolve(name));
      }
      String first = names.isEmpty() ? null : secrets.mask(names.first());
      return new Probe.FileSet(secrets.mask(folder.toString()), names.size(), bytes, first);
    } catch (IOException e) {
      throw unreadable(asset, folder, e);
    }
  }

  private static MillraceException unreadable(String asset, Path folder, IOException e) {
    return new MillraceException(
        Failure.SOURCE_UNREACHABLE,
        "Cannot read the files of "
            + asset
            + ": "
            + e
            + " (check the permissions in "
            + folder
            + ")",
        e);
  }

  private Path folder(String asset, String bucket) {
    Path folder;
    try {
      boolean url = bucket.matches("[A-Za-z][A-Za-z0-9+.-]+:.*");
      if (url && !bucket.startsWith("file:")) {
        throw new MillraceException(
            Failure.CONFIG_INVALID,
            "Cannot read "
                + asset
                + ": only local folders are read yet: "
                + secrets.mask(bucket.split(":", 2)[0])
                + ":// (set `bucket_url` to a folder)");
      }
      folder = url ? Path.of(URI.create(bucket)) : projectDir.resolve(bucket);
    } catch (IllegalArgumentException e) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot read "
              + asset
              + ": `bucket_url` is not a folder's name: "
              + secrets.mask(bucket));
    }
    if (!Files.isDirectory(folder)) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot read "
              + asset
              + ": there is no such folder: "
              + folder.toAbsolutePath().normalize()
              + " (check `bucket_url`; it is relative to the project's file)");
    }
    return folder.toAbsolutePath().normalize();
  }
}
