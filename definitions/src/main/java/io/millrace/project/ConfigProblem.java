package io.millrace.project;

/**
 * Something wrong (or doubtful) in a configuration, for a person. Literal secrets are masked in
 * {@code quotedLine} and are not in {@code message}.
 *
 * @param line from 1
 * @param column from 1, in characters (code points)
 * @param quotedLine the line as written, cut around the column when it is long; may be empty
 * @param message one sentence: <em>Cannot &lt;verb&gt; &lt;thing&gt;: &lt;why&gt;</em>
 * @param advice what to do; may be empty
 */
public record ConfigProblem(
    String file, int line, int column, String quotedLine, String message, String advice) {

  /**
   * {@code file:line:column: message}, the line quoted, and what to do; no line break at the end.
   */
  public String render() {
    StringBuilder out = new StringBuilder();
    out.append(file).append(':').append(line).append(':').append(column).append(": ");
    out.append(message);
    if (!quotedLine.isBlank()) {
      out.append("\n  ").append(line).append(" | ").append(quotedLine);
    }
    if (!advice.isEmpty()) {
      out.append("\n  ").append(advice);
    }
    return out.toString();
  }
}
