package io.millrace.activities.normalize;

/**
 * The row ids that records of one segment brought themselves. Children hang on the id of their row,
 * so two rows of one id would share them, and a merge that replaces one would take the other's.
 * Remembers hashes, so a false alarm is possible and harmless: the row gets an id of ours.
 */
final class OwnIds {
  /** More are not remembered, and so not taken: 32 MB. */
  static final int MAX = 1 << 21;

  private long[] seen = new long[16];
  private int count;

  boolean none() {
    return count == 0;
  }

  /** Whether this is the first of the table with that id. */
  boolean first(String table, byte[] id) {
    long hash = table.hashCode();
    for (byte b : id) {
      hash = (hash ^ b) * 0x100000001b3L;
    }
    hash = mix(hash);
    hash = hash == 0 ? 1 : hash; // 0 is an empty place
    if (count >= MAX) {
      return false;
    }
    if (2 * count >= seen.length) {
      grow();
    }
    return add(hash);
  }

  private boolean add(long hash) {
    int at = (int) hash & seen.length - 1;
    while (seen[at] != 0) {
      if (seen[at] == hash) {
        return false;
      }
      at = at + 1 & seen.length - 1;
    }
    seen[at] = hash;
    count++;
    return true;
  }

  private void grow() {
    long[] before = seen;
    seen = new long[2 * before.length];
    count = 0;
    for (long hash : before) {
      if (hash != 0) {
        add(hash);
      }
    }
  }

  /** Spreads what differs over all bits (SplitMix64's last step). */
  private static long mix(long z) {
    long a = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ a >>> 27) * 0x94d049bb133111ebL;
    return b ^ b >>> 31;
  }
}
