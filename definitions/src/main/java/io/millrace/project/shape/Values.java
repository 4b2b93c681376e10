package io.millrace.project.shape;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** What was read of a map's keys, for the maker of its record. */
public final class Values {
  private final Spot spot;
  private final Map<Keys.Key<?>, Object> values;

  Values(Spot spot, Map<Keys.Key<?>, Object> values) {
    this.spot = spot;
    this.values = values;
  }

  /** The value; {@code null} when the key was not said or what it says is no such value. */
  @SuppressWarnings("unchecked") // only a shape of V ever puts a value under a key of V
  public <V> V get(Keys.Key<V> key) {
    return (V) values.get(key);
  }

  /** The value, or the default when {@link #get} has none. */
  public <V> V get(Keys.Key<V> key, V standard) {
    V value = get(key);
    return value == null ? standard : value;
  }

  /** Whether the key is there, well or not. */
  public boolean said(Keys.Key<?> key) {
    return values.containsKey(key);
  }

  /** What was said of some keys, by name, in the order written. */
  public Map<String, Object> written(Collection<? extends Keys.Key<?>> keys) {
    Map<String, Object> all = new LinkedHashMap<>();
    for (Node.Field field : ((Node.Fields) spot.node()).fields()) {
      for (Keys.Key<?> key : keys) {
        if (key.name().equals(field.name()) && get(key) != null) {
          all.put(field.name(), get(key));
        } else if (get(key) instanceof Map<?, ?> open && open.get(field.name()) != null) {
          all.put(field.name(), open.get(field.name()));
        }
      }
    }
    return all;
  }

  /** Where the map stands. */
  public Spot spot() {
    return spot;
  }

  /** Where the key's value stands; the map when it is not there. */
  public Spot at(Keys.Key<?> key) {
    return spot.key(key.name());
  }
}
