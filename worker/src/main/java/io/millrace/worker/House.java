package io.millrace.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.destination.Loader;
import io.millrace.activities.extract.Probe;
import io.millrace.activities.extract.rest.Leases;
import io.millrace.destination.Destination;
import io.millrace.project.Project;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The real rooms, wired together. */
final class House implements Rooms {
  @Override
  public Engine engine(Opened project, Map<String, String> variables) {
    return engine(project, variables, null);
  }

  @Override
  public Engine engine(Opened project, Map<String, String> variables, Leases leases) {
    io.millrace.activities.Engine engine =
        io.millrace.activities.Engine.open(project.file(), variables, leases);
    return new Engine() {
      @Override
      public List<Object> activities() {
        return engine.activities();
      }

      @Override
      public void drain() {
        engine.drain();
      }

      @Override
      public Loader loader(Destination destination) {
        return engine.loader(project.project(), destination);
      }

      @Override
      public Probe probe(Project.Located resource, JsonNode position) {
        return engine.probe(project.project(), resource, position);
      }

      @Override
      public Optional<Probe> probeChild(Project.Located resource, List<JsonNode> parents) {
        return engine.probeChild(project.project(), resource, parents);
      }

      @Override
      public String mask(String text) {
        return engine.secrets().mask(text);
      }

      @Override
      public void close() {
        engine.close();
      }
    };
  }
}
