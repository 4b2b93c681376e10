package io.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.asset.AssetKey;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParentTest {
  @Test
  void isNamedByPathParamsHeadersAndBody() {
    Project project =
        project(
            """
            - orders
            - name: items
              include_from_parent: [id, "odd key"]
              endpoint:
                path: orders/{resources.orders.id}
                params: {c: "x {{}} {resources.orders.customer['first name']}"}
                headers: {X-Id: "{resources.orders.lines[0].id}"}
                method: POST
                json: {a: [{b: "{resources.orders.id}"}]}
            """);
    Parent parent = parent(project, "items");
    assertThat(parent.resource()).isEqualTo("orders");
    assertThat(parent.fields()).containsExactly("id", "customer['first name']", "lines[0].id");
    assertThat(parent.wanted())
        .containsExactly("id", "customer['first name']", "lines[0].id", "odd key");
    assertThat(parent.included("id")).isEqualTo("_orders_id");
    assertThat(project.assets().get(1).upstream()).containsExactly(new AssetKey("shop", "orders"));
    Source shop = project.source("shop").orElseThrow();
    assertThat(Project.children(shop, shop.resources().get(0)))
        .extracting(Resource::name)
        .containsExactly("items");
    assertThat(Parent.of(shop.resources().get(0))).isEmpty();
  }

  @Test
  void olderFormMeansThePlaceholder() {
    Project project =
        project(
            """
            - orders
            - name: items
              endpoint:
                path: orders/{order}/items
                params: {order: {type: resolve, resource: orders, field: number}, page: 1}
            """);
    Endpoint endpoint =
        project.source("shop").orElseThrow().resource("items").orElseThrow().endpoint();
    assertThat(endpoint.path().raw()).isEqualTo("orders/{resources.orders.number}/items");
    assertThat(endpoint.params()).containsOnlyKeys("page");
    assertThat(parent(project, "items").fields()).isEqualTo(List.of("number"));
  }

  private static Parent parent(Project project, String resource) {
    return Parent.of(project.source("shop").orElseThrow().resource(resource).orElseThrow())
        .orElseThrow();
  }

  private static Project project(String resources) {
    return ProjectFile.read(
            """
            project: shop
            sources:
              shop:
                type: rest_api
                client: {base_url: "https://api.example.com/"}
                resources:
            """
                + resources.indent(6),
            "millrace.yaml")
        .orThrow();
  }
}
