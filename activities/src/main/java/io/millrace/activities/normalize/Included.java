package io.millrace.activities.normalize;

/** A record with members that its page did not have. */
final class Included {
  private Included() {}

  /**
   * The object between the two places with the members as its last, and the zero bytes behind it
   * that a {@link Window} needs.
   */
  static byte[] in(byte[] page, int start, int end, byte[] members) {
    int last = end - 2; // before the closing brace
    while (page[last] <= ' ' && page[last] >= 0) {
      last--;
    }
    boolean empty = last == start;
    int before = end - 1 - start;
    byte[] out = new byte[before + (empty ? 0 : 1) + members.length + 1 + Window.SLACK];
    System.arraycopy(page, start, out, 0, before);
    int at = before;
    if (!empty) {
      out[at++] = ',';
    }
    System.arraycopy(members, 0, out, at, members.length);
    out[at + members.length] = '}';
    return out;
  }
}
