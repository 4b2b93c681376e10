package io.millrace.activities.normalize.reference;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** SHAKE-128 as FIPS 202 writes it down, for short texts. */
final class Shake {
  private static final int RATE = 168;
  private static final int[] TURN = {
    1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44
  };
  private static final int[] LANE = {
    10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1
  };
  private static final long[] ROUND = rounds();

  private Shake() {}

  /** The 14 characters of an id. */
  static String id(String text) {
    return base64(text, 10);
  }

  /** Standard base64 without padding. */
  static String base64(String text, int bytes) {
    byte[] hash = hash(text.getBytes(StandardCharsets.UTF_8));
    return Base64.getEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, bytes));
  }

  private static byte[] hash(byte[] in) {
    byte[] padded = Arrays.copyOf(in, (in.length / RATE + 1) * RATE);
    padded[in.length] ^= 0x1F;
    padded[padded.length - 1] ^= (byte) 0x80;
    long[] state = new long[25];
    for (int block = 0; block < padded.length; block += RATE) {
      for (int i = 0; i < RATE; i++) {
        state[i / 8] ^= (padded[block + i] & 0xFFL) << 8 * (i % 8);
      }
      permute(state);
    }
    byte[] out = new byte[16];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) (state[i / 8] >>> 8 * (i % 8));
    }
    return out;
  }

  private static void permute(long[] a) {
    long[] c = new long[5];
    for (long constant : ROUND) {
      for (int x = 0; x < 5; x++) {
        c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
      }
      for (int i = 0; i < 25; i++) {
        a[i] ^= c[(i + 4) % 5] ^ Long.rotateLeft(c[(i + 1) % 5], 1);
      }
      long carried = a[1];
      for (int i = 0; i < 24; i++) {
        long here = a[LANE[i]];
        a[LANE[i]] = Long.rotateLeft(carried, TURN[i]);
        carried = here;
      }
      for (int y = 0; y < 25; y += 5) {
        System.arraycopy(a, y, c, 0, 5);
        for (int x = 0; x < 5; x++) {
          a[y + x] = c[x] ^ ~c[(x + 1) % 5] & c[(x + 2) % 5];
        }
      }
      a[0] ^= constant;
    }
  }

  private static long[] rounds() {
    long[] all = new long[24];
    int register = 1;
    for (int round = 0; round < 24; round++) {
      for (int j = 0; j < 7; j++) {
        if ((register & 1) != 0) {
          all[round] |= 1L << (1 << j) - 1;
        }
        register = register << 1 ^ (register >> 7) * 0x171;
      }
    }
    return all;
  }
}
