package io.millrace.activities.normalize.value;

/** SHAKE-128 (FIPS 202). The static forms are thread-safe, an instance is not. */
public final class Shake128 {
  /** Writes {@code outLen} bytes of the extendable output. */
  public static void digest(byte[] in, int off, int len, byte[] out, int outOff, int outLen) {
    throw new UnsupportedOperationException();
  }

  /** The same, reusing this instance's memory: allocates nothing. */
  public void hash(byte[] in, int off, int len, byte[] out, int outOff, int outLen) {
    throw new UnsupportedOperationException();
  }

  /** SHA3-256 on the same permutation. */
  public static byte[] sha3_256(byte[] in) {
    throw new UnsupportedOperationException();
  }
}
