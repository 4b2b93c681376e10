package io.millrace.expression;

import java.math.MathContext;
import java.math.RoundingMode;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.commons.jexl3.JexlArithmetic;
import org.apache.commons.jexl3.JexlOperator;

/**
 * JEXL's operators with bounds: numbers to two hundred digits, texts of some megabytes, patterns
 * that give up instead of trying for ever, no ranges. {@code null} is false.
 */
final class ExactArithmetic extends JexlArithmetic {
  private static final MathContext DIGITS = new MathContext(200, RoundingMode.HALF_EVEN);

  /** Characters of a text that an expression makes. */
  static final int MAX_TEXT = 10_000_000;

  private static final int MAX_PATTERN = 500;

  /** Looks at characters until a pattern is given up. */
  private static final int MAX_LOOKS = 1_000_000;

  ExactArithmetic() {
    super(true, DIGITS, Integer.MIN_VALUE);
  }

  @Override
  protected JexlArithmetic createWithOptions(boolean strict, MathContext context, int scale) {
    return this; // what an engine's options say does not loosen the bounds
  }

  /** Calculating with nothing is a mistake; comparing with nothing is only never true. */
  @Override
  public boolean isStrict(JexlOperator operator) {
    return switch (operator) {
      case ADD, SUBTRACT, MULTIPLY, DIVIDE, MOD, NEGATE -> true;
      default -> false;
    };
  }

  @Override
  public boolean toBoolean(Object value) {
    return value != null && super.toBoolean(value);
  }

  @Override
  public Object add(Object left, Object right) {
    if (left instanceof CharSequence a && right instanceof CharSequence b) {
      fits((long) a.length() + b.length());
    }
    return super.add(left, right);
  }

  static void fits(long length) {
    if (length > MAX_TEXT) {
      throw new ArithmeticException("it makes a text of more than " + MAX_TEXT + " characters");
    }
  }

  @Override
  public Iterable<?> createRange(Object from, Object to) {
    throw new ArithmeticException("ranges are not available");
  }

  @Override
  public Boolean contains(Object container, Object value) {
    if (container instanceof CharSequence || container instanceof Pattern) {
      return value == null
          ? Boolean.FALSE
          : (Boolean) matches(container.toString(), value.toString());
    }
    return super.contains(container, value);
  }

  /** Whether the whole text is of the pattern. */
  static boolean matches(String pattern, String text) {
    if (pattern.length() > MAX_PATTERN) {
      throw new ArithmeticException("a pattern is longer than " + MAX_PATTERN + " characters");
    }
    try {
      return Pattern.compile(pattern).matcher(new Watched(text, new int[1])).matches();
    } catch (PatternSyntaxException e) {
      throw new ArithmeticException("it is no pattern: " + e.getDescription());
    } catch (StackOverflowError e) {
      throw new ArithmeticException("a pattern is too deep for its text");
    }
  }

  /** Counts how often a pattern looks: one that tries all ways does not end otherwise. */
  private record Watched(CharSequence text, int[] looks) implements CharSequence {
    @Override
    public char charAt(int index) {
      if (++looks[0] > MAX_LOOKS) {
        throw new ArithmeticException("a pattern takes too long on its text");
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Watched(text.subSequence(start, end), looks);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
