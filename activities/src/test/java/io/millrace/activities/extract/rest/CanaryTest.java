package io.millrace.activities.extract.rest;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.millrace.MillraceException;
import io.millrace.activities.extract.FetchedSegment;
import io.millrace.project.Text;
import io.millrace.run.Wire;
import io.millrace.source.Auth;
import io.millrace.source.Paginator;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * Every kind of secret, through a success and every kind of failure, with a server that says back
 * whatever it got: none of it is seen anywhere.
 */
class CanaryTest {
  private static final String TAIL = "-7f3a/+= &\"x";

  @TempDir Path folder;
  private final List<String> logged = new CopyOnWriteArrayList<>();
  private final Listening logback = new Listening();
  private final Handler jul = new JulListening();
  private final Set<String> secrets = new LinkedHashSet<>();
  private final Map<String, Integer> said = new LinkedHashMap<>();
  private Level before;
  private Api api;

  /** What is secret. */
  enum Kind {
    BEARER,
    HEADER_KEY,
    QUERY_KEY,
    COOKIE_KEY,
    BASIC,
    DIGEST,
    CLIENT_SECRET,
    REFRESH_TOKEN,
    PRIVATE_KEY,
    AWS,
    CUSTOM_HEADER,
    QUERY_PARAM,
    QUERY_IN_PATH,
    TOKEN_IN_PATH,
    TOKEN_IN_BASE,
    JSON_BODY
  }

  /** What the server does; it puts everything that it got into its answer. */
  private interface Doing {
    MockResponse answer(String echo);
  }

  @BeforeEach
  void start() throws Exception {
    api = new Api(folder);
    api.server.start();
    Logger root = root();
    before = root.getLevel();
    root.setLevel(Level.TRACE);
    logback.start();
    root.addAppender(logback);
    LogManager.getLogManager().getLogger("").addHandler(jul);
    LogManager.getLogManager().getLogger("").setLevel(java.util.logging.Level.ALL);
  }

  @AfterEach
  void stop() {
    root().detachAppender(logback);
    root().setLevel(before);
    LogManager.getLogManager().getLogger("").removeHandler(jul);
    LogManager.getLogManager().getLogger("").setLevel(java.util.logging.Level.INFO);
    api.close();
  }

  @ParameterizedTest
  @EnumSource
  void nothingSecretIsSeen(Kind kind) throws Exception {
    configure(kind);
    List<String> seen = new ArrayList<>();
    serve(echo -> Api.json("{\"data\":[{\"id\":1}],\"next\":null}").build(), false);
    FetchedSegment segment = api.fetch();
    seen.add("success: " + segment.fetched() + segment.pages() + segment.bodies());
    assertThat(api.server.getRequestCount()).isPositive();

    List<Doing> failures =
        new ArrayList<>(
            List.of(
                echo -> new MockResponse.Builder().code(401).body(echo).build(),
                echo -> new MockResponse.Builder().code(404).body(echo).build(),
                echo -> new MockResponse.Builder().code(500).body(echo).build(),
                echo -> new MockResponse.Builder().body("<html>" + echo).build(),
                echo -> Api.json("{\"x\": " + echo).build(),
                echo -> Api.json("{\"error\":" + quoted(echo) + "}").build(),
                echo -> Api.status(302, "Location", "http://evil.example/?q=" + encoded(echo)),
                echo -> Api.status(302, "Location", "ftp://evil.example/?q=" + encoded(echo)),
                // where nothing secret is in a request the link is followed, and grows
                echo ->
                    Api.json(
                            "{\"data\":[1],\"next\":"
                                + (echo.length() > 4000 ? "{}" : "\"?other=" + encoded(echo) + "\"")
                                + "}")
                        .build(),
                echo -> Api.json("{\"data\":[1],\"next\":{}}").build(),
                echo -> Api.json(echo).addHeader("Content-Encoding", "gzip").build(),
                echo ->
                    Api.json("[1]").setHeader("Content-Type", "a/b; charset=" + token()).build(),
                echo -> Api.json("[1").onResponseEnd(new SocketEffect.CloseSocket()).build()));
    for (Doing failure : failures) {
      serve(failure, false);
      seen.add(failed());
    }
    api.selector = "data"; // the keys that are there are told when it is not
    serve(echo -> Api.json("{" + quoted(echo.substring(0, 30)) + ":1}").build(), false);
    seen.add(failed());
    serve(echo -> Api.json("{" + quoted("k " + secrets.iterator().next()) + ":1}").build(), false);
    seen.add(failed());
    serve(echo -> new MockResponse.Builder().code(400).body(echo).build(), true);
    api.time.millis(100_000_000); // tokens are over: they have to be asked for again
    failedOrNot(seen);
    api.server.close();
    seen.add(failed());
    assertThat(said.keySet()).as("kinds of messages").hasSizeGreaterThanOrEqualTo(8);

    seen.addAll(logged);
    try (Stream<Path> files = Files.walk(folder.resolve("staging"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        seen.add(file + ": " + Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    assertThat(secrets).isNotEmpty();
    assertThat(forms()).allMatch(form -> form.length() > 6);
    List<String> hits = new ArrayList<>();
    for (String form : forms()) {
      for (String text : seen) {
        int at = text.indexOf(form);
        if (at >= 0 && hits.size() < 5) {
          hits.add(form + " in " + text.substring(Math.max(0, at - 200), at + form.length()));
        }
      }
    }
    assertThat(hits).isEmpty();
  }

  private void configure(Kind kind) throws Exception {
    String canary = secret("canary-" + kind.name().toLowerCase(java.util.Locale.ROOT) + TAIL);
    api.environment.put("CANARY", canary);
    Text value = new Text("${env:CANARY}");
    Text tokenUrl = new Text(api.server.url("/token").toString());
    api.paginator = new Paginator.JsonLink(null);
    switch (kind) {
      case BEARER -> api.auth = new Auth.Bearer(value);
      case HEADER_KEY -> api.auth = new Auth.ApiKey(value, "X-Key", "header");
      case QUERY_KEY -> api.auth = new Auth.ApiKey(value, "k", "query");
      case COOKIE_KEY -> api.auth = new Auth.ApiKey(value, "sid", "cookie");
      case BASIC -> api.auth = new Auth.HttpBasic(new Text("me"), value);
      case DIGEST -> api.auth = new Auth.HttpDigest(new Text("me"), value);
      case CLIENT_SECRET ->
          api.auth =
              new Auth.OAuth2ClientCredentials(
                  tokenUrl, new Text("me"), value, Map.of("assertion", value), null);
      case REFRESH_TOKEN ->
          api.auth =
              new Auth.OAuth2RefreshToken(
                  tokenUrl, value, new Text("kept"), null, value, null, null);
      case PRIVATE_KEY -> {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        String pem = AuthTest.pem(generator.generateKeyPair().getPrivate().getEncoded());
        pem.lines().filter(line -> !line.startsWith("-")).limit(20).forEach(this::secret);
        Files.writeString(folder.resolve("key.pem"), pem);
        api.auth =
            new Auth.OAuth2JwtBearer(
                tokenUrl,
                new Text("robot"),
                new Text("${file:key.pem}"),
                null,
                null,
                Map.of("X-Tenant-Token", value),
                null,
                null,
                null,
                null);
      }
      case AWS ->
          api.auth =
              new Auth.AwsSigv4(new Text("AKID"), value, value, new Text("x"), new Text("s"));
      case CUSTOM_HEADER -> api.headers = Map.of("X-Thing", value);
      case QUERY_PARAM -> api.params = Map.of("thing", value);
      case QUERY_IN_PATH -> {
        plainly("CANARY");
        api.path = new Text("orders?thing=${env:CANARY}");
      }
      case TOKEN_IN_PATH -> {
        plainly("BOT_TOKEN");
        api.path = new Text("bot${env:BOT_TOKEN}/orders");
      }
      case TOKEN_IN_BASE -> {
        plainly("BOT_TOKEN");
        api.base = api.server.url("/") + "bot${env:BOT_TOKEN}/";
      }
      case JSON_BODY -> {
        api.method = "POST";
        api.json = Wire.mapper().readTree("{\"a\":[{\"key\":\"${env:CANARY}\"}]}");
      }
    }
  }

  /** Of characters that stand in an address as they are. */
  private void plainly(String variable) {
    secrets.clear();
    api.environment.put(variable, secret("canary-7f3a"));
  }

  private String secret(String value) {
    secrets.add(value);
    return value;
  }

  private String token() {
    return encoded(secrets.iterator().next());
  }

  private String failed() throws IOException {
    try {
      FetchedSegment segment = api.fetch();
      throw new AssertionError("a failure came through: " + segment.bodies());
    } catch (MillraceException e) {
      said.merge(e.getMessage().replaceAll("[0-9]+|http\\S+", ""), 1, Integer::sum);
      return Api.stack(e) + e.failure() + e;
    }
  }

  private void failedOrNot(List<String> seen) throws IOException {
    try {
      FetchedSegment segment = api.fetch();
      seen.add(segment.fetched() + "");
    } catch (MillraceException e) {
      seen.add(Api.stack(e));
    }
  }

  /**
   * @param failsTokens whether the failure comes from where tokens are
   */
  private void serve(Doing doing, boolean failsTokens) {
    api.server.setDispatcher(
        new Dispatcher() {
          private int tokens;

          @Override
          public MockResponse dispatch(RecordedRequest request) {
            String body = request.getBody() == null ? "" : request.getBody().utf8();
            StringBuilder all = new StringBuilder(request.getTarget());
            // one by one: as a whole they are printed without what sounds secret
            for (int i = 0; i < request.getHeaders().size(); i++) {
              all.append(' ').append(request.getHeaders().value(i));
            }
            String got = all.append(' ').append(body).toString();
            Matcher assertion = Pattern.compile("assertion=([\\w.-]{40,})").matcher(got);
            if (assertion.find()) {
              secret(assertion.group(1));
            }
            byte[] bytes = got.getBytes(StandardCharsets.UTF_8);
            String echo =
                got + " " + encoded(got) + " " + Base64.getEncoder().encodeToString(bytes);
            // the beginning of a body is shown: let it be of another part each time
            String turned = echo.substring(echo.length() * (tokens++ % 7) / 8) + echo;
            if (request.getTarget().equals("/token")) {
              return failsTokens
                  ? doing.answer(turned)
                  : Api.json(
                          "{\"access_token\":\"%s\",\"refresh_token\":\"%s\",\"expires_in\":60}"
                              .formatted(
                                  secret("canary-access-7f3a"), secret("canary-refreshed-7f3a")))
                      .build();
            }
            boolean challenge =
                api.auth instanceof Auth.HttpDigest
                    && request.getHeaders().get("Authorization") == null;
            return challenge
                ? Api.status(
                    401, "WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"")
                : doing.answer(turned);
          }
        });
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String quoted(String text) {
    return com.fasterxml.jackson.databind.node.TextNode.valueOf(text).toString();
  }

  /** The telling part of each secret, as it is and inside of base64 at each of three places. */
  private Set<String> forms() {
    Set<String> forms = new LinkedHashSet<>();
    for (String secret : secrets) {
      String core = secret.endsWith(TAIL) ? secret.substring(0, secret.length() - 7) : secret;
      forms.add(core);
      for (int before = 0; before < 3; before++) {
        String text =
            Base64.getEncoder()
                .encodeToString(("x".repeat(before) + core).getBytes(StandardCharsets.UTF_8));
        forms.add(text.substring(before == 0 ? 0 : before + 1, text.length() - 4));
      }
    }
    return forms;
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  /** Everything as it is; of the AWS signer, which logs what it signs, what the worker prints. */
  private final class Listening extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      String line =
          event.getFormattedMessage()
              + (event.getThrowableProxy() == null
                  ? ""
                  : ThrowableProxyUtil.asString(event.getThrowableProxy()));
      boolean aws = event.getLoggerName().startsWith("software.amazon.awssdk.");
      logged.add(event.getLoggerName() + ": " + (aws ? api.secrets().mask(line) : line));
    }
  }

  private final class JulListening extends Handler {
    @Override
    public void publish(LogRecord record) {
      if (record.getLoggerName() != null && !record.getLoggerName().startsWith("mockwebserver")) {
        logged.add(record.getLoggerName() + ": " + record.getMessage());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
