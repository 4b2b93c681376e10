package io.millrace.worker.command;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.WireMockServer;
import io.millrace.worker.Cli;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example of {@code docs/guides/children.md} runs as it is written there. */
@Timeout(300)
class ChildrenGuideTest {
  @TempDir Path folder;

  @Test
  void exampleOfTheGuideRuns() throws Exception {
    String guide = Files.readString(Path.of("../docs/guides/children.md"));
    Matcher yaml =
        Pattern.compile("```yaml example=children\n(.*?)```", Pattern.DOTALL).matcher(guide);
    assertThat(yaml.find()).isTrue();
    Files.writeString(folder.resolve("millrace.yaml"), yaml.group(1));
    WireMockServer api = new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
    api.start();
    try {
      answer(
          api,
          "/orders",
          "{'data':[{'id':1,'changed_at':'2026-02-01T00:00:00Z'},{'id':2,'changed_at':'2026-02-02T00:00:00Z'}]}");
      answer(
          api,
          "/orders/1/items",
          "{'data':[{'position':1,'sku':'tea','product':{'language':'en'}}]}");
      answer(
          api,
          "/orders/2/items",
          "{'data':[{'position':1,'sku':'pot','product':{'language':'de'}},{'position':2,'sku':'tea','product':{'language':'en'}}]}");
      note(api, "tea", "en", "{'data':[{'text':'hot'}]}");
      note(api, "pot", "de", "{'data':[{'text':'schwer'},{'text':'rund'}]}");
      Cli cli = Cli.ofTheHouse(folder).with("SHOP_URL", "http://127.0.0.1:" + api.port() + "/");

      Cli.Result run = cli.run("run");
      assertThat(run.code()).as(run.err()).isZero();

      Cli.Result query =
          cli.run(
              "query",
              "select string_agg(_items__orders_id || ' ' || _items_sku || ' ' || text, ', ' order by _items__orders_id, text) from product_notes",
              "--output",
              "json");
      JsonNode rows = new ObjectMapper().readTree(query.out()).get("rows");
      assertThat(rows.toString()).contains("1 tea hot, 2 tea hot, 2 pot rund, 2 pot schwer");
      assertThat(api.getAllServeEvents()).hasSize(6);
    } finally {
      api.stop();
    }
  }

  private static void answer(WireMockServer api, String path, String json) {
    api.stubFor(get(urlPathEqualTo(path)).willReturn(okJson(json.replace('\'', '"'))));
  }

  private static void note(WireMockServer api, String sku, String language, String json) {
    api.stubFor(
        get(urlPathEqualTo("/notes"))
            .withQueryParam("sku", equalTo(sku))
            .withQueryParam("lang", equalTo(language))
            .willReturn(okJson(json.replace('\'', '"'))));
  }
}
