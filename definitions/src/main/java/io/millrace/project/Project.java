package io.millrace.project;

import io.millrace.asset.Asset;
import io.millrace.asset.AssetKey;
import io.millrace.destination.Destination;
import io.millrace.destination.SystemNames;
import io.millrace.schema.SchemaSettings;
import io.millrace.source.Parent;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything that a {@code millrace.yaml} declares, checked. References to secrets are still
 * references.
 *
 * @param destinations at least the one named {@code default}, first
 * @param schedules by name, in the order written
 */
public record Project(
    String name,
    List<Destination> destinations,
    SystemNames systemNames,
    SchemaSettings schema,
    Resource.SegmentBounds segment,
    Staging staging,
    List<Source> sources,
    Map<String, Schedule> schedules) {
  public Project {
    destinations = List.copyOf(destinations);
    sources = List.copyOf(sources);
    schedules = Collections.unmodifiableMap(new LinkedHashMap<>(schedules));
  }

  /**
   * Where staged files lie (relative to the project's file) and how long they stay after their
   * load.
   */
  public record Staging(Text dir, Duration keep) {}

  public Optional<Source> source(String source) {
    return sources.stream().filter(s -> s.name().equals(source)).findFirst();
  }

  /** The source and the resource of an asset; empty when the project has none of that key. */
  public Optional<Located> locate(AssetKey key) {
    return source(key.source() == null ? "" : key.source())
        .flatMap(s -> s.resource(key.name()).map(r -> new Located(s, r)));
  }

  /** All resources as the graph sees them, in the order written. */
  public List<Asset> assets() {
    List<Asset> all = new ArrayList<>();
    for (Source source : sources) {
      for (Resource resource : source.resources()) {
        all.add(
            new Asset(
                new AssetKey(source.name(), resource.name()),
                source.type(),
                resource.tags(),
                resource.group(),
                upstream(source, resource),
                resource.selected()));
      }
    }
    return all;
  }

  private static List<AssetKey> upstream(Source source, Resource resource) {
    Stream<AssetKey> said = resource.dependsOn().stream().map(AssetKey::parse);
    Stream<AssetKey> parent =
        Parent.of(resource).stream().map(p -> new AssetKey(source.name(), p.resource()));
    return Stream.concat(said, parent).distinct().toList();
  }

  /** The resources of its source that read fields of a resource's records. */
  public static List<Resource> children(Source source, Resource parent) {
    return source.resources().stream()
        .filter(r -> Parent.of(r).filter(p -> p.resource().equals(parent.name())).isPresent())
        .toList();
  }

  /** The destination that a resource lands in. */
  public Destination destinationOf(Resource resource) {
    String wanted = resource.destination() == null ? "default" : resource.destination();
    return destinations.stream().filter(d -> d.name().equals(wanted)).findFirst().orElseThrow();
  }

  /** A resource with its source. */
  public record Located(Source source, Resource resource) {}
}
