package io.millrace.asset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AssetGraphTest {
  static Asset asset(String key, String... upstream) {
    return new Asset(
        AssetKey.parse(key),
        "rest_api",
        List.of(),
        null,
        Stream.of(upstream).map(AssetKey::parse).toList(),
        true);
  }

  static List<String> names(List<AssetKey> keys) {
    return keys.stream().map(AssetKey::toString).toList();
  }

  @Test
  void ordersUpstreamFirstAndTiesByKey() {
    List<Asset> assets =
        new ArrayList<>(
            List.of(
                asset("s.d", "s.b", "s.c"),
                asset("s.z"),
                asset("s.b", "s.z"),
                asset("s.c"),
                asset("s.a", "s.d")));
    for (int i = 0; i < 5; i++) {
      Collections.rotate(assets, 1);
      assertThat(AssetGraph.of(assets).assets())
          .extracting(a -> a.key().toString())
          .containsExactly("s.c", "s.z", "s.b", "s.d", "s.a");
    }
  }

  @Test
  void knowsNeighbours() {
    AssetGraph graph =
        AssetGraph.of(List.of(asset("s.b", "s.a"), asset("s.a"), asset("s.c", "s.a")));
    assertThat(graph.downstream(AssetKey.parse("s.a")))
        .containsExactly(AssetKey.parse("s.b"), AssetKey.parse("s.c"));
    assertThat(graph.upstream(AssetKey.parse("s.b"))).containsExactly(AssetKey.parse("s.a"));
    assertThat(graph.upstream(AssetKey.parse("s.x"))).isEmpty();
    assertThat(names(graph.ordered(Set.of(AssetKey.parse("s.c"), AssetKey.parse("s.a")))))
        .containsExactly("s.a", "s.c");
  }

  @Test
  void tellsEveryUnknownDependencyAndEveryCircle() {
    List<Asset> assets =
        List.of(
            asset("s.a", "s.b"),
            asset("s.b", "s.c"),
            asset("s.c", "s.a"),
            asset("s.x", "s.y", "s.oders"),
            asset("s.y", "s.x"),
            asset("s.orders", "s.a", "s.orders"),
            asset("s.last", "s.x"));
    assertThatThrownBy(() -> AssetGraph.of(assets))
        .isInstanceOfSatisfying(
            MillraceException.class, e -> assertThat(e.failure()).isEqualTo(Failure.CONFIG_INVALID))
        .hasMessage(
            """
            Cannot order s.x: it depends on an unknown asset: s.oders (did you mean s.orders?)
            Cannot order s.a: it waits for itself: s.a -> s.b -> s.c -> s.a (take out one depends_on)
            Cannot order s.orders: it waits for itself: s.orders -> s.orders (take out one depends_on)
            Cannot order s.x: it waits for itself: s.x -> s.y -> s.x (take out one depends_on)""");
  }

  @Test
  void ordersALongChainSoon() {
    List<Asset> assets = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      assets.add(i == 0 ? asset("s.n0") : asset("s.n" + i, "s.n" + (i - 1)));
    }
    List<Asset> order = AssetGraph.of(assets).assets();
    assertThat(order.get(19_999).key().name()).isEqualTo("n19999");
  }
}
