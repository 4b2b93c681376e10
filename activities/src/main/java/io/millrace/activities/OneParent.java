package io.millrace.activities;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.activities.extract.Parents;
import io.millrace.activities.normalize.ParentFields;
import io.millrace.activities.secret.Secrets;
import io.millrace.activities.steps.StepFailed;
import io.millrace.activities.steps.Steps;
import io.millrace.project.Project;
import io.millrace.run.Visits.Mark;
import io.millrace.run.Visits.Place;
import io.millrace.run.Wire;
import io.millrace.source.Parent;
import io.millrace.source.Resource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A record that was seen but not loaded, in place of those that are committed. */
final class OneParent implements Parents {
  private static final Mark LOAD = new Mark(0, 1);

  private final Map<String, String> fields;

  private OneParent(Map<String, String> fields) {
    this.fields = fields;
  }

  /**
   * The first record that the parent's steps leave and of which nothing is cut that the child
   * needs; empty for none.
   */
  static Optional<Parents> of(Project.Located child, List<JsonNode> records, Secrets secrets) {
    Parent parent = Parent.of(child.resource()).orElseThrow();
    Resource resource = child.source().resource(parent.resource()).orElseThrow();
    Steps steps = Steps.of(resource.processingSteps(), secrets);
    for (JsonNode record : records) {
      byte[] json = left(record, steps);
      if (json != null) {
        Map<String, String> read = new ParentFields(parent.wanted()).read(json, 0, json.length);
        if (read.values().stream().noneMatch(text -> text.endsWith("…\""))) {
          return Optional.of(new OneParent(Map.copyOf(read)));
        }
      }
    }
    return Optional.empty();
  }

  /**
   * The record as its steps leave it; {@code null} when they do not let it through.
   *
   * @param steps {@code null} for none
   */
  private static byte[] left(JsonNode record, Steps steps) {
    try {
      byte[] json = Wire.mapper().writeValueAsBytes(record);
      if (steps == null) {
        return json;
      }
      Map<String, Object> made = steps.read(json, 0, json.length);
      return steps.apply(made) ? steps.write(made) : null;
    } catch (StepFailed e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // into memory
    }
  }

  @Override
  public Window open(Mark passed) {
    return new Window(Mark.NONE, LOAD);
  }

  @Override
  public Window resume(Window window) {
    return window;
  }

  @Override
  public Rows rows(Window window, Place from) {
    return new Rows() {
      private boolean told;

      @Override
      public Row next() {
        Row row = new Row(new Place(LOAD, 0, null), new Place(LOAD, 1, null), "none", fields);
        Row next = told ? null : row;
        told = true;
        return next;
      }

      @Override
      public void close() {}
    };
  }
}
