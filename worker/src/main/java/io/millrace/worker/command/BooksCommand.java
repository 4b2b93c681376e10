package io.millrace.worker.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.cursor.CursorValue;
import io.millrace.activities.destination.Ledger;
import io.millrace.asset.AssetKey;
import io.millrace.destination.Destination;
import io.millrace.project.Project;
import io.millrace.worker.Logging;
import io.millrace.worker.Opened;
import io.millrace.worker.Rooms;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A command about what the destinations of a project know of its assets. */
abstract class BooksCommand extends Command {
  private Rooms.Engine engine;

  BooksCommand(Millrace millrace) {
    super(millrace);
  }

  abstract int run(Output out, Opened opened);

  @Override
  final int run(Output out) {
    Opened opened = millrace.open();
    millrace.logging(Logging.Volume.QUIET);
    try (Rooms.Engine open = rooms().engine(opened, env().variables())) {
      engine = open;
      out.maskWith(open::mask);
      Logging.maskWith(open::mask);
      out.document().put("project", opened.project().name());
      return run(out, opened);
    }
  }

  Ledger ledger(Destination destination) {
    return engine.loader(destination).ledger();
  }

  Ledger ledger(Opened opened, AssetKey asset) {
    return ledger(destination(opened, asset));
  }

  static Destination destination(Opened opened, AssetKey asset) {
    return opened.project().destinationOf(located(opened, asset).resource());
  }

  static Project.Located located(Opened opened, AssetKey asset) {
    return opened
        .project()
        .locate(asset)
        .orElseThrow(
            () ->
                new MillraceException(
                    Failure.CONFIG_INVALID,
                    "Cannot find the state: the asset is not loaded from a source: " + asset));
  }

  /** The selected assets that are loaded from sources, by the destination that they go to. */
  static Map<Destination, List<AssetKey>> byDestination(Opened opened, String selection) {
    Map<Destination, List<AssetKey>> assets = new LinkedHashMap<>();
    for (AssetKey asset : opened.select(selection, null)) {
      if (opened.project().locate(asset).isPresent()) {
        assets
            .computeIfAbsent(destination(opened, asset), d -> new java.util.ArrayList<>())
            .add(asset);
      }
    }
    return assets;
  }

  /** The one asset that is meant. */
  static AssetKey one(Opened opened, String asset) {
    List<AssetKey> meant = opened.select(asset, null);
    if (meant.size() != 1) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot look at the state: one asset is wanted: %s means %d (`millrace assets` lists them)"
              .formatted(asset, meant.size()));
    }
    return meant.get(0);
  }

  /** Where a checkpoint is, in words. */
  static String words(JsonNode checkpoint) {
    if (checkpoint == null || checkpoint.isNull()) {
      return "the beginning";
    }
    JsonNode reached = CursorValue.scalar(checkpoint.at("/cursor/running_max"));
    String cursor = reached == null ? "" : reached.asText();
    JsonNode parents = checkpoint.at("/position/to");
    String passed =
        parents.isObject()
            ? "parents up to load " + parents.path("epoch") + "/" + parents.path("seq")
            : "";
    String at = cursor.isEmpty() ? passed : cursor;
    return checkpoint.path("done").asBoolean()
        ? at.isEmpty() ? "a run to its end" : "up to " + at
        : "in the middle of a run" + (at.isEmpty() ? "" : ", " + at);
  }

  static void counts(ObjectNode into, String name, Map<String, Long> rows) {
    if (rows == null) {
      into.putNull(name);
    } else {
      ObjectNode counts = into.putObject(name);
      rows.forEach(counts::put);
    }
  }
}
