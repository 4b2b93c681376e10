package io.millrace.activities.staging;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What is in a staged file, whole or not, as a text to search in: what is packed is unpacked. */
public final class StagedText {
  private static final int FRAME = 0x28B52FFD; // how a zstd frame begins

  private StagedText() {}

  /** The file's bytes and the pages in them, a character for each byte. */
  public static String of(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    StringBuilder text = new StringBuilder(new String(bytes, StandardCharsets.ISO_8859_1));
    ByteBuffer ints = ByteBuffer.wrap(bytes);
    for (int at = 4; at + 4 <= bytes.length; at++) {
      int length = ints.getInt(at) == FRAME ? ints.getInt(at - 4) : 0; // stands before it
      if (length > 0 && length <= bytes.length - at) {
        byte[] frame = new byte[length];
        ints.get(at, frame);
        byte[] page = Zstd.decompress(frame, RawFile.FRAME);
        text.append('\n').append(new String(page, StandardCharsets.ISO_8859_1));
      }
    }
    return text.toString();
  }
}
