package io.millrace.asset;

import java.util.List;

/**
 * What the graph orchestrates.
 *
 * @param kind the source's type: {@code rest_api}, {@code filesystem}, …
 * @param group {@code null} for none
 * @param upstream assets that must be there first; they may be missing from the project until
 *     {@link AssetGraph} has looked
 * @param selected whether it runs without being named
 */
public record Asset(
    AssetKey key,
    String kind,
    List<String> tags,
    String group,
    List<AssetKey> upstream,
    boolean selected) {
  public Asset {
    tags = List.copyOf(tags);
    upstream = List.copyOf(upstream);
  }
}
