package io.millrace;

/**
 * A failure with a name and a sentence for a person: <em>Cannot &lt;verb&gt; &lt;thing&gt;:
 * &lt;why&gt;: &lt;value&gt; (&lt;what to do&gt;)</em>. The message never holds a secret; who
 * throws it has masked it.
 */
public class MillraceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Failure failure;

  public MillraceException(Failure failure, String message) {
    super(message);
    this.failure = failure;
  }

  public MillraceException(Failure failure, String message, Throwable cause) {
    super(message, cause);
    this.failure = failure;
  }

  public Failure failure() {
    return failure;
  }
}
