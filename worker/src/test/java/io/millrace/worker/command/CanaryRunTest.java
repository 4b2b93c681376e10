package io.millrace.worker.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.activities.destination.PostgresServer;
import io.millrace.activities.staging.StagedText;
import io.millrace.run.GraphRun;
import io.millrace.run.Outcome;
import io.millrace.worker.Backend;
import io.millrace.worker.ChildWorker;
import io.millrace.worker.Cli;
import io.millrace.worker.RealServer;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind of secret through a success and a dozen kinds of failure, by a worker process beside a
 * real Temporal server, with a source that says back whatever it got: nothing secret is in a
 * history, in a log at its loudest, in what is told, staged, stored or left behind.
 */
@Timeout(300)
class CanaryRunTest {
  private static final String TAIL = "-7f3a/+= &x";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How a client proves who it is, by the kind of secret; {@code %s} is where the secret is. */
  private static final Map<String, String> CLIENTS = new LinkedHashMap<>();

  static {
    CLIENTS.put("bearer", "auth: {type: bearer, token: '%s'}");
    CLIENTS.put("basic", "auth: {type: http_basic, username: me, password: '%s'}");
    CLIENTS.put("digest", "auth: {type: http_digest, username: me, password: '%s'}");
    CLIENTS.put("query", "auth: {type: api_key, api_key: '%s', name: k, location: query}");
    CLIENTS.put("cookie", "auth: {type: api_key, api_key: '%s', name: sid, location: cookie}");
    CLIENTS.put("header", "headers: {X-Thing: '%s'}");
    CLIENTS.put(
        "client",
        "auth: {type: oauth2_client_credentials, access_token_url: 'URL/token', client_id: me,"
            + " client_secret: '%s'}");
    CLIENTS.put(
        "refresh",
        "auth: {type: oauth2_refresh_token, access_token_url: 'URL/token', refresh_token: '%s'}");
    CLIENTS.put(
        "pem",
        "auth: {type: oauth2_jwt_bearer, auth_endpoint: 'URL/token', client_id: me, private_key:"
            + " '${file:key.pem}'}");
    CLIENTS.put(
        "sigv4",
        "auth: {type: aws_sigv4, access_key_id: AKID, secret_access_key: '%s', session_token: '%s',"
            + " region: x, service: s}");
  }

  /** What the source does, and whether the workflow tries the step again. */
  private static final Map<String, Boolean> FAILURES = new LinkedHashMap<>();

  static {
    for (String last :
        List.of(
            "refused",
            "missing",
            "web_page",
            "broken",
            "error_object",
            "redirected",
            "led_away",
            "undecodable",
            "circle")) {
      FAILURES.put(last, false);
    }
    FAILURES.put("fails", true);
    FAILURES.put("cut", true);
  }

  @TempDir Path folder;
  private final String project = "p" + UUID.randomUUID().toString().substring(0, 8);
  private final String queue = "test-" + UUID.randomUUID();
  private final Set<String> secrets = new LinkedHashSet<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final Map<String, String> seen = new LinkedHashMap<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(16);
  private HttpServer api;
  private String url;

  /** What only fails there would make us leave all of its host alone for a while. */
  private HttpServer failing;

  private String failingUrl;

  @BeforeEach
  void serve() throws Exception {
    api = server();
    url = "http://127.0.0.1:" + api.getAddress().getPort();
    failing = server();
    failingUrl = "http://127.0.0.1:" + failing.getAddress().getPort();
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    String key =
        Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(generator.generateKeyPair().getPrivate().getEncoded());
    key.lines().limit(20).forEach(this::secret);
    Files.writeString(
        folder.resolve("key.pem"),
        "-----BEGIN PRIVATE KEY-----\n" + key + "\n-----END PRIVATE KEY-----\n");
    Files.writeString(folder.resolve("millrace.yaml"), project());
  }

  private HttpServer server() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
    return server;
  }

  @AfterEach
  void close() {
    api.stop(0);
    failing.stop(0);
    threads.shutdownNow();
  }

  private synchronized String secret(String value) {
    secrets.add(value);
    return value;
  }

  /** A new secret in the environment; how the project names it. */
  private String reference(String kind) {
    environment.put("CANARY_" + kind, secret("canary-" + kind + TAIL));
    return "${env:CANARY_" + kind + "}";
  }

  private String project() {
    StringBuilder out = new StringBuilder();
    String postgres =
        "{type: postgres, host: 127.0.0.1, port: %d, database: %s, username: %s, password: '%s'}";
    int port = PostgresServer.shared().port();
    String password = reference("password");
    out.append("project: ").append(project).append('\n');
    out.append("destination: {type: duckdb, path: shop.duckdb, dataset: landed}\n");
    out.append("destinations:\n");
    for (String[] place :
        new String[][] {
          {"pg", port + "", "postgres", "millrace"},
          {"pg_nobody", port + "", "postgres", "nobody"},
          {"pg_nothing", port + "", "nothing", "millrace"},
          {"pg_gone", "1", "postgres", "millrace"}
        }) {
      out.append("  %s: ".formatted(place[0]))
          .append(postgres.formatted(Integer.parseInt(place[1]), place[2], place[3], password))
          .append('\n');
    }
    out.append("sources:\n");
    CLIENTS.forEach(
        (kind, client) -> {
          String reference = kind.equals("pem") ? "" : reference(kind);
          source(out, kind, url, client.replace("%s", reference).replace("URL", url));
          resources(out, kind);
        });
    for (String kind : List.of("client", "refresh", "pem")) {
      String reference = "${env:CANARY_" + kind + "}";
      String client = CLIENTS.get(kind).replace("%s", reference).replace("URL", url + "/no");
      source(out, kind + "_no_token", url, client);
      resource(out, "refused", "");
    }
    source(
        out, "userinfo", url.replace("//", "//me:" + reference("userinfo") + "@"), "headers: {}");
    resource(out, "ok", "");
    source(out, "pg", url, "headers: {}");
    resources(out, "pg");
    for (String place : List.of("pg", "pg_nobody", "pg_nothing", "pg_gone")) {
      source(out, place + "_there", url, "headers: {}");
      resource(out, "ok", ", destination: " + place);
    }
    return out.toString();
  }

  private static void source(StringBuilder out, String name, String url, String client) {
    out.append(
        """
          %s:
            type: rest_api
            client:
              base_url: %s/
              retry: {max_attempts: 1}
              concurrency: 4
              paginator: {type: json_link, next_url_path: next}
              %s
            resources:
        """
            .formatted(name, url, client));
  }

  private void resources(StringBuilder out, String kind) {
    String more = kind.equals("pg") ? ", destination: pg" : "";
    resource(out, "ok", more);
    FAILURES.keySet().forEach(failure -> resource(out, failure, more));
  }

  private void resource(StringBuilder out, String name, String more) {
    String path = FAILURES.getOrDefault(name, false) ? failingUrl + "/" + name : name;
    out.append(
        "      - {name: %s, endpoint: {path: '%s', data_selector: data}%s}\n"
            .formatted(name, path, more));
  }

  // ---- the source

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      StringBuilder got = new StringBuilder(exchange.getRequestURI().toString());
      exchange.getRequestHeaders().forEach((name, all) -> got.append(' ').append(all));
      got.append(' ').append(body);
      Matcher assertion = Pattern.compile("assertion=([\\w.-]{40,})").matcher(got);
      if (assertion.find()) {
        secret(assertion.group(1));
      }
      String encoded = URLEncoder.encode(got.toString(), UTF_8);
      String echo =
          got
              + " "
              + encoded
              + " "
              + Base64.getEncoder().encodeToString((got + "").getBytes(UTF_8));
      String path = exchange.getRequestURI().getPath();
      String what = path.substring(path.lastIndexOf('/') + 1);
      boolean challenged = exchange.getRequestHeaders().getFirst("Authorization") == null;
      if (path.equals("/token")) {
        send(
            exchange,
            200,
            "{\"access_token\":\"%s\",\"refresh_token\":\"%s\"}"
                .formatted(secret("canary-access-7f3a"), secret("canary-refreshed-7f3a")));
      } else if (path.equals("/no/token")) {
        send(exchange, 400, echo);
      } else if (body.isEmpty() && challenged && echo.contains("/digest")) {
        exchange
            .getResponseHeaders()
            .set("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"");
        send(exchange, 401, "");
      } else {
        serve(exchange, what, echo, encoded);
      }
    }
  }

  private static void serve(HttpExchange exchange, String what, String echo, String encoded)
      throws IOException {
    String quoted = JSON.writeValueAsString(echo);
    var headers = exchange.getResponseHeaders();
    switch (what) {
      case "refused" -> send(exchange, 401, echo);
      case "missing" -> send(exchange, 404, echo);
      case "fails" -> send(exchange, 500, echo);
      case "web_page" -> send(exchange, 200, "<html>" + echo);
      case "broken" -> send(exchange, 200, "{\"x\": " + echo);
      case "error_object" -> send(exchange, 200, "{\"error\":" + quoted + "}");
      case "redirected" -> {
        headers.set("Location", "http://evil.example/?q=" + encoded);
        send(exchange, 302, echo);
      }
      case "led_away" ->
          send(
              exchange,
              200,
              "{\"data\":[{\"id\":1}],\"next\":\"http://evil.example/?q=%s\"}".formatted(encoded));
      case "undecodable" -> {
        headers.set("Content-Type", "a/b; charset=" + encoded);
        send(exchange, 200, "[1]");
      }
      case "circle" -> send(exchange, 200, "{\"data\":[{\"id\":1}],\"next\":\"?again=1\"}");
      case "cut" -> {
        byte[] half = ("{\"data\":[{\"id\":1}],\"x\":" + quoted).getBytes(UTF_8);
        exchange.sendResponseHeaders(200, half.length + 100);
        exchange.getResponseBody().write(half);
        exchange.getResponseBody().flush();
      }
      default -> send(exchange, 200, "{\"data\":[{\"id\":1}]}");
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    exchange.getResponseHeaders().putIfAbsent("Content-Type", List.of("application/json"));
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  // ---- the run

  @Test
  void nothingSecretIsLeftAnywhere() throws Exception {
    String address = RealServer.address();
    Path workerLog = folder.resolve("worker.log");
    try (ChildWorker worker = worker(address, workerLog);
        Backend backend = Backend.connect(address, null, Map.of())) {
      Cli runner = Cli.ofTheHouse(folder).with("TEMPORAL_ADDRESS", address);
      Future<Cli.Result> run =
          runner.start("run", "-vv", "--queue", queue, "--parallel", "200", "--output", "json");
      await(() -> runner.said().contains("Started run:") || run.isDone());
      String id = runner.said().replaceAll("(?s).*Started (run:\\S+) .*", "$1");
      WorkflowStub graph = backend.client().newUntypedWorkflowStub(id);
      await(() -> run.isDone() || settled(backend, graph), () -> shown(graph));
      assertThat(run.isDone()).as(runner.said()).isFalse();
      outcomes(graph.query("progress", GraphRun.Result.class));
      seen.put("described", described(backend));
      tell(address);
      graph.cancel();
      Cli.Result ended = run.get(60, TimeUnit.SECONDS);
      assertThat(ended.code()).as("stopped: %s", ended.out()).isEqualTo(130);
      assertThat(ended.err()).contains(" TRACE ");
      seen.put("run", ended.out() + ended.err());
      assertThat(worker.stop()).isZero();
      histories(backend);
    }
    assertThat(text(workerLog)).contains(" TRACE ").contains(" DEBUG ");
    seen.put("worker's log", text(workerLog));
    duckDb();
    postgres();
    files();

    assertThat(forms()).hasSizeGreaterThan(4 * 12).allMatch(form -> form.length() > 6);
    List<String> hits = new ArrayList<>();
    for (Map.Entry<String, String> place : seen.entrySet()) {
      assertThat(place.getValue()).as(place.getKey()).isNotEmpty();
      for (String form : forms()) {
        int at = place.getValue().indexOf(form);
        if (at >= 0) {
          String around = place.getValue().substring(Math.max(0, at - 300), at + form.length());
          hits.add(form + " in " + place.getKey() + ": " + around);
        }
      }
    }
    assertThat(hits).isEmpty();
  }

  /** With a log at its loudest. */
  private ChildWorker worker(String address, Path log) throws Exception {
    for (int tries = 1; ; tries++) {
      String where = folder.toString();
      ChildWorker worker =
          ChildWorker.program(
              log,
              environment,
              "worker",
              "-vv",
              "-c",
              where,
              "--address",
              address,
              "--queues",
              queue,
              "--slots",
              "16");
      await(() -> text(log).contains("Worker for " + project) || !worker.alive());
      if (worker.alive()) {
        return worker;
      }
      assertThat(tries).as(text(log)).isLessThan(4); // the server may be slow where others work
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void await(BooleanSupplier there) throws InterruptedException {
    await(there, () -> "");
  }

  /** Waits up to ten minutes; what is shown where that was not enough. */
  private static void await(BooleanSupplier there, Supplier<String> shown)
      throws InterruptedException {
    for (int i = 0; i < 1200 && !there.getAsBoolean(); i++) {
      Thread.sleep(500);
    }
    assertThat(there.getAsBoolean()).as(() -> "in time: " + shown.get()).isTrue();
  }

  private static String shown(WorkflowStub graph) {
    return graph.query("progress", GraphRun.Result.class).assets().toString();
  }

  /** Whether nothing goes on any more but what is tried again, and has failed once. */
  private boolean settled(Backend backend, WorkflowStub graph) {
    List<String> open =
        graph.query("progress", GraphRun.Result.class).assets().stream()
            .filter(o -> o.status() == Outcome.Status.RUNNING)
            .map(Outcome::asset)
            .toList();
    return !open.isEmpty()
        && open.stream().allMatch(CanaryRunTest::again)
        && open.stream().allMatch(asset -> failedOnce(backend, asset));
  }

  /** Whether the workflow may try it again. */
  private static boolean again(String asset) {
    if (asset.equals("pg_gone_there.ok")) {
      return true; // nothing listens there yet
    }
    String resource = asset.substring(asset.indexOf('.') + 1);
    return FAILURES.getOrDefault(resource, false);
  }

  private WorkflowStub work(Backend backend, String asset) {
    return backend.client().newUntypedWorkflowStub("mat:" + project + ":" + asset);
  }

  private boolean failedOnce(Backend backend, String asset) {
    return work(backend, asset).describe().getRawDescription().getPendingActivitiesList().stream()
        .anyMatch(pending -> pending.hasLastFailure());
  }

  private void outcomes(GraphRun.Result end) {
    Map<String, String> codes = new LinkedHashMap<>();
    for (Outcome outcome : end.assets()) {
      String code = outcome.failure() == null ? "" : outcome.failure().code();
      codes.put(outcome.asset(), (outcome.status().key() + " " + code).trim());
    }
    CLIENTS.keySet().forEach(kind -> assertThat(codes).containsEntry(kind + ".ok", "succeeded"));
    assertThat(codes)
        .containsEntry("pg_there.ok", "succeeded")
        .containsEntry("pg_nobody_there.ok", "failed DESTINATION_REFUSED")
        .containsEntry("pg_nothing_there.ok", "failed DESTINATION_REFUSED")
        .containsEntry("pg_gone_there.ok", "running")
        .containsEntry("userinfo.ok", "failed CONFIG_INVALID")
        .containsEntry("client_no_token.refused", "failed SOURCE_REFUSED");
    assertThat(codes.values().stream().filter("succeeded"::equals))
        .as("%s", codes)
        .hasSize(CLIENTS.size() + 2);
  }

  // ---- where it might be

  private List<String> ids(Backend backend) {
    return backend
        .client()
        .listExecutions("MillraceProject = '" + project + "'")
        .map(found -> found.getExecution().getWorkflowId())
        .toList();
  }

  private String described(Backend backend) {
    StringBuilder out = new StringBuilder();
    for (String id : ids(backend)) {
      out.append(backend.client().newUntypedWorkflowStub(id).describe().getRawDescription());
    }
    return out.toString();
  }

  private void histories(Backend backend) {
    List<String> ids = ids(backend);
    assertThat(ids).hasSizeGreaterThan(CLIENTS.size() * FAILURES.size());
    for (String id : ids) {
      StringBuilder out = new StringBuilder();
      var history = backend.client().fetchHistory(id);
      history.getEvents().forEach(out::append); // payloads as they are
      seen.put("history of " + id, out + history.toJson(true));
    }
  }

  private void tell(String address) throws Exception {
    Cli cli = Cli.ofTheHouse(folder).with("TEMPORAL_ADDRESS", address);
    environment.forEach(cli::with);
    for (String[] command :
        new String[][] {
          {"status"},
          {"status", "--output", "json"},
          {"explain", "bearer.refused"},
          {"explain", "query.fails", "--output", "json"},
          {"plan"},
          {"state", "show", "query.ok"},
          {"check", "--live", "query.*", "pem.*", "pg_*"},
          {"check", "--live", "--output", "json", "refresh.*", "basic.*"}
        }) {
      Cli.Result result = cli.run(command);
      seen.put(String.join(" ", command), result.out() + result.err());
    }
  }

  private void duckDb() throws SQLException {
    String file = folder.resolve("shop.duckdb").toString();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file)) {
      seen.put("DuckDB", tables(connection));
    }
  }

  private void postgres() throws SQLException {
    try (Connection connection = PostgresServer.shared().connect("postgres")) {
      seen.put("PostgreSQL", tables(connection));
    }
  }

  private static String tables(Connection connection) throws SQLException {
    StringBuilder out = new StringBuilder();
    try (Statement statement = connection.createStatement()) {
      List<String> names = new ArrayList<>();
      try (ResultSet tables =
          statement.executeQuery(
              "select table_schema, table_name from information_schema.tables where table_schema"
                  + " not in ('information_schema', 'pg_catalog')")) {
        while (tables.next()) {
          names.add('"' + tables.getString(1) + "\".\"" + tables.getString(2) + '"');
        }
      }
      for (String name : names) {
        out.append('\n').append(name);
        try (ResultSet rows = statement.executeQuery("select * from " + name)) {
          while (rows.next()) {
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
              out.append(' ').append(rows.getString(i));
            }
          }
        }
      }
    }
    assertThat(out).contains("_mr_state", "_mr_receipts");
    return out.toString();
  }

  private void files() throws IOException {
    Set<String> ours = Set.of("key.pem", "worker.log");
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!ours.contains(file.getFileName().toString()) && Files.size(file) > 0) {
          seen.put(folder.relativize(file).toString(), StagedText.of(file));
        }
      }
    }
    assertThat(seen.keySet()).anyMatch(name -> name.endsWith("raw.mrr"));
    assertThat(seen.values()).as("staged pages, unpacked").anyMatch(t -> t.contains("{\"id\":1}"));
  }

  /** The telling part of each secret, as it is and inside of base64 at each of three places. */
  private Set<String> forms() {
    Set<String> forms = new LinkedHashSet<>();
    for (String secret : secrets) {
      String core = secret.endsWith(TAIL) ? secret.substring(0, secret.length() - 6) : secret;
      forms.add(core);
      for (int before = 0; before < 3; before++) {
        String text =
            Base64.getEncoder().encodeToString(("x".repeat(before) + core).getBytes(UTF_8));
        forms.add(text.substring(before == 0 ? 0 : before + 1, text.length() - 4));
      }
    }
    return forms;
  }
}
