package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.project.Text;
import io.millrace.source.Client;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.List;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final HeldCertificate ROOT =
      new HeldCertificate.Builder().certificateAuthority(0).commonName("root").build();

  /** Made for this test with openssl; nothing else knows it. */
  private static final String PLAIN =
      """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXTtgdSiD1ORt3RKk
      xUXxnaXNzpntIY+NkywARA4cunyhRANCAATePTedWbVO2Qfko4Om7Xpsdv8IlVN6
      iSGOz7+hQnzZiHsa5NcTwGHJYo29swBl4yahiZ4pycmDvE4E1Qe1qCJY
      -----END PRIVATE KEY-----
      """;

  /** The same by {@code openssl pkcs8 -topk8 -v2 aes-256-cbc}, passphrase "a phrase". */
  private static final String ENCRYPTED =
      """
      -----BEGIN ENCRYPTED PRIVATE KEY-----
      MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgwbTAoXWOh0QICCAAw
      DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEFvOfLERU/XWxrAZQCG5IHQEgZDL
      AWdYwfV1yQ+oL6eDOnEB3zL3kGAq6a4F3vfrOe2K+XW8MsGjuIOR1J3mvTSeFi8p
      2Pdz6hcS1b6EYkX7uC+VG4neU2L6rStGT9eWKkTjOET4POUES7xxSt796boouEFW
      5YltagWVFTW9MGHpp+jn2yws2gvnY86IKVinJAdjGv2UIEJogCFMrC23yQa4R0Q=
      -----END ENCRYPTED PRIVATE KEY-----
      """;

  /** The same by {@code openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES}. */
  private static final String ENCRYPTED_LONG_AGO =
      """
      -----BEGIN ENCRYPTED PRIVATE KEY-----
      MIGxMBwGCiqGSIb3DQEMAQMwDgQIk330R/O93OECAggABIGQC2kn11+UUF7xFymi
      HZB4ZPhGNmHuRV0D7gKUsHiscOiXB4c3XwaJfmuTL5jxStjrsgfpLvR6N3I5U/Ov
      KgtR6/DvQRwvrf05HV/Gr2n+lYbUHsVJbcjSmRtSsCkSypxjMdgdz5Hx6+WcHixh
      5pDzwD3TYgvccmgXX0HEkRAz6xt4d0Oq1A0a78OiBFBkov0Z
      -----END ENCRYPTED PRIVATE KEY-----
      """;

  @TempDir Path folder;
  private Api api;

  @BeforeEach
  void start() throws Exception {
    api = new Api(folder);
    HeldCertificate server =
        new HeldCertificate.Builder().signedBy(ROOT).addSubjectAlternativeName("localhost").build();
    HandshakeCertificates certificates =
        new HandshakeCertificates.Builder()
            .heldCertificate(server)
            .addTrustedCertificate(ROOT.certificate())
            .build();
    api.server.useHttps(certificates.sslSocketFactory());
    HeldCertificate client =
        new HeldCertificate.Builder().signedBy(ROOT).commonName("millrace").rsa2048().build();
    write("ca.pem", ROOT.certificatePem());
    write("client.pem", client.certificatePem());
    write("client.key", client.privateKeyPkcs8Pem());
    write("client.rsa", client.privateKeyPkcs1Pem());
    write("other.key", new HeldCertificate.Builder().ecdsa256().build().privateKeyPkcs8Pem());
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void serverOfAnUnknownAuthorityIsRefusedAndOneOfOursIsRead() throws Exception {
    api.server.start();
    api.fails(Failure.SOURCE_REFUSED, "no trust by TLS", "name the server's authority in `tls.ca`");
    api.tls = new Client.Tls(null, null, null, file("ca.pem"));
    api.enqueue("[1]");
    assertThat(api.fetch().bodies()).containsExactly("[1]");
    api.base = "https://127.0.0.1:" + api.server.getPort() + "/v1";
    api.fails(Failure.SOURCE_REFUSED, "no trust by TLS");
  }

  @Test
  void showsOurCertificateToAServerThatAsksForOne() throws Exception {
    api.server.requireClientAuth();
    api.server.start();
    api.tls = new Client.Tls(null, null, null, file("ca.pem"));
    assertThatThrownBy(() -> api.fetch())
        .as("the server closes; how that is seen differs")
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("Cannot reach https://localhost")
        .hasMessageContaining("`tls.certificate`");
    for (String key : new String[] {"client.key", "client.rsa"}) {
      api.tls = new Client.Tls(file("client.pem"), file(key), null, file("ca.pem"));
      api.enqueue("[1]");
      assertThat(api.fetch().bodies()).as(key).containsExactly("[1]");
    }
    assertThat(api.server.takeRequest().getHandshake().peerPrincipal().getName())
        .isEqualTo("CN=millrace");
    int connections = api.server.takeRequest().getConnectionIndex();
    api.enqueue("[1]");
    api.fetch();
    assertThat(api.server.takeRequest().getConnectionIndex())
        .as("a connection is used again by the next fetch")
        .isEqualTo(connections);
  }

  @Test
  void certificateIsNotShownToAStranger() {
    Tls tls = new Tls();
    Client.Tls config = new Client.Tls(file("client.pem"), file("client.key"), null, null);
    assertThat(tls.of(config, api.secrets(), false)).isNull();
    HandshakeCertificates ours = tls.of(config, api.secrets(), true).certificates();
    assertThat(ours.keyManager().getClientAliases("RSA", null)).isNotEmpty();
    Client.Tls withCa =
        new Client.Tls(file("client.pem"), file("client.key"), null, file("ca.pem"));
    String[] shown =
        tls.of(withCa, api.secrets(), false)
            .certificates()
            .keyManager()
            .getClientAliases("RSA", null);
    assertThat(shown).isNull();
  }

  @Test
  void keyThatDoesNotFitIsNamed() throws Exception {
    api.server.start();
    api.tls = new Client.Tls(file("client.pem"), file("other.key"), null, null);
    api.fails(Failure.CONFIG_INVALID, "it is of another kind than `tls.certificate`: EC and RSA");
    api.tls = new Client.Tls(file("client.key"), file("client.key"), null, null);
    api.fails(Failure.CONFIG_INVALID, "Cannot use `tls.certificate`: it is not PEM with a");
    api.tls = new Client.Tls(file("client.pem"), file("client.pem"), null, null);
    api.fails(Failure.CONFIG_INVALID, "Cannot use `tls.private_key`: it is not PEM with a private");
  }

  @Test
  void readsKeysInTheirFormatsAndSaysNothingOfThem() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    String pkcs8 = AuthTest.pem(pair.getPrivate().getEncoded());
    assertThat(Pem.key("k", pkcs8, null)).isEqualTo(pair.getPrivate());
    assertThat(Pem.key("k", pkcs8.replace("\n", "\\n"), null))
        .as("line breaks as two characters, as in JSON")
        .isEqualTo(pair.getPrivate());
    for (String encrypted : List.of(ENCRYPTED, ENCRYPTED_LONG_AGO)) {
      assertThat(Pem.key("k", encrypted, "a phrase")).isEqualTo(Pem.key("k", PLAIN, null));
      assertThatThrownBy(() -> Pem.key("k", encrypted, "wrong"))
          .hasNoCause()
          .hasMessageContaining("its passphrase is wrong, or it is damaged");
      assertThatThrownBy(() -> Pem.key("k", encrypted, null))
          .hasMessageContaining("`private_key_passphrase` is missing");
    }
    String cut = pkcs8.replaceFirst("\n.{60}", "\n");
    assertThatThrownBy(() -> Pem.key("k", cut, null))
        .hasNoCause()
        .hasMessageContaining("Cannot use `k`: it is damaged");
    assertThatThrownBy(() -> Pem.key("k", pkcs8.replace("PRIVATE", "EC PRIVATE"), null))
        .hasMessageContaining("its format is an old one", "openssl pkcs8 -topk8");
  }

  private void write(String name, String text) throws Exception {
    Files.writeString(folder.resolve(name), text);
  }

  private static Text file(String name) {
    return new Text("${file:" + name + "}");
  }
}
