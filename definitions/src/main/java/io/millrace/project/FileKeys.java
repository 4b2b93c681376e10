package io.millrace.project;

import io.millrace.project.shape.Shape;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The values of a source of files: where they are, which they are, what they hold. */
final class FileKeys {
  private static final List<String> LATER = List.of("csv", "parquet");

  static final Shape<String> FORMAT = Shapes.wordsBut(LATER, "jsonl", "json");

  /** Names that hold references are judged when they are resolved. */
  static final Shape<Text> FOLDER = Shapes.VALUE.checked(FileKeys::local);

  /** Inside the folder. */
  static final Shape<String> GLOB = Shapes.TEXT.checked(FileKeys::inside);

  /** One letter is a drive, not a scheme. */
  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):.*");

  private FileKeys() {}

  /** Refuses a pattern that only matches files of a format that nothing reads. */
  static void tellsFormat(String glob, Spot spot) {
    if (glob == null) {
      return; // refused already
    }
    String name = glob.replaceFirst("\\.(gz|zst)$", "");
    String told = name.substring(name.lastIndexOf('.') + 1);
    if (told.length() == name.length() || !told.matches("[A-Za-z0-9_-]+")) {
      return; // any ending may match: each file is judged by its own name
    }
    if (LATER.contains(told)) {
      spot.refuse(
          told + " is not available yet in this version",
          "available: jsonl, json; set format when the files hold one of these");
    } else if (!List.of("jsonl", "ndjson", "json").contains(told)) {
      spot.refuse(
          "the name does not tell the files' format: found " + spot.found(),
          "set format to jsonl or json");
    }
  }

  private static boolean inside(String glob, Spot spot) {
    boolean well = !glob.startsWith("/") && !Arrays.asList(glob.split("/")).contains("..");
    if (!well) {
      spot.refuse("it leaves the folder: found " + spot.found(), "write it relative to bucket_url");
    }
    return well;
  }

  private static boolean local(Text folder, Spot spot) {
    Matcher scheme = SCHEME.matcher(folder.raw());
    if (folder.hasReferences() || !scheme.matches()) {
      return true;
    }
    if (!scheme.group(1).equals("file")) {
      spot.refuse(
          scheme.group(1) + ":// is not available yet in this version",
          "only local folders are read");
      return false;
    }
    boolean well = false;
    try {
      URI uri = new URI(folder.raw());
      well = uri.getPath() != null && uri.getAuthority() == null;
    } catch (URISyntaxException e) {
      // told below, with those that name a host
    }
    if (!well) {
      spot.refuse("expected a folder: found " + spot.found(), "for example file:///data");
    }
    return well;
  }
}
