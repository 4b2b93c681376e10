package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.util.List;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;

class OriginTest {
  private static final HttpUrl HOME = HttpUrl.get("https://api.example.com/v1/items");

  @Test
  void sameOriginIsHomeHoweverItIsWritten() {
    Origin origin = Origin.of(HOME, List.of());
    for (String link :
        List.of(
            "?page=2",
            "/x",
            "../y",
            "https://api.example.com:443/z",
            "HTTPS://API.EXAMPLE.COM/",
            "//api.example.com/x")) {
      assertThat(origin.atHome(HOME.resolve(link), "the next link")).as(link).isTrue();
    }
  }

  @Test
  void everyOtherOriginIsRefused() {
    Origin origin = Origin.of(HOME, List.of());
    for (String link :
        List.of(
            "https://evil.example/",
            "https://api.example.com:8443/",
            "http://api.example.com/",
            "https://api.example.com@evil.example/",
            "https://good@api.example.com/",
            "//evil.example/x",
            "\\\\evil.example/x",
            "/\\evil.example/x",
            "https://api.example.com.evil.example/",
            "https://api.example.com./",
            "https://[::1]/",
            "https://127.0.0.1/",
            "https://0x7f000001/",
            "https://sub.api.example.com/",
            "https://xn--pi-7ba.example.com/",
            "https://аpi.example.com/",
            "https:///evil.example/")) {
      HttpUrl url = HOME.resolve(link);
      if (url != null) {
        assertThatExceptionOfType(MillraceException.class)
            .as(link + " is " + url)
            .isThrownBy(() -> origin.atHome(url, "the next link"))
            .matches(e -> e.failure() == Failure.POLICY_REFUSED)
            .withMessageStartingWith("Cannot follow the next link: ");
      }
    }
    for (String link : List.of("file:///etc/passwd", "jar:x", "gopher://x/", "ftp://x/")) {
      assertThat(HOME.resolve(link)).as(link).isNull();
    }
  }

  @Test
  void allowedHostIsVisitedAsAStrangerAndNeverWithoutTls() {
    Origin origin = Origin.of(HOME, List.of("cdn.example.com", "other.example:8443"));
    assertThat(origin.atHome(HttpUrl.get("https://cdn.example.com/a"), "a redirect")).isFalse();
    assertThat(origin.atHome(HttpUrl.get("https://other.example:8443/"), "a redirect")).isFalse();
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> origin.atHome(HttpUrl.get("https://other.example/"), "a redirect"));
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> origin.atHome(HttpUrl.get("http://cdn.example.com/a"), "a redirect"))
        .withMessageContaining("https may not become http");
  }
}
