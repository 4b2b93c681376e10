package io.millrace.activities;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.destination.DestinationDriver;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.destination.WholeRun;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.Parents;
import io.millrace.activities.extract.Probe;
import io.millrace.activities.extract.files.FilesExtractor;
import io.millrace.activities.extract.rest.Leases;
import io.millrace.activities.extract.rest.RestExtractor;
import io.millrace.activities.secret.EnvSecrets;
import io.millrace.activities.secret.Secrets;
import io.millrace.activities.staging.Staging;
import io.millrace.destination.Destination;
import io.millrace.project.Project;
import io.millrace.source.Resource;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The engine of one project in one process: staging, secrets, extractors and destinations, and the
 * activities that put them to work. The composition root of this module; thread-safe.
 */
public final class Engine implements AutoCloseable {
  private static final Duration SWEEP_EVERY = Duration.ofHours(1);
  private static final Duration DOCUMENTS_STAY = Duration.ofDays(30);

  private final Path projectDir;
  private final Staging staging;
  private final Secrets secrets;
  private final Definitions definitions;
  private final Heartbeats heartbeats = new Heartbeats();
  private final Map<String, Extractor> extractors = new LinkedHashMap<>();
  private final Map<String, DestinationDriver> drivers = new LinkedHashMap<>();
  private final AtomicReference<Instant> swept = new AtomicReference<>(Instant.EPOCH);
  private volatile boolean draining;

  private Engine(
      Path projectFile,
      String project,
      Path stagingDir,
      Map<String, String> environment,
      Leases leases) {
    this.projectDir = projectFile.toAbsolutePath().getParent();
    this.staging = new Staging(stagingDir);
    this.secrets = new EnvSecrets(environment, projectDir);
    this.definitions = new Definitions(projectFile, project, staging);
    for (Extractor extractor :
        List.of(
            new FilesExtractor(projectDir, secrets, Clock.systemUTC()),
            new RestExtractor(secrets, leases))) {
      extractors.put(extractor.type(), extractor);
    }
    ServiceLoader.load(DestinationDriver.class)
        .forEach(driver -> drivers.put(driver.type(), driver));
  }

  /**
   * The engine of the project in {@code projectFile}. Fails with {@code CONFIG_INVALID} when the
   * file has problems.
   *
   * @param environment where {@code ${env:…}} is looked up
   */
  public static Engine open(Path projectFile, Map<String, String> environment) {
    return open(projectFile, environment, null);
  }

  /**
   * The same for one of several processes that read from the same hosts.
   *
   * @param leases of the rate limits that they share; {@code null} when there is only this process
   */
  public static Engine open(Path projectFile, Map<String, String> environment, Leases leases) {
    Path dir = projectFile.toAbsolutePath().getParent();
    Project project = Definitions.read(projectFile).orThrow();
    Path stagingDir =
        dir.resolve(new EnvSecrets(environment, dir).resolve(project.staging().dir()));
    return new Engine(projectFile, project.name(), stagingDir, environment, leases);
  }

  /** One instance of each activity, to be registered with a worker. */
  public List<Object> activities() {
    return List.of(
        new PlanActivityImpl(this),
        new ReadStateActivityImpl(this),
        new FetchActivityImpl(this),
        new KeptActivityImpl(this),
        new NormalizeActivityImpl(this),
        new LoadActivityImpl(this),
        new AttachActivityImpl(this));
  }

  /** Asks running steps to end at their next page boundary. */
  public void drain() {
    draining = true;
  }

  /** The loader of a destination, for commands that look at what is there. */
  public Loader loader(Project project, Destination destination) {
    return driver(destination).loader(destination, project.systemNames(), secrets, projectDir);
  }

  /**
   * One look at a resource, the way a first run goes: nothing is staged.
   *
   * @param position of the answer before, to look at the page after it; {@code null} for the first
   */
  public Probe probe(Project project, Project.Located located, JsonNode position) {
    return probe(project, located, position, null);
  }

  /**
   * The same for a resource with a parent: what one record of it has.
   *
   * @param parents records of the parent, as a probe of it showed them; the first one that its
   *     {@code processing_steps} leave is taken
   * @return empty when there is none
   */
  public Optional<Probe> probeChild(
      Project project, Project.Located located, List<JsonNode> parents) {
    return OneParent.of(located, parents, secrets)
        .map(parent -> probe(project, located, null, parent));
  }

  private Probe probe(
      Project project, Project.Located located, JsonNode position, Parents parents) {
    Extractor.Order order =
        new Extractor.Order(
            project,
            located.source(),
            located.resource(),
            null,
            position,
            Resource.SegmentBounds.DEFAULT,
            1L,
            false,
            false,
            parents,
            Map.of());
    return extractor(located.source().type()).probe(order);
  }

  /**
   * Removes staged loads that nobody has touched for {@code staging.keep}, at most once an hour.
   * What is still in flight is younger than that; if it is not, its segment is fetched again, which
   * costs work and no rows. Documents stay longer, because a run that waits for days needs its
   * definitions; so do the lists of parents that a child has not passed, which are made again of
   * the parent's table later.
   */
  void sweepSometimes(Project project) {
    Instant now = Instant.now();
    Instant last = swept.get();
    if (now.isAfter(last.plus(SWEEP_EVERY)) && swept.compareAndSet(last, now)) {
      Duration keep =
          project.staging().keep().compareTo(SWEEP_EVERY) < 0
              ? SWEEP_EVERY
              : project.staging().keep();
      PassedParents passed = new PassedParents(this, project);
      staging.sweep(now, keep, load -> false, passed::needed, document -> true);
      staging.sweep(now, keep.plus(DOCUMENTS_STAY), load -> true, document -> false);
    }
  }

  /** Masks and resolves secrets with this engine's environment. */
  public Secrets secrets() {
    return secrets;
  }

  @Override
  public void close() {
    heartbeats.close();
    drivers.values().forEach(DestinationDriver::close);
  }

  boolean draining() {
    return draining;
  }

  Staging staging() {
    return staging;
  }

  Definitions definitions() {
    return definitions;
  }

  Heartbeats heartbeats() {
    return heartbeats;
  }

  Loader loader(Project project, Resource resource) {
    return loader(project, project.destinationOf(resource));
  }

  DestinationDriver.Capabilities capabilities(Project project, Resource resource) {
    return driver(project.destinationOf(resource)).capabilities();
  }

  Extractor extractor(String type) {
    Extractor extractor = extractors.get(type);
    if (extractor == null) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot read a source of type "
              + type
              + ": there is no extractor for it (known: "
              + String.join(", ", extractors.keySet())
              + ")");
    }
    return extractor;
  }

  /**
   * Whether what a run loads is applied only with its last segment, because absence means something
   * ({@code protocol.md} 4.3).
   */
  static boolean wholeRun(Resource resource) {
    return WholeRun.needed(resource.hints());
  }

  private DestinationDriver driver(Destination destination) {
    DestinationDriver driver = drivers.get(destination.type());
    if (driver == null) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot load into a destination of type "
              + destination.type()
              + ": there is no driver for it (known: "
              + String.join(", ", drivers.keySet())
              + ")");
    }
    return driver;
  }
}
