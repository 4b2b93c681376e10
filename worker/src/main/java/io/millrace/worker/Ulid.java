package io.millrace.worker;

import java.security.SecureRandom;

/** Ids that sort by time: 26 letters and digits, 48 bits of milliseconds and 80 of chance. */
public final class Ulid {
  private static final char[] ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int LETTERS = 26;
  private static final int BITS = 5;

  private Ulid() {}

  public static String next() {
    return of(System.currentTimeMillis(), RANDOM.nextLong(), RANDOM.nextLong());
  }

  /** The low 16 bits of {@code high} and all of {@code low} are the chance. */
  static String of(long millis, long high, long low) {
    long top = millis << 16 | high & 0xFFFF;
    long rest = low;
    char[] text = new char[LETTERS];
    for (int i = LETTERS - 1; i >= 0; i--) {
      text[i] = ALPHABET[(int) (rest & 31)];
      rest = rest >>> BITS | top << Long.SIZE - BITS;
      top >>>= BITS;
    }
    return new String(text);
  }
}
