package io.millrace.expression;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.jexl3.JexlBuilder;
import org.apache.commons.jexl3.JexlContext;
import org.apache.commons.jexl3.JexlEngine;
import org.apache.commons.jexl3.JexlException;
import org.apache.commons.jexl3.JexlExpression;
import org.apache.commons.jexl3.JexlFeatures;
import org.apache.commons.jexl3.introspection.JexlPermissions;

/**
 * An expression over one record: its fields by name, {@code record} for the whole of it, operators
 * and the functions of {@link Functions}. It has no loops, assignments, methods or classes, so its
 * work is bounded by its length and the record's. Numbers stay exact. Immutable and thread-safe.
 */
public final class Expression {
  /** Characters of an expression. */
  private static final int MAX_LENGTH = 2_000;

  private static final JexlEngine ENGINE = engine();

  private final String text;
  private final JexlExpression compiled;

  private Expression(String text, JexlExpression compiled) {
    this.text = text;
    this.compiled = compiled;
  }

  private static JexlEngine engine() {
    Map<String, Object> functions = new HashMap<>();
    functions.put(null, Functions.class);
    JexlFeatures features =
        JexlFeatures.createNone()
            .structuredLiteral(true)
            .arrayReferenceExpr(true)
            .comparatorNames(true);
    JexlPermissions ours =
        new JexlPermissions.ClassPermissions(
            JexlPermissions.SECURE, List.of(Functions.class.getName()));
    return new JexlBuilder()
        .features(features)
        .permissions(ours)
        .namespaces(functions)
        .arithmetic(new ExactArithmetic())
        .strict(true)
        .silent(false)
        .safe(true)
        .antish(false)
        .booleanLogical(true)
        .cache(0)
        .debug(false)
        .create();
  }

  /**
   * Reads an expression.
   *
   * @throws IllegalArgumentException that says what is wrong with it
   */
  public static Expression parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("it is longer than " + MAX_LENGTH + " characters");
    }
    if (text.isBlank()) {
      throw new IllegalArgumentException("it is empty");
    }
    try {
      return new Expression(text, ENGINE.createExpression(text));
    } catch (JexlException e) {
      throw new IllegalArgumentException(why(e));
    }
  }

  /**
   * The value for a record: a text, number, boolean, list, map or {@code null}.
   *
   * @param record texts, booleans, numbers (Long, BigInteger, BigDecimal), lists and maps; a field
   *     that is not there is {@code null}
   * @throws IllegalArgumentException that says why it has no value; nothing of the record is in it
   */
  public Object evaluate(Map<String, Object> record) {
    try {
      return compiled.evaluate(new Fields(record));
    } catch (JexlException e) {
      throw new IllegalArgumentException(why(e));
    } catch (ArithmeticException | StackOverflowError | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(reason(e));
    }
  }

  /** JEXL's message begins with the place in its own code. */
  private static String why(JexlException e) {
    Throwable cause = e.getCause();
    if (!(e instanceof JexlException.Parsing)
        && (cause instanceof ArithmeticException || cause instanceof IllegalArgumentException)) {
      return reason(cause);
    }
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    if (message.contains("assign")) {
      return "it changes something: == compares";
    }
    return message.replaceFirst("^[\\w.$]*[:@][^ ]*:?\\s*", "").strip();
  }

  private static String reason(Throwable e) {
    return e instanceof StackOverflowError
        ? "it is too deep"
        : e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  @Override
  public String toString() {
    return text;
  }

  /** The fields of a record as variables. */
  private record Fields(Map<String, Object> record) implements JexlContext {
    @Override
    public Object get(String name) {
      return name.equals("record") ? record : record.get(name);
    }

    @Override
    public void set(String name, Object value) {
      throw new IllegalArgumentException("nothing can be set");
    }

    @Override
    public boolean has(String name) {
      return true;
    }
  }
}
