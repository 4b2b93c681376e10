package io.millrace.worker;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.Wire;
import io.temporal.api.workflowservice.v1.GetSystemInfoRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleClientOptions;
import io.temporal.serviceclient.OperatorServiceStubs;
import io.temporal.serviceclient.OperatorServiceStubsOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The Temporal server a command works with: the embedded one or one with an address. The code
 * behind it is the same.
 */
public final class Backend implements AutoCloseable {
  /** How long a person waits for an answer. */
  public static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final String DEFAULT_NAMESPACE = "default";

  private final EmbeddedTemporal embedded;
  private final String address;
  private final String namespace;
  private final WorkflowServiceStubs stubs;
  private final WorkflowClient client;

  private Backend(
      EmbeddedTemporal embedded, String address, String namespace, WorkflowServiceStubs stubs) {
    this.embedded = embedded;
    this.address = address;
    this.namespace = namespace;
    this.stubs = stubs;
    this.client =
        WorkflowClient.newInstance(
            stubs,
            WorkflowClientOptions.newBuilder()
                .setNamespace(namespace)
                .setDataConverter(Wire.converter())
                .build());
  }

  /** A server in this process, with our search attributes. It ends when the backend is closed. */
  public static Backend embedded() {
    EmbeddedTemporal server = EmbeddedTemporal.inProcess();
    WorkflowServiceStubs stubs =
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder()
                .setChannel(server.channel())
                .validateAndBuildWithDefaults());
    Backend backend = new Backend(server, null, DEFAULT_NAMESPACE, stubs);
    SearchAttributes.add(backend, SearchAttributes.ALL);
    return backend;
  }

  /**
   * A server with an address. {@code TEMPORAL_UNREACHABLE} when it does not answer within five
   * seconds.
   *
   * @param namespace {@code null} for {@code default}
   * @param variables {@code TEMPORAL_API_KEY} and {@code TEMPORAL_TLS} are honoured as in
   *     Temporal's own tools
   */
  public static Backend connect(String address, String namespace, Map<String, String> variables) {
    return connect(address, namespace, variables, PATIENCE);
  }

  /**
   * @param patience how long a server may take that is starting or busy
   * @see #connect(String, String, Map)
   */
  public static Backend connect(
      String address, String namespace, Map<String, String> variables, Duration patience) {
    WorkflowServiceStubsOptions.Builder options =
        WorkflowServiceStubsOptions.newBuilder().setTarget(address);
    String key = variables.getOrDefault("TEMPORAL_API_KEY", "");
    if (!key.isEmpty()) {
      options.addApiKey(() -> key);
    }
    if (!key.isEmpty() || Boolean.parseBoolean(variables.get("TEMPORAL_TLS"))) {
      options.setEnableHttps(true);
    }
    WorkflowServiceStubs stubs = null;
    try {
      stubs = WorkflowServiceStubs.newServiceStubs(options.validateAndBuildWithDefaults());
      stubs.connect(patience);
      return new Backend(null, address, namespace == null ? DEFAULT_NAMESPACE : namespace, stubs);
    } catch (RuntimeException e) {
      if (stubs != null) {
        stubs.shutdownNow();
      }
      throw unreachable(address, e);
    }
  }

  private static MillraceException unreachable(String address, RuntimeException e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String why =
        e instanceof StatusRuntimeException s
            ? String.valueOf(s.getStatus().getDescription())
            : e.getMessage();
    if (root != e && root.getMessage() != null) {
      why = root.getMessage();
    }
    if (e instanceof StatusRuntimeException s
        && s.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
      why = "no answer";
    }
    return new MillraceException(
        Failure.TEMPORAL_UNREACHABLE,
        "Cannot reach Temporal at "
            + address
            + ": "
            + why
            + " (start one with `millrace dev`, or leave out --address and TEMPORAL_ADDRESS to run without a server)",
        e);
  }

  public WorkflowClient client() {
    return client;
  }

  public WorkflowServiceStubs stubs() {
    return stubs;
  }

  /** Schedules of the namespace; a real server only. */
  public ScheduleClient schedules() {
    return ScheduleClient.newInstance(
        stubs,
        ScheduleClientOptions.newBuilder()
            .setNamespace(namespace)
            .setDataConverter(Wire.converter())
            .build());
  }

  /** Whether the server lives and ends with this process. */
  public boolean inProcess() {
    return embedded != null;
  }

  /**
   * Whether the server is the embedded one, of this process or of another: a real server says its
   * version.
   */
  boolean testServer() {
    return inProcess()
        || stubs
            .blockingStub()
            .getSystemInfo(GetSystemInfoRequest.getDefaultInstance())
            .getServerVersion()
            .isEmpty();
  }

  public String namespace() {
    return namespace;
  }

  /** The address, or {@code embedded}. */
  public String name() {
    return address == null ? "embedded" : address;
  }

  /** The administrative interface. The caller shuts it down. */
  OperatorServiceStubs operator() {
    // build() alone leaves the metrics scope null, which fails at the first call
    return OperatorServiceStubs.newServiceStubs(
        OperatorServiceStubsOptions.newBuilder(stubs.getOptions()).validateAndBuildWithDefaults());
  }

  @Override
  public void close() {
    stubs.shutdown();
    stubs.awaitTermination(2, TimeUnit.SECONDS);
    stubs.shutdownNow();
    if (embedded != null) {
      embedded.close();
    }
  }
}
