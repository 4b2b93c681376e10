package com.example.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.project.ProjectFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.Test;

class AcmeHmacTest {
  private final Path file = Path.of("millrace.yaml");

  @Test
  void configurationPicksThePluginAndEveryRequestIsSigned() throws Exception {
    try (MockWebServer server = new MockWebServer()) {
      server.start();
      server.enqueue(new MockResponse.Builder().body("[{\"id\":1}]").build());
      Acme acme = new Acme(server);
      acme.fetch("orders", null, null);
      assertThat(acme.bodies()).containsExactly("[{\"id\":1}]");
      RecordedRequest request = server.takeRequest();
      assertThat(request.getHeaders().get("X-Acme-Key")).isEqualTo("k1");
      assertThat(request.getHeaders().get("X-Acme-Signature")).matches("[0-9a-f]{64}");
      assertThat(acme.secrets.mask("s3cret-of-acme")).isEqualTo("***");
    }
  }

  @Test
  void unknownTypeIsStillToldWithTheNearestOne() throws Exception {
    String text = Files.readString(file).replace("type: acme_hmac", "type: acme_hmca");
    assertThat(ProjectFile.read(text, "millrace.yaml").problems().toString())
        .contains("unknown auth type")
        .contains("did you mean acme_hmac?");
  }

  @Test
  void missingOptionIsNamed() {
    assertThatThrownBy(() -> new AcmeHmac().signer(Map.of("key_id", "k1")))
        .hasMessage("the key is missing: secret");
  }
}
