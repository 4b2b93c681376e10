package com.example.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.rest.RestExtractor;
import io.millrace.activities.secret.EnvSecrets;
import io.millrace.activities.staging.RawPage;
import io.millrace.activities.staging.RawSegmentWriter;
import io.millrace.project.Project;
import io.millrace.project.ProjectFile;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.Test;

class AcmeHmacTest {
  private final Path file = Path.of("millrace.yaml");

  @Test
  void configurationPicksThePluginAndEveryRequestIsSigned() throws Exception {
    Project project = ProjectFile.read(Files.readAllBytes(file), "millrace.yaml").orThrow();
    try (MockWebServer server = new MockWebServer()) {
      server.start();
      server.enqueue(new MockResponse.Builder().body("[{\"id\":1}]").build());
      Map<String, String> environment =
          Map.of("ACME_URL", server.url("/v1/").toString(), "ACME_SECRET", "s3cret-of-acme");
      EnvSecrets secrets = new EnvSecrets(environment, Path.of("."));
      Pages pages = new Pages();
      new RestExtractor(secrets).fetch(order(project), pages, Progress.NONE);
      assertThat(pages.bodies).containsExactly("[{\"id\":1}]");
      RecordedRequest request = server.takeRequest();
      assertThat(request.getHeaders().get("X-Acme-Key")).isEqualTo("k1");
      assertThat(request.getHeaders().get("X-Acme-Signature")).matches("[0-9a-f]{64}");
      assertThat(secrets.mask("s3cret-of-acme")).isEqualTo("***");
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

  private static Extractor.Order order(Project project) {
    Source.RestApi source = (Source.RestApi) project.sources().iterator().next();
    Resource resource = source.resources().get(0);
    return new Extractor.Order(
        project, source, resource, null, null, Resource.SegmentBounds.DEFAULT, null, false);
  }

  private static final class Pages implements RawSegmentWriter {
    private final List<String> bodies = new ArrayList<>();

    @Override
    public void page(
        RawPage.Format format,
        List<String> selector,
        String origin,
        byte[] body,
        int offset,
        int length) {
      bodies.add(new String(body, offset, length, StandardCharsets.UTF_8));
    }

    @Override
    public void range(RawPage.Format format, List<String> selector, Path file, long from, long to) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long pages() {
      return bodies.size();
    }

    @Override
    public long bytes() {
      return 0;
    }
  }
}
