package io.millrace.worker.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.cursor.CursorValue;
import io.millrace.activities.destination.Ledger;
import io.millrace.asset.AssetKey;
import io.millrace.project.Project;
import io.millrace.source.Incremental;
import io.millrace.worker.Opened;
import java.math.BigDecimal;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code state set|reset|rewind}: moves the state of one asset. */
abstract class CorrectCommand extends ChangingCommand {
  @Parameters(paramLabel = "ASSET", description = "one asset, for example shop.orders")
  private String asset;

  CorrectCommand(Millrace millrace) {
    super(millrace);
  }

  /** What is to be done. */
  abstract Ledger.Correction correction(
      Opened opened, AssetKey asset, Project.Located located, Ledger ledger);

  /** The same, as a question before it is done. */
  abstract String question(AssetKey asset);

  @Override
  final int run(Output out, Opened opened) {
    AssetKey key = one(opened, asset);
    Project.Located located = located(opened, key);
    Ledger ledger = ledger(opened, key);
    String what = "change the state of " + key;
    alone(
        opened,
        what,
        () -> {
          refuseRunning(opened, List.of(key), what);
          Ledger.Correction correction = correction(opened, key, located, ledger);
          confirm(out, question(key));
          refuseRunning(opened, List.of(key), what);
          tell(out, key, ledger.correct(correction));
        });
    return 0;
  }

  private static void tell(Output out, AssetKey key, Ledger.Corrected done) {
    ObjectNode document = out.document();
    document.put("asset", key.toString()).put("epoch", done.epoch());
    document.set("checkpoint_before", done.before());
    document.set("checkpoint", done.after());
    ArrayNode loads = document.putArray("removed_loads");
    done.loads().forEach(loads::add);
    counts(document, "removed", done.removed());
    out.print(
        "%s: was at %s, the next run begins from %s"
            .formatted(key, words(done.before()), words(done.after())));
    if (done.removed() != null) {
      out.print(
          "  removed %s of %s"
              .formatted(
                  Format.plural(Format.sum(done.removed()), "row"),
                  Format.plural(done.loads().size(), "load")));
      done.removed().forEach((table, n) -> out.print("    " + table + ": " + Format.count(n)));
    } else {
      out.say("No row was removed; what is read again comes as its write disposition says");
    }
  }

  /** {@code state reset}. */
  @CommandLine.Command(
      name = "reset",
      description = "Let the next run of an asset begin from the beginning; its rows stay.")
  static final class Reset extends CorrectCommand {
    Reset(Millrace millrace) {
      super(millrace);
    }

    @Override
    Ledger.Correction correction(
        Opened opened, AssetKey asset, Project.Located located, Ledger ledger) {
      return new Ledger.Correction(
          opened.project().name(),
          asset.toString(),
          located.source().name(),
          Ledger.Deed.RESET,
          null,
          null,
          false);
    }

    @Override
    String question(AssetKey asset) {
      return "Forget how far " + asset + " is? Its rows stay, and the next run reads all again.";
    }
  }

  /** {@code state set}. */
  @CommandLine.Command(
      name = "set",
      description = "Let the next run of an asset begin from a value of its cursor.")
  static final class Set extends CorrectCommand {
    @Option(
        names = "--cursor",
        required = true,
        paramLabel = "VALUE",
        description = "a value of the cursor, as the source writes it")
    private String cursor;

    Set(Millrace millrace) {
      super(millrace);
    }

    @Override
    Ledger.Correction correction(
        Opened opened, AssetKey asset, Project.Located located, Ledger ledger) {
      Incremental incremental = located.resource().incremental();
      if (incremental == null) {
        throw new MillraceException(
            Failure.CONFIG_INVALID,
            "Cannot set the state of %s: it has no cursor: %s (add `incremental`, or `millrace state reset %s`)"
                .formatted(asset, cursor, asset));
      }
      JsonNode before =
          ledger.states(opened.project().name()).stream()
              .filter(s -> s.asset().equals(asset.toString()) && s.partition() == null)
              .map(Ledger.State::checkpoint)
              .findFirst()
              .orElse(null);
      JsonNode value = value(asset, before, incremental.initialValue());
      ObjectNode checkpoint = JsonNodeFactory.instance.objectNode();
      ObjectNode at = checkpoint.putObject("cursor");
      at.set("window_start", value);
      at.set("running_max", value);
      at.putArray("start_keys");
      at.putArray("keys");
      checkpoint.put("done", true);
      return new Ledger.Correction(
          opened.project().name(),
          asset.toString(),
          located.source().name(),
          Ledger.Deed.SET,
          checkpoint,
          null,
          false);
    }

    /** A number where the cursor's values are numbers, else a text. */
    private JsonNode value(AssetKey asset, JsonNode before, JsonNode initial) {
      JsonNode known = before == null ? null : before.at("/cursor/running_max");
      known = known == null || known.isMissingNode() || known.isNull() ? initial : known;
      boolean text = known != null && known.isTextual();
      try {
        if (!text) {
          return CursorValue.stored(new BigDecimal(cursor.strip()));
        }
      } catch (NumberFormatException e) {
        if (known != null && !known.isNull()) {
          throw new MillraceException(
              Failure.CONFIG_INVALID,
              "Cannot set the state of %s: the values of its cursor are numbers: %s (for example %s)"
                  .formatted(asset, cursor, CursorValue.scalar(known).asText()),
              e);
        }
      }
      return JsonNodeFactory.instance.textNode(cursor);
    }

    @Override
    String question(AssetKey asset) {
      return "Let the next run of " + asset + " begin from " + cursor + "? Its rows stay.";
    }
  }

  /** {@code state rewind}. */
  @CommandLine.Command(
      name = "rewind",
      description = "Set an asset back to where it was after one of its loads.")
  static final class Rewind extends CorrectCommand {
    @Option(
        names = "--to",
        required = true,
        paramLabel = "LOAD_ID",
        description = "the load to go back to (`millrace state history` lists them)")
    private String load;

    @Option(
        names = "--delete-rows",
        description = "take away what the loads after it brought, with all tables below")
    private boolean deleteRows;

    Rewind(Millrace millrace) {
      super(millrace);
    }

    @Override
    Ledger.Correction correction(
        Opened opened, AssetKey asset, Project.Located located, Ledger ledger) {
      return new Ledger.Correction(
          opened.project().name(),
          asset.toString(),
          located.source().name(),
          Ledger.Deed.REWIND,
          null,
          load,
          deleteRows);
    }

    @Override
    String question(AssetKey asset) {
      return "Set "
          + asset
          + " back to load "
          + load
          + (deleteRows ? " and delete the rows of the loads after it?" : "? Its rows stay.");
    }
  }
}
