package io.millrace.project.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * What a value may look like: reads a node, and describes itself in the JSON Schema and in the
 * reference page, so that the three never differ. Immutable.
 */
public interface Shape<T> {
  /** The value; {@code null} after a problem was told. Never throws for what a user wrote. */
  T read(Spot spot);

  /** For a person, for example {@code a whole number}. In Markdown it may be a link. */
  String kind();

  /** The JSON Schema; whatever has a name goes to {@code defs} and is referred to. */
  ObjectNode schema(Defs defs);

  /** The maps with keys of their own in here, for the reference page. */
  default List<Keys<?>> parts() {
    return List.of();
  }

  /** Whether {@code null} is a value here; everywhere else it means "not said". */
  default boolean takesNull() {
    return false;
  }

  /** The same shape, its value made into another one. */
  default <U> Shape<U> as(Function<? super T, ? extends U> change) {
    return new Changed<>(this, (value, spot) -> change.apply(value));
  }

  /**
   * The same shape for fewer values: {@code check} tells a problem and answers whether it is well.
   */
  default Shape<T> checked(BiPredicate<? super T, Spot> check) {
    return new Changed<>(this, (value, spot) -> check.test(value, spot) ? value : null);
  }
}
