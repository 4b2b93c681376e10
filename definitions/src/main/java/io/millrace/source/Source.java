package io.millrace.source;

import io.millrace.project.Text;
import io.millrace.schema.SchemaContract;
import java.util.List;
import java.util.Optional;

/** A named system to read from. Its resources share one schema. */
public sealed interface Source {
  String name();

  /** {@code rest_api}, {@code filesystem}, … */
  String type();

  List<Resource> resources();

  Settings settings();

  default Optional<Resource> resource(String resource) {
    return resources().stream().filter(r -> r.name().equals(resource)).findFirst();
  }

  /** The limits that its records must keep. */
  Limits limits();

  /**
   * What holds for all resources of the source unless one says otherwise. {@code null} means "not
   * said".
   *
   * @param maxTableNesting how deep nested data becomes tables and columns
   * @param rootKey whether every child row carries its root's id
   */
  record Settings(Integer maxTableNesting, Boolean rootKey, SchemaContract schemaContract) {
    public static final Settings NONE = new Settings(null, null, null);
  }

  /** A REST API. */
  record RestApi(String name, Client client, Settings settings, List<Resource> resources)
      implements Source {
    public RestApi {
      settings = settings == null ? Settings.NONE : settings;
      resources = List.copyOf(resources);
    }

    @Override
    public String type() {
      return "rest_api";
    }

    @Override
    public Limits limits() {
      return client.limits();
    }
  }

  /** A set of files below a folder (relative to the project's file). */
  record Filesystem(
      String name, Text bucketUrl, Settings settings, Limits limits, List<Resource> resources)
      implements Source {
    public Filesystem {
      settings = settings == null ? Settings.NONE : settings;
      limits = limits == null ? Limits.DEFAULT : limits;
      resources = List.copyOf(resources);
    }

    @Override
    public String type() {
      return "filesystem";
    }
  }
}
