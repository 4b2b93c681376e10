package io.millrace.asset;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * The name of an asset: {@code source.resource}, or a model's name.
 *
 * @param source {@code null} for a model
 */
public record AssetKey(String source, String name) implements Comparable<AssetKey> {
  @JsonCreator
  public static AssetKey parse(String key) {
    int dot = key.indexOf('.');
    return dot < 0
        ? new AssetKey(null, key)
        : new AssetKey(key.substring(0, dot), key.substring(dot + 1));
  }

  @JsonValue
  @Override
  public String toString() {
    return source == null ? name : source + "." + name;
  }

  @Override
  public int compareTo(AssetKey other) {
    return toString().compareTo(other.toString());
  }
}
