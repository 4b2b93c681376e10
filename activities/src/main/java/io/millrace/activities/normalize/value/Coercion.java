package io.millrace.activities.normalize.value;

import io.millrace.schema.Column;
import io.millrace.schema.DataType;
import java.util.List;

/** Converts values between types. Stateless and thread-safe; the holders are not. */
public final class Coercion {
  private Coercion() {}

  /**
   * Rewrites the value into the cell form of {@code to}.
   *
   * @param from the incoming type, {@code in.kind()}
   * @param compat follow dlt where it bends data
   * @return false when the value does not fit (the holder is unchanged): the caller makes a variant,
   *     named with {@link #variantSuffix}
   */
  public static boolean coerce(Value in, DataType from, Column to, boolean compat) {
    throw new UnsupportedOperationException();
  }

  /** What follows {@code v_} in the name of the variant column. */
  public static String variantSuffix(Value in, DataType from, Column to) {
    return from.key();
  }

  /** The type of a new column that gets this value, without detections. */
  public static DataType infer(Value in) {
    return in.kind();
  }

  /**
   * Compat: turns a text that begins with one of dlt's private-use characters into the typed value;
   * true when it did. Anything else stays as it is.
   */
  public static boolean decodePua(Value in) {
    throw new UnsupportedOperationException();
  }

  /** The detections that are on, in order. Immutable. */
  public static final class Detections {
    /** By dlt's names; {@code CONFIG_INVALID} for a name that does not exist. */
    public static Detections of(List<String> names) {
      throw new UnsupportedOperationException();
    }

    /** The same with a "now" for the detection {@code timestamp}; without it that never matches. */
    public Detections at(long nowEpochSeconds) {
      throw new UnsupportedOperationException();
    }

    /** The detected type, {@code null} for none. The value stays as it is. */
    public DataType detect(Value in) {
      throw new UnsupportedOperationException();
    }
  }
}
