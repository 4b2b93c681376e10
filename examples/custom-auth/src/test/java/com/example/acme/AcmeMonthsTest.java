package com.example.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.activities.extract.Extractor;
import io.millrace.project.ProjectFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.Test;

class AcmeMonthsTest {
  private final Path file = Path.of("millrace.yaml");

  @Test
  void goesFromMonthToMonthAlsoAfterAnInterruption() throws Exception {
    try (MockWebServer server = new MockWebServer()) {
      server.start();
      server.enqueue(page("[{\"id\":1}]").addHeader("X-Acme-More", "t1").build());
      server.enqueue(page("[{\"id\":2}]").build());
      server.enqueue(page("[{\"id\":3}]").build());
      Acme first = new Acme(server);
      Extractor.Fetched stopped = first.fetch("invoices", null, 1L);
      assertThat(stopped.done()).isFalse();
      Acme second = new Acme(server);
      assertThat(second.fetch("invoices", stopped.position(), null).done()).isTrue();
      assertThat(first.bodies()).containsExactly("[{\"id\":1}]");
      assertThat(second.bodies()).containsExactly("[{\"id\":2}]", "[{\"id\":3}]");
      assertThat(asked(server)).isEqualTo("/v1/invoices?month=2026-01 null");
      assertThat(asked(server)).isEqualTo("/v1/invoices?month=2026-01 t1");
      assertThat(asked(server)).isEqualTo("/v1/invoices?month=2026-02 null");
    }
  }

  @Test
  void unknownTypeIsToldWithTheNearestOne() throws Exception {
    String text = Files.readString(file).replace("type: acme_months", "type: acme_month");
    assertThat(ProjectFile.read(text, "millrace.yaml").problems().toString())
        .contains("unknown paginator type")
        .contains("did you mean acme_months?");
  }

  @Test
  void missingOptionIsNamed() {
    assertThatThrownBy(() -> new AcmeMonths().pager(Map.of("from", "2026-01")))
        .hasMessage("to is no month like 2026-01");
  }

  private static MockResponse.Builder page(String body) {
    return new MockResponse.Builder().body(body);
  }

  private static String asked(MockWebServer server) throws Exception {
    RecordedRequest request = server.takeRequest();
    assertThat(request.getHeaders().get("X-Acme-Signature")).as("signed too").isNotNull();
    return request.getTarget() + " " + request.getHeaders().get("X-Acme-Ticket");
  }
}
