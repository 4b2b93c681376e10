package io.millrace.worker.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.StatusRuntimeException;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.worker.Backend;
import io.millrace.worker.Logging;
import io.millrace.worker.SearchAttributes;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import io.temporal.api.workflowservice.v1.DescribeNamespaceResponse;
import io.temporal.api.workflowservice.v1.GetSystemInfoRequest;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/**
 * {@code server setup}: registers what our workflows set, and says what server it is. May be called
 * twice.
 */
@CommandLine.Command(
    name = "setup",
    description = "Register search attributes; show version and retention.")
final class ServerCommand extends Command {
  /** Schedules, updates and typed search attributes as we use them are there since this one. */
  private static final int[] OLDEST = {1, 25};

  private static final int SECONDS_PER_HOUR = 3600;

  ServerCommand(Millrace millrace) {
    super(millrace);
  }

  /** {@code server}, which only holds the others. */
  static CommandLine group(Millrace millrace) {
    return Group.of("server", "Prepare a Temporal server.", List.of(new ServerCommand(millrace)));
  }

  @Override
  int run(Output out) {
    millrace.logging(Logging.Volume.QUIET);
    try (Backend backend = millrace.connect("set the server up")) {
      String version =
          backend
              .stubs()
              .blockingStub()
              .getSystemInfo(GetSystemInfoRequest.getDefaultInstance())
              .getServerVersion();
      DescribeNamespaceResponse namespace = namespace(backend);
      long hours =
          namespace.getConfig().getWorkflowExecutionRetentionTtl().getSeconds() / SECONDS_PER_HOUR;
      Map<String, IndexedValueType> missing = SearchAttributes.missing(backend);
      SearchAttributes.add(backend, missing);

      ObjectNode document = out.document();
      document
          .put("address", backend.name())
          .put("namespace", backend.namespace())
          .put("server_version", version)
          .put("retention_hours", hours);
      ObjectNode added = document.putObject("registered");
      missing.forEach((name, type) -> added.put(name, SearchAttributes.typeName(type)));
      out.print(
          "Temporal %s at %s, namespace %s"
              .formatted(version, backend.name(), backend.namespace()));
      out.print("Closed runs are kept for %d h".formatted(hours));
      out.print(
          missing.isEmpty()
              ? "All %d search attributes are registered".formatted(SearchAttributes.ALL.size())
              : "Registered %s: %s"
                  .formatted(
                      Format.plural(missing.size(), "search attribute"),
                      String.join(", ", missing.keySet())));
      if (olderThanOldest(version)) {
        throw new MillraceException(
            Failure.TEMPORAL_UNREACHABLE,
            "Cannot work with this Temporal server: it is too old: %s (Millrace needs %d.%d or newer)"
                .formatted(version, OLDEST[0], OLDEST[1]));
      }
      return 0;
    }
  }

  private static DescribeNamespaceResponse namespace(Backend backend) {
    try {
      return backend
          .stubs()
          .blockingStub()
          .describeNamespace(
              DescribeNamespaceRequest.newBuilder().setNamespace(backend.namespace()).build());
    } catch (StatusRuntimeException e) {
      throw new MillraceException(
          Failure.TEMPORAL_UNREACHABLE,
          "Cannot use the namespace "
              + backend.namespace()
              + " of "
              + backend.name()
              + ": "
              + e.getStatus().getDescription()
              + " (`temporal operator namespace create --namespace "
              + backend.namespace()
              + "` makes it)",
          e);
    }
  }

  static boolean olderThanOldest(String version) {
    String[] parts = version.split("[^0-9]+");
    for (int i = 0; i < OLDEST.length && i < parts.length && !parts[i].isEmpty(); i++) {
      int part = Integer.parseInt(parts[i]);
      if (part != OLDEST[i]) {
        return part < OLDEST[i];
      }
    }
    return false;
  }
}
