package io.millrace.activities.normalize;

/**
 * A record that cannot be loaded while the rest goes on: broken JSON, over a limit, a key missing.
 * Has no stack trace: a hostile file may hold millions.
 */
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Position in the window, -1 when it concerns the record as a whole. */
  private final int at;

  private Refused(String why, int at) {
    super(why, null, false, false);
    this.at = at;
  }

  static Refused record(String why) {
    return new Refused(why, -1);
  }

  static Refused at(String why, int at) {
    return new Refused(why, at);
  }

  int position() {
    return at;
  }

  /** Not a failure: what was learned of keys must be forgotten, and the record read again. */
  static final class Relearn extends RuntimeException {
    private static final long serialVersionUID = 1L;
    static final Relearn RELEARN = new Relearn();

    private Relearn() {
      super("learn again", null, false, false);
    }
  }

  /** Not a failure: the window ends inside the record. Caught where the window slides. */
  static final class More extends RuntimeException {
    private static final long serialVersionUID = 1L;
    static final More MORE = new More();

    private More() {
      super("more bytes", null, false, false);
    }
  }
}
