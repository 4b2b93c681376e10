package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import io.millrace.Failure;
import io.millrace.project.Text;
import io.millrace.run.Wire;
import io.millrace.source.Auth;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthTest {
  @TempDir Path folder;
  private Api api;

  @BeforeEach
  void start() throws Exception {
    api = new Api(folder);
    api.server.start();
    api.environment.put("KEY", "canary-key-1");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void keyGoesWhereItIsTold() throws Exception {
    api.headers = Map.of("Cookie", new Text("lang=en"));
    assertThat(sent(key("X-Api-Key", "header")).getHeaders().get("X-Api-Key"))
        .isEqualTo("canary-key-1");
    assertThat(sent(key("k", "query")).getTarget()).isEqualTo("/v1/orders?k=canary-key-1");
    assertThat(sent(key("k", "param")).getTarget()).isEqualTo("/v1/orders?k=canary-key-1");
    assertThat(sent(key("sid", "cookie")).getHeaders().get("Cookie"))
        .as("beside the cookies of `headers`")
        .isEqualTo("lang=en; sid=canary-key-1");
    assertThat(sent(new Auth.Bearer(new Text("${env:KEY}"))).getHeaders().get("Authorization"))
        .isEqualTo("Bearer canary-key-1");
    assertThat(
            sent(new Auth.HttpBasic(new Text("me"), new Text("${env:KEY}")))
                .getHeaders()
                .get("Authorization"))
        .isEqualTo("Basic bWU6Y2FuYXJ5LWtleS0x");
  }

  @Test
  void digestAnswersAChallengeAndKeepsItForTheNextPage() throws Exception {
    api.paginator = new io.millrace.source.Paginator.JsonLink(null);
    api.auth = new Auth.HttpDigest(new Text("Mufasa"), new Text("${env:KEY}"));
    AtomicInteger challenges = new AtomicInteger();
    dispatch(
        request -> {
          String authorization = request.getHeaders().get("Authorization");
          if (authorization == null) {
            challenges.incrementAndGet();
            return Api.status(
                401,
                "WWW-Authenticate",
                "Digest realm=\"shop\", qop=\"auth\", nonce=\"n0nce\", opaque=\"0paque\"");
          }
          Map<String, String> said = parts(authorization);
          String one = md5("Mufasa:shop:canary-key-1");
          String two = md5("GET:" + request.getTarget());
          String all =
              String.join(
                  ":", one, "n0nce", said.get("nc"), said.get("cnonce"), said.get("qop"), two);
          assertThat(said).containsEntry("response", md5(all)).containsEntry("opaque", "0paque");
          boolean last = request.getTarget().contains("page=2");
          return Api.json(last ? "{\"data\":[2]}" : "{\"data\":[1],\"next\":\"?page=2\"}").build();
        });
    assertThat(api.fetch().bodies()).hasSize(2);
    assertThat(challenges).as("one challenge for two pages").hasValue(1);
  }

  @Test
  void digestWithAWrongPasswordIsARefusal() {
    api.auth = new Auth.HttpDigest(new Text("Mufasa"), new Text("${env:KEY}"));
    dispatch(
        request ->
            Api.status(401, "WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\""));
    api.fails(Failure.SOURCE_REFUSED, "status 401", "check `auth`");
    assertThat(api.server.getRequestCount()).isEqualTo(2);
  }

  @Test
  void refreshTokenIsRotatedAndAccessTokenRenewedOnceAfterA401() throws Exception {
    api.environment.put("REFRESH", "canary-refresh-1");
    api.auth =
        new Auth.OAuth2RefreshToken(
            tokenUrl(), new Text("${env:REFRESH}"), null, new Text("me"), null, null, null);
    List<String> used = new ArrayList<>();
    dispatch(
        request -> {
          if (request.getTarget().equals("/token")) {
            String form = request.getBody().utf8();
            assertThat(form).contains("grant_type=refresh_token", "client_id=me");
            used.add(form.replaceAll(".*refresh_token=(canary[^&]*).*", "$1"));
            int n = used.size() + 1;
            return Api.json(
                    "{\"access_token\":\"access-token-%d\",\"refresh_token\":\"canary-refresh-%d\"}"
                        .formatted(n, n))
                .build();
          }
          boolean old = "Bearer access-token-2".equals(request.getHeaders().get("Authorization"));
          return old ? Api.status(401) : Api.json("[1]").build();
        });
    api.fetch();
    assertThat(used).containsExactly("canary-refresh-1", "canary-refresh-2");
    assertThat(api.secrets().mask("a canary-refresh-3 and access-token-3"))
        .as("what came at run time")
        .isEqualTo("a *** and ***");
  }

  /** Takes only the refresh token that it gave last. */
  private void rotates(String first) {
    String[] newest = {first};
    dispatch(
        request -> {
          if (!request.getTarget().equals("/token")) {
            return Api.json("[1]").build();
          }
          String sent = request.getBody().utf8().replaceAll(".*refresh_token=([^&]*).*", "$1");
          if (!sent.equals(newest[0])) {
            return new MockResponse.Builder().code(400).body("invalid_grant " + sent).build();
          }
          newest[0] = "canary-" + (char) ('b' + newest[0].charAt(7) - 'a') + "-refresh";
          return Api.json(
                  "{\"access_token\":\"access-token\",\"refresh_token\":\"" + newest[0] + "\"}")
              .build();
        });
  }

  private void refreshedBy(String token, String file) {
    api.environment.put("REFRESH", token);
    Text kept = file == null ? null : new Text(file);
    api.auth =
        new Auth.OAuth2RefreshToken(
            tokenUrl(), new Text("${env:REFRESH}"), kept, null, null, null, null);
    api.restart();
  }

  @Test
  void aUsedUpRefreshTokenIsARefusalThatSaysWhatToDo() throws Exception {
    rotates("canary-a-refresh");
    refreshedBy("canary-a-refresh", null);
    api.fetch();
    refreshedBy("canary-a-refresh", null);
    api.fails(
        Failure.SOURCE_REFUSED,
        "status 400: invalid_grant ***",
        "when the refresh token was used up, get a new one, and where the server gives a new one"
            + " each time let a `refresh_token_file` keep it");
  }

  @Test
  void aRotatedRefreshTokenOutlivesTheProcessInAFileOfItsOwner() throws Exception {
    rotates("canary-a-refresh");
    Path file = folder.resolve("keep/refresh.json");
    for (int process = 0; process < 3; process++) {
      refreshedBy("canary-a-refresh", "keep/refresh.json");
      api.fetch();
    }
    assertThat(Files.readString(file)).contains("canary-d-refresh").doesNotContain("canary-a");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (Stream<Path> beside = Files.list(file.getParent())) {
      assertThat(beside.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("refresh.json", "refresh.json.lock");
    }

    rotates("canary-k-refresh");
    refreshedBy("canary-k-refresh", "keep/refresh.json");
    api.fetch();
    assertThat(Files.readString(file)).as("the new one of the file").contains("canary-l-refresh");
  }

  @Test
  void whereARefreshTokenCannotBeKeptItIsNotUsedUp() throws Exception {
    rotates("canary-a-refresh");
    Files.writeString(folder.resolve("keep"), "mine");
    refreshedBy("canary-a-refresh", "keep/refresh.json");
    api.fails(Failure.CONFIG_INVALID, "Cannot keep refresh tokens: ", "`refresh_token_file` has");
    refreshedBy("canary-a-refresh", "keep");
    api.fails(Failure.CONFIG_INVALID, "Cannot read the newest refresh token: ", "keep");
    assertThat(Files.readString(folder.resolve("keep"))).isEqualTo("mine");
    refreshedBy("canary-a-refresh", "other");
    api.fetch();
  }

  @Test
  void jwtIsSignedForAServiceAccount() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    Files.writeString(folder.resolve("key.pem"), pem(pair.getPrivate().getEncoded()));
    api.auth =
        new Auth.OAuth2JwtBearer(
            tokenUrl(),
            new Text("robot@shop.example"),
            new Text("${file:key.pem}"),
            null,
            List.of("read", "list"),
            Map.of("X-Tenant", new Text("t1")),
            new Text("boss@shop.example"),
            null,
            "key-7",
            null);
    api.enqueue("{\"access_token\":\"access-token-9\",\"expires_in\":60}");
    api.enqueue("[1]");
    api.fetch();
    RecordedRequest asked = api.server.takeRequest();
    assertThat(asked.getHeaders().get("X-Tenant")).isEqualTo("t1");
    Matcher form =
        Pattern.compile(
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=(.*)"
                    + "|assertion=(.*)&grant_type=urn.*")
            .matcher(asked.getBody().utf8());
    assertThat(form.matches()).isTrue();
    SignedJWT jwt = SignedJWT.parse(form.group(1) == null ? form.group(2) : form.group(1));
    assertThat(jwt.verify(new RSASSAVerifier((RSAPublicKey) pair.getPublic()))).isTrue();
    assertThat(jwt.getHeader().getKeyID()).isEqualTo("key-7");
    var claims = jwt.getJWTClaimsSet();
    assertThat(claims.getIssuer()).isEqualTo("robot@shop.example");
    assertThat(claims.getSubject()).isEqualTo("boss@shop.example");
    assertThat(claims.getAudience()).containsExactly(tokenUrl().raw());
    assertThat(claims.getStringClaim("scope")).isEqualTo("read list");
    assertThat(claims.getExpirationTime().toInstant())
        .isEqualTo(api.time.instant().plusSeconds(3600));
    assertThat(api.server.takeRequest().getHeaders().get("Authorization"))
        .isEqualTo("Bearer access-token-9");
    assertThat(api.secrets().mask(form.group())).doesNotContain(jwt.serialize());
  }

  @Test
  void requestIsSignedAsAwsChecksIt() throws Exception {
    api.method = "POST";
    api.json = Wire.mapper().readTree("{\"a\":[1,2]}");
    api.params = Map.of("z", new Text("a b/c"), "b", new Text("ü"));
    api.headers = Map.of("X-Other", new Text("${env:KEY}"));
    api.auth =
        new Auth.AwsSigv4(
            new Text("AKIDEXAMPLE"),
            new Text("${env:KEY}"),
            new Text("session-token-1"),
            new Text("us-east-1"),
            new Text("execute-api"));
    api.enqueue("[1]");
    api.fetch();
    RecordedRequest request = api.server.takeRequest();
    String authorization = request.getHeaders().get("Authorization");
    Map<String, String> said = parts(authorization.substring("AWS4-HMAC-SHA256 ".length()));
    assertThat(said.get("SignedHeaders"))
        .contains("host", "x-amz-date", "x-amz-security-token")
        .doesNotContain("x-other");
    assertThat(request.getHeaders().get("X-Amz-Date")).isEqualTo("20260101T000000Z");
    assertThat(said.get("Signature")).isEqualTo(aws(request, said, "canary-key-1"));
  }

  @Test
  void manyFetchesOfAProcessShareOneTokenThatLivesTwoSeconds() throws Exception {
    api.auth = clientCredentials();
    AtomicInteger tokens = new AtomicInteger();
    dispatch(
        request ->
            request.getTarget().equals("/token")
                ? Api.json(
                        "{\"access_token\":\"access-token-%d\",\"expires_in\":2}"
                            .formatted(tokens.incrementAndGet()))
                    .bodyDelay(100, java.util.concurrent.TimeUnit.MILLISECONDS)
                    .build()
                : Api.json("[1]").build());
    api.extractor();
    ExecutorService pool = Executors.newFixedThreadPool(16);
    try {
      for (int round = 1; round <= 3; round++) {
        List<Future<?>> fetches = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
          fetches.add(pool.submit(() -> api.fetch()));
        }
        for (Future<?> fetch : fetches) {
          fetch.get();
        }
        assertThat(tokens).as("token requests of 16 fetches, round %d", round).hasValue(round);
        api.time.millis(1_700);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void tokenEndpointThatFailsIsANamedFailureWithoutSecrets() {
    api.auth = clientCredentials();
    api.server.enqueue(
        new MockResponse.Builder().code(401).body("bad secret canary-key-1 for me").build());
    api.fails(Failure.SOURCE_REFUSED, "Cannot get a token from ", "status 401", "bad secret ***")
        .satisfies(e -> assertThat(Api.stack(e)).doesNotContain("canary-key"));
    api.server.enqueue(Api.status(503));
    api.fails(Failure.SOURCE_UNREACHABLE, "Cannot get a token from ", "status 503");
    api.enqueue("{\"error\":\"invalid_grant\",\"detail\":\"canary-key-1\"}");
    api.fails(Failure.RESPONSE_INVALID, "no access_token, it says: invalid_grant");
    api.enqueue("<html>canary-key-1");
    api.fails(Failure.RESPONSE_INVALID, "the answer is not JSON");
    api.server.enqueue(Api.status(302, "Location", "http://evil.example/"));
    api.fails(Failure.SOURCE_REFUSED, "status 302");
    api.enqueue("{\"access_token\":\"canary-bad-\\ntoken\"}");
    api.fails(Failure.CONFIG_INVALID, "has a character that HTTP does not allow")
        .satisfies(e -> assertThat(Api.stack(e)).doesNotContain("canary"));
  }

  @Test
  void typeThatNoPluginBringsIsNamedAtRunTime() {
    api.auth = new Auth.Custom("acme_hmac", Map.of());
    api.fails(Failure.CONFIG_INVALID, "Cannot use auth acme_hmac: this worker has no such plugin");
  }

  private Auth clientCredentials() {
    return new Auth.OAuth2ClientCredentials(
        tokenUrl(), new Text("me"), new Text("${env:KEY}"), null, null);
  }

  private Text tokenUrl() {
    return new Text(api.server.url("/token").toString());
  }

  private static Auth key(String name, String location) {
    return new Auth.ApiKey(new Text("${env:KEY}"), name, location);
  }

  private RecordedRequest sent(Auth auth) throws Exception {
    api.auth = auth;
    api.enqueue("[1]");
    api.fetch();
    return api.server.takeRequest();
  }

  private interface Answering {
    MockResponse answer(RecordedRequest request);
  }

  private void dispatch(Answering answering) {
    api.server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            try {
              return answering.answer(request);
            } catch (AssertionError e) {
              return new MockResponse.Builder().code(418).body(String.valueOf(e)).build();
            }
          }
        });
  }

  static String pem(byte[] der) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END PRIVATE KEY-----\n";
  }

  private static Map<String, String> parts(String header) {
    Map<String, String> parts = new TreeMap<>();
    Matcher part = Pattern.compile("(\\w+)=\"?([^\",]*)\"?").matcher(header);
    while (part.find()) {
      parts.put(part.group(1), part.group(2));
    }
    return parts;
  }

  private static String md5(String text) {
    return hash("MD5", text.getBytes(StandardCharsets.UTF_8));
  }

  private static String hash(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The server's side of AWS Signature Version 4, from its documentation. */
  private static String aws(RecordedRequest request, Map<String, String> said, String key)
      throws Exception {
    StringBuilder canonical = new StringBuilder("POST\n/v1/orders\n");
    List<String> query = new ArrayList<>(List.of("z=a%20b%2Fc", "b=%C3%BC"));
    canonical.append(String.join("&", query.stream().sorted().toList())).append('\n');
    for (String name : said.get("SignedHeaders").split(";")) {
      canonical.append(name).append(':').append(request.getHeaders().get(name)).append('\n');
    }
    byte[] body = request.getBody().toByteArray();
    canonical.append('\n').append(said.get("SignedHeaders")).append('\n');
    canonical.append(hash("SHA-256", body));
    String scope = "20260101/us-east-1/execute-api/aws4_request";
    String toSign =
        "AWS4-HMAC-SHA256\n20260101T000000Z\n"
            + scope
            + "\n"
            + hash("SHA-256", canonical.toString().getBytes(StandardCharsets.UTF_8));
    byte[] signing = ("AWS4" + key).getBytes(StandardCharsets.UTF_8);
    for (String part : scope.split("/")) {
      signing = hmac(signing, part);
    }
    return HexFormat.of().formatHex(hmac(signing, toSign));
  }

  private static byte[] hmac(byte[] key, String text) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
  }
}
