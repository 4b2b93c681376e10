package io.millrace.activities.normalize.value;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * SHAKE-128 (FIPS 202), which the providers of JDK 17 do not have. The static forms are
 * thread-safe, an instance is not.
 */
public final class Shake128 {
  /** Bytes that one permutation takes in. */
  static final int RATE = 168;

  static final byte PAD = 0x1f;
  static final VarHandle LANE =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int SHA3_256_RATE = 136;
  private static final byte SHA3_PAD = 0x06;

  private final long[] state = new long[25];
  private final byte[] last = new byte[RATE];

  /** Writes {@code outLen} bytes of the output, which is as long as one likes. */
  public static void digest(byte[] in, int off, int len, byte[] out, int outOff, int outLen) {
    new Shake128().hash(in, off, len, out, outOff, outLen);
  }

  /** The same, reusing this instance's memory: allocates nothing. */
  public void hash(byte[] in, int off, int len, byte[] out, int outOff, int outLen) {
    absorb(in, off, len, RATE, PAD);
    squeeze(out, outOff, outLen, RATE);
  }

  /** SHA3-256 on the same permutation. */
  public static byte[] sha3_256(byte[] in) {
    Shake128 sponge = new Shake128();
    sponge.absorb(in, 0, in.length, SHA3_256_RATE, SHA3_PAD);
    byte[] out = new byte[32];
    sponge.squeeze(out, 0, out.length, SHA3_256_RATE);
    return out;
  }

  /** The first eight bytes of the output, as a little-endian number. */
  long first(byte[] in, int off, int len) {
    absorb(in, off, len, RATE, PAD);
    return state[0];
  }

  /** The eight bytes after {@link #first}. */
  long second() {
    return state[1];
  }

  private void absorb(byte[] in, int off, int len, int rate, byte pad) {
    long[] s = state;
    Arrays.fill(s, 0);
    int at = off;
    int left = len;
    while (left >= rate) {
      for (int i = 0; i < rate / 8; i++) {
        s[i] ^= (long) LANE.get(in, at + 8 * i);
      }
      Keccak.permute(s);
      at += rate;
      left -= rate;
    }
    int whole = left >> 3;
    for (int i = 0; i < whole; i++) {
      s[i] ^= (long) LANE.get(in, at + 8 * i);
    }
    long tail = 0;
    for (int i = whole * 8; i < left; i++) {
      tail |= (in[at + i] & 0xffL) << (8 * (i & 7));
    }
    s[whole] ^= tail | (pad & 0xffL) << (8 * (left & 7));
    s[rate / 8 - 1] ^= Long.MIN_VALUE;
    Keccak.permute(s);
  }

  private void squeeze(byte[] out, int outOff, int outLen, int rate) {
    int at = outOff;
    int left = outLen;
    while (left > 0) {
      int n = Math.min(left, rate);
      for (int i = 0; i < rate / 8 && i * 8 < n; i++) {
        LANE.set(last, 8 * i, state[i]);
      }
      System.arraycopy(last, 0, out, at, n);
      at += n;
      left -= n;
      if (left > 0) {
        Keccak.permute(state);
      }
    }
  }
}
