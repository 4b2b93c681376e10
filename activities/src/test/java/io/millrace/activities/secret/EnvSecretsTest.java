package io.millrace.activities.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.project.Text;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvSecretsTest {
  @TempDir Path project;

  private Secrets secrets(Map<String, String> environment) {
    return new EnvSecrets(environment, project);
  }

  @Test
  void replacesReferencesInsideText() throws IOException {
    Files.writeString(project.resolve("key.pem"), "line\n");
    Secrets secrets = secrets(Map.of("HOST", "h$1\\", "EMPTY", ""));
    assertThat(secrets.resolve(new Text("https://${env:HOST}/${file:key.pem}/x")))
        .isEqualTo("https://h$1\\/line/x");
    assertThat(secrets.resolve(new Text("${env:NONE:-a-b:c}${env:EMPTY:-}"))).isEqualTo("a-b:c");
    assertThat(secrets.resolve(new Text("plain {incremental.start_value}")))
        .isEqualTo("plain {incremental.start_value}");
  }

  @Test
  void namesTheMissingReferenceAndWhatToDo() {
    assertMissing(Map.of(), "${env:TOKEN}", "is not set: ${env:TOKEN} (export TOKEN=…");
    assertMissing(Map.of("TOKEN", ""), "${env:TOKEN}", "the environment variable is empty");
    assertMissing(Map.of(), "${file:no.txt}", "there is no such file: ${file:no.txt}");
  }

  @Test
  void refusesAnUnknownKindOfReference() {
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> secrets(Map.of()).resolve(new Text("${vault:x}")))
        .matches(e -> e.failure() == Failure.CONFIG_INVALID)
        .withMessageContaining("${vault:x}");
  }

  @Test
  void masksEveryForm() {
    String value = "s3cr/t +\"ü:@";
    Secrets secrets = secrets(Map.of("TOKEN", value));
    assertThat(secrets.resolveSecret(new Text("Bearer ${env:TOKEN}"))).isEqualTo("Bearer " + value);
    String url = URLEncoder.encode(value, StandardCharsets.UTF_8);
    String base64 = Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
    for (String form :
        new String[] {value, url, url.replace("+", "%20"), url.toLowerCase(), base64}) {
      assertThat(secrets.mask("a " + form + " b")).isEqualTo("a *** b");
    }
    assertThat(secrets.mask("Bearer")).isEqualTo("Bearer");
    assertThat(secrets.mask(null)).isNull();
    assertThat(secrets.toString()).doesNotContain(value);
  }

  @Test
  void longestValueIsMaskedFirst() {
    Secrets secrets = secrets(Map.of("A", "secret", "B", "secret-and-more"));
    secrets.resolveSecret(new Text("${env:A}"));
    secrets.resolveSecret(new Text("${env:B}"));
    assertThat(secrets.mask("x secret-and-more y secret")).isEqualTo("x *** y ***");
  }

  @Test
  void doesNotMaskShortValuesOrValuesThatAreNoSecret() {
    Secrets secrets = secrets(Map.of("A", "short", "B", "hostname"));
    secrets.resolveSecret(new Text("${env:A}"));
    secrets.resolve(new Text("${env:B}"));
    assertThat(secrets.mask("short hostname")).isEqualTo("short hostname");
  }

  @Test
  void masksLiteralCredentialsAndGivenTokens() {
    Secrets secrets = secrets(Map.of());
    secrets.resolveSecret(new Text("literal-token"));
    secrets.remember("given-token");
    assertThat(secrets.mask("literal-token given-token")).isEqualTo("*** ***");
    for (int i = 0; i < 1000; i++) {
      secrets.remember("passing-token-" + i);
    }
    assertThat(secrets.mask("literal-token passing-token-999")).isEqualTo("*** ***");
  }

  private void assertMissing(Map<String, String> environment, String text, String message) {
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> secrets(environment).resolve(new Text(text)))
        .matches(e -> e.failure() == Failure.SECRET_MISSING)
        .withMessageContaining(message);
  }

  @Test
  void aTextOfBackslashesEndsTheMaskNeither() {
    String value = "/pass\\\\\\\\word";
    Secrets secrets = secrets(Map.of("TOKEN", value));
    secrets.resolveSecret(new Text("${env:TOKEN}"));
    String hostile = "pass " + "\\".repeat(100_000) + " /pass" + "\\".repeat(100_000) + " word";
    assertThat(secrets.mask(hostile)).isEqualTo(hostile);
    assertThat(secrets.mask("a " + value.replace("\\", "\\\\") + " b " + value + " c"))
        .isEqualTo("a *** b *** c");
  }
}
