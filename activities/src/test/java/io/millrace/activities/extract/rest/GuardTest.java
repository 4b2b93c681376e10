package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.Failure;
import io.millrace.activities.extract.FetchedSegment;
import io.millrace.project.Text;
import io.millrace.run.Wire;
import io.millrace.source.Auth;
import io.millrace.source.Client;
import io.millrace.source.Paginator;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server may make us do with the addresses that it names. */
class GuardTest {
  @TempDir Path folder;
  private final MockWebServer stranger = new MockWebServer();
  private Api api;

  @BeforeEach
  void start() throws Exception {
    api = new Api(folder);
    api.server.start();
    stranger.start();
    api.environment.put("KEY", "canary-key-1");
    api.auth = new Auth.Bearer(new Text("${env:KEY}"));
    api.headers = Map.of("X-Api-Key", new Text("${env:KEY}"), "Private-Token", new Text("t0ken"));
  }

  @AfterEach
  void stop() {
    api.close();
    stranger.close();
  }

  @Test
  void aPasswordInAnAddressThatIsNoneIsNotShown() {
    api.environment.put("WORD", "canary/+= 7");
    api.base = "http://me:${env:WORD}@127.0.0.1:1/v1";
    api.fails(Failure.CONFIG_INVALID, "not an http or https address: http://***@127.0.0.1:1/v1/");
  }

  @Test
  void originIsWhatTheConfigurationSaysWhateverIsFilledIn() {
    String base = "https://api.example.com/v1";
    assertThat(origin(base, "items/{resources.a.id}")).hasToString("https://api.example.com:443");
    assertThat(origin(base, "https://other.example/x/{resources.a.id}"))
        .hasToString("https://other.example:443");
    assertThat(origin(base, "https://{resources.a.host}/x"))
        .hasToString("https://api.example.com:443");
    assertThat(origin(base, "https://a.{resources.a.host}/x"))
        .hasToString("https://api.example.com:443");
    assertThat(origin(base, "https://good.example{resources.a.rest}"))
        .hasToString("https://api.example.com:443");
  }

  @Test
  void aValueInAPathLeadsToNoOtherAddress() throws Exception {
    api.path = new Text("a/{resources.p.x}/c{resources.p.y}?q=..");
    for (String ours : List.of("..x", "%2e%2e", "/../b", "\\", "?", "é#")) {
      api.values = Map.of("resources.p.x", text(ours), "resources.p.y", text(""));
      api.enqueue("[1]");
      api.fetch();
      List<String> parts = api.server.takeRequest().getUrl().pathSegments();
      assertThat(parts).containsExactly("v1", "a", ours, "c");
    }
    for (String hollow : List.of("..", ".", "")) {
      api.values = Map.of("resources.p.x", text(hollow), "resources.p.y", text(""));
      api.fails(
          Failure.DATA_INVALID,
          "a value that fills a part of the path is empty or only dots",
          "a/" + hollow + "/c?q=..");
    }
    api.values = Map.of("resources.p.x", text("."));
    for (String dots : List.of("a/{resources.p.x}{resources.p.x}", "a/%2E{resources.p.x}")) {
      api.path = new Text(dots);
      api.fails(Failure.DATA_INVALID, "would lead to another address");
    }
    assertThat(api.server.getRequestCount()).as("nothing was asked for").isEqualTo(6);

    api.path = new Text("../v2/{resources.p.x}x");
    api.enqueue("[1]");
    api.fetch();
    assertThat(api.server.takeRequest().getTarget())
        .as("the configuration itself may lead elsewhere")
        .isEqualTo("/v2/.x");
  }

  private static JsonNode text(String text) {
    return JsonNodeFactory.instance.textNode(text);
  }

  @Test
  void allowedHostMayBeWrittenAsPeopleWriteIt() {
    HttpUrl home = HttpUrl.get("https://api.example.com/");
    Origin origin = Origin.of(home, List.of("Bücher.Example", "[::1]", "0x7f.1"));
    for (String allowed : List.of("https://xn--bcher-kva.example/x", "https://[::1]/")) {
      assertThat(origin.atHome(HttpUrl.get(allowed), "a link")).isFalse();
    }
    for (String wrong : List.of("a/b", "user@host", "https://x.example", "")) {
      assertThatThrownBy(() -> Origin.of(home, List.of(wrong)))
          .hasMessageStartingWith("Cannot read `allow_hosts`: it is not a host");
    }
    assertThatThrownBy(
            () -> origin.atHome(HttpUrl.get("https://xn--bcher-kva.example./"), "a link"))
        .as("with a dot at its end it is another name")
        .hasMessageContaining("it leads to another origin");
  }

  @Test
  void allowedHostSeesNothingOfOursAndCannotSendUsHomeAsOurselves() throws Exception {
    api.allowHosts = List.of(stranger.getHostName() + ":" + stranger.getPort());
    api.auth = new Auth.ApiKey(new Text("${env:KEY}"), "key", "query");
    api.server.enqueue(
        Api.status(
            302,
            "Location",
            stranger.url("/x").toString(),
            "Set-Cookie",
            "sid=canary-session; Path=/"));
    stranger.enqueue(Api.status(307, "Location", api.server.url("/back").toString()));
    api.enqueue("[1]");
    assertThat(api.fetch().bodies()).containsExactly("[1]");
    assertThat(api.server.takeRequest().getTarget()).contains("key=canary-key-1");
    for (RecordedRequest request : List.of(stranger.takeRequest(), api.server.takeRequest())) {
      assertThat(request.getTarget()).doesNotContain("canary");
      assertThat(request.getHeaders().names())
          .containsOnly("Host", "Connection", "User-Agent", "Accept-Encoding");
    }
  }

  @Test
  void redirectAtHomeKeepsWhatIsOurs() throws Exception {
    api.server.enqueue(
        Api.status(302, "Location", "/v2/orders", "Set-Cookie", "sid=canary-session; HttpOnly"));
    api.server.enqueue(Api.json("[1]").addHeader("Set-Cookie", "lb=3; Path=/").build());
    assertThat(api.fetch().bodies()).hasSize(1);
    api.server.takeRequest();
    RecordedRequest second = api.server.takeRequest();
    assertThat(second.getHeaders().get("Authorization")).isEqualTo("Bearer canary-key-1");
    assertThat(second.getHeaders().get("X-Api-Key")).isEqualTo("canary-key-1");
    assertThat(second.getHeaders().get("Cookie"))
        .as("its path was /v1, the redirect leads elsewhere")
        .isNull();
    assertThat(api.secrets().mask("sid canary-session")).isEqualTo("sid ***");
  }

  @Test
  void cookiesOfOurOriginComeBackToIt() throws Exception {
    api.paginator = new Paginator.JsonLink(null);
    api.server.enqueue(
        Api.json("{\"data\":[1],\"next\":\"?page=2\"}")
            .addHeader("Set-Cookie", "sid=canary-session")
            .addHeader("Set-Cookie", "evil=1; Domain=other.example")
            .build());
    api.enqueue("{\"data\":[2]}");
    FetchedSegment segment = api.fetch();
    assertThat(segment.bodies()).hasSize(2);
    api.server.takeRequest();
    assertThat(api.server.takeRequest().getHeaders().get("Cookie")).isEqualTo("sid=canary-session");
  }

  @Test
  void redirectOfAPost() throws Exception {
    api.method = "POST";
    api.json = Wire.mapper().readTree("{\"q\":1}");
    api.server.enqueue(Api.status(307, "Location", "/v2/orders"));
    api.enqueue("[1]");
    api.fetch();
    api.server.takeRequest();
    RecordedRequest again = api.server.takeRequest();
    assertThat(again.getMethod() + again.getBody().utf8()).isEqualTo("POST{\"q\":1}");

    api.server.enqueue(Api.status(303, "Location", "/result"));
    api.enqueue("[1]");
    api.fetch();
    api.server.takeRequest();
    RecordedRequest look = api.server.takeRequest();
    assertThat(look.getMethod()).isEqualTo("GET");
    assertThat(look.getHeaders().get("Content-Type")).isNull();
    assertThat(look.getBody() == null ? 0 : look.getBody().size()).isZero();

    for (int status : new int[] {301, 302}) {
      api.server.enqueue(Api.status(status, "Location", "/v2/orders"));
      api.fails(Failure.POLICY_REFUSED, "Cannot follow a redirect of a POST request");
    }
    api.allowHosts = List.of(stranger.getHostName());
    api.server.enqueue(Api.status(308, "Location", stranger.url("/x").toString()));
    api.fails(Failure.POLICY_REFUSED, "Cannot follow a redirect of a POST request");
    assertThat(stranger.getRequestCount()).as("our body went nowhere").isZero();
  }

  @Test
  void redirectsThatLeadAwayAreRefusedBeforeAnyConnection() {
    String host = api.server.getHostName() + ":" + api.server.getPort();
    for (String location :
        List.of(
            stranger.url("/x").toString(),
            "http://me:pw@" + host + "/",
            "http://" + host + "@" + stranger.getHostName() + ":" + stranger.getPort() + "/",
            "//" + stranger.getHostName() + ":" + stranger.getPort() + "/",
            "\\\\" + stranger.getHostName() + ":" + stranger.getPort() + "\\",
            "http://" + api.server.getHostName() + ".:" + api.server.getPort() + "/",
            "https://" + host + "/",
            "http://2130706433:" + stranger.getPort() + "/",
            "file:///etc/passwd",
            "jar:file:/x!/",
            "gopher://x/")) {
      api.server.enqueue(Api.status(302, "Location", location));
      api.fails(Failure.POLICY_REFUSED, "Cannot follow a redirect of shop.orders");
    }
    assertThat(stranger.getRequestCount()).isZero();
  }

  @Test
  void redirectsEnd() {
    for (int i = 0; i < 6; i++) {
      api.server.enqueue(Api.status(302, "Location", "/v1/orders"));
    }
    api.fails(Failure.POLICY_REFUSED, "more than 5 redirects");
    assertThat(api.server.getRequestCount()).isEqualTo(6);
  }

  @Test
  void privateAddressesAreBlockedHoweverTheyAreWritten() throws Exception {
    api.blockPrivate = true;
    int port = api.server.getPort();
    for (String host :
        List.of("localhost", "127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "[::1]")) {
      api.base = "http://" + host + ":" + port + "/v1";
      api.fails(
          Failure.POLICY_REFUSED,
          "it leads to an address that is not of the public internet",
          "block_private_addresses");
    }
    assertThat(api.server.getRequestCount()).isZero();
  }

  @Test
  void nameThatTurnsPrivateAfterItWasLookedUpIsBlockedAtTheSocket() throws Exception {
    Http http = new Http();
    Text any = new Text("http://x/");
    Client blocking =
        new Client(any, null, null, null, null, null, null, null, null, null, null, true);
    OkHttpClient rebound =
        http.client(blocking, null)
            .newBuilder()
            .dns(name -> List.of(InetAddress.getLoopbackAddress()))
            .build();
    HttpUrl url = HttpUrl.get("http://rebind.example:" + api.server.getPort() + "/");
    assertThatThrownBy(
            () ->
                http.exchange(
                    rebound,
                    new Request.Builder().url(url).build(),
                    new Decoding.Limit(1000, 200),
                    () -> {}))
        .hasRootCauseInstanceOf(Sockets.Blocked.class);
    assertThat(api.server.getRequestCount()).isZero();
  }

  @Test
  void tellsPublicAddressesFromOthers() throws Exception {
    for (String address :
        List.of(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.8",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "fec0::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "::7f00:1")) {
      assertThat(Sockets.isPublic(InetAddress.getByName(address))).as(address).isFalse();
    }
    for (String address :
        List.of(
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "2606:4700::1111",
            "64:ff9b::808:808",
            "2002:808:808::")) {
      assertThat(Sockets.isPublic(InetAddress.getByName(address))).as(address).isTrue();
    }
  }

  @Test
  void errorWithAStatusOfSuccessIsNoData() throws Exception {
    for (String body :
        List.of(
            "{\"error\":{\"message\":\"bad canary-key-1\"}}",
            "{\"data\":null,\"errors\":[{\"message\":\"no field\"}]}",
            "{\"error\":true,\"message\":\"no\",\"code\":7}",
            "{\"errors\":[{\"code\":1}],\"success\":false}")) {
      api.enqueue(body);
      api.fails(
              Failure.RESPONSE_INVALID,
              "Cannot read page 1 of http",
              "the answer is an error, though its status is 200",
              "data_selector: $")
          .satisfies(e -> assertThat(Api.stack(e)).doesNotContain("canary"));
    }
    for (String body :
        List.of(
            "{\"error\":null,\"data\":[1]}",
            "{\"data\":[1],\"errors\":[]}",
            "{\"error\":\"odd\",\"id\":1}",
            "[{\"error\":\"x\"}]",
            "{\"errors\":[],\"message\":\"ok\"}")) {
      api.enqueue(body);
      assertThat(api.fetch().fetched().done()).as(body).isTrue();
    }
  }

  private static Origin origin(String base, String path) {
    return Origin.configured(base, path, List.of());
  }
}
