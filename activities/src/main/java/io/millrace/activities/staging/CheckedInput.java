package io.millrace.activities.staging;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Digests what is read and compares at the end. */
final class CheckedInput extends FilterInputStream {
  private final Published.StagedFile file;
  private final MessageDigest digest = Digests.sha256();
  private boolean ended;

  CheckedInput(Published.StagedFile file, InputStream in) {
    super(in);
    this.file = file;
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) {
    try {
      int n = in.read(bytes, offset, length);
      if (n > 0) {
        digest.update(bytes, offset, n);
      } else if (n < 0 && !ended) {
        ended = true;
        if (!Digests.hex(digest.digest()).equals(file.sha256())) {
          throw Disk.lost("its content has changed", file.path(), null);
        }
      }
      return n;
    } catch (IOException e) {
      throw Disk.lost("it cannot be read", file.path(), e);
    }
  }

  @Override
  public long skip(long n) throws IOException {
    return in.skip(0); // skipped bytes would not be digested: callers read instead
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
