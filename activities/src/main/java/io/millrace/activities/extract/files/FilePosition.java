package io.millrace.activities.extract.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.Wire;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Where the next segment begins: in a file that was begun, or after one that was read.
 *
 * @param file relative to the folder, with {@code /}
 * @param offset of the next byte, decompressed; -1 when the file was read to its end
 * @param size of the file when the run saw it
 * @param mtime nanoseconds since 1970, when the run saw it
 * @param before a digest of the files that the window read before it; {@code null} for none
 */
record FilePosition(String file, long offset, long size, long mtime, String before) {
  static final long READ = -1;

  static FilePosition read(JsonNode json) {
    if (json == null || json.isNull()) {
      return null;
    }
    try {
      FilePosition position = Wire.mapper().treeToValue(json, FilePosition.class);
      if (position.file() != null) {
        return position;
      }
    } catch (JsonProcessingException e) {
      // the same as a position without a file: another type of source left it
    }
    throw new MillraceException(
        Failure.WINDOW_LOST,
        "Cannot resume: the stored position is not one of files: the source had another type when"
            + " the window was opened");
  }

  /** The digest for the file after one of those properties. */
  static String chain(String before, String file, long size, long mtime) {
    String link = before + '\0' + file + '\0' + size + '\0' + mtime;
    UUID digest = UUID.nameUUIDFromBytes(link.getBytes(StandardCharsets.UTF_8));
    return digest.toString();
  }

  JsonNode json() {
    return Wire.mapper().valueToTree(this);
  }
}
