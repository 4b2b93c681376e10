package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;

class HttpTest {
  @Test
  void saysThatANameIsNotKnownAlsoTheSecondTime() {
    for (String message :
        List.of("api.example.com: Name or service not known", "api.example.com")) {
      assertThat(new Http.Broken(false, new UnknownHostException(message)))
          .as("Java's own words: %s", message)
          .hasMessage("the name is not known: api.example.com");
    }
    assertThat(new Http.Broken(false, new UnknownHostException()))
        .hasMessage("UnknownHostException");
    assertThat(new Http.Broken(false, new IOException("reset"))).hasMessage("reset");
  }
}
