package io.millrace.project.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.BiFunction;

/** A shape whose value is made into another one, or refused. */
record Changed<S, T>(Shape<S> from, BiFunction<? super S, Spot, ? extends T> change)
    implements Shape<T> {
  @Override
  public T read(Spot spot) {
    S value = from.read(spot);
    return value == null ? null : change.apply(value, spot);
  }

  @Override
  public String kind() {
    return from.kind();
  }

  @Override
  public ObjectNode schema(Defs defs) {
    return from.schema(defs);
  }

  @Override
  public List<Keys<?>> parts() {
    return from.parts();
  }

  @Override
  public boolean takesNull() {
    return from.takesNull();
  }
}
