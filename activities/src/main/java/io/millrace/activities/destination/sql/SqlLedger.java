package io.millrace.activities.destination.sql;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.destination.Ledger;
import io.millrace.activities.destination.Ledger.Corrected;
import io.millrace.activities.destination.Ledger.Correction;
import io.millrace.activities.destination.Ledger.Event;
import io.millrace.activities.destination.Ledger.Foreign;
import io.millrace.activities.destination.Ledger.Rejects;
import io.millrace.activities.destination.Ledger.State;
import io.millrace.activities.destination.Ledger.Version;
import io.millrace.destination.SystemNames;
import io.millrace.run.Kept;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The books of a dataset of a database: opens it, and lets {@link Books} read or others write. */
final class SqlLedger implements Ledger {
  private final Dataset dataset;
  private final Database database;
  private final SystemNames names;

  SqlLedger(Dataset dataset) {
    this.dataset = dataset;
    this.database = dataset.database();
    this.names = dataset.names();
  }

  @Override
  public List<State> states(String project) {
    return read("the states of " + project, List.of(), books -> books.states(project));
  }

  @Override
  public List<Event> history(String project, String asset, int limit) {
    return read(
        "the history of " + asset, List.of(), books -> books.history(project, asset, limit));
  }

  @Override
  public List<Version> versions(String source, int limit) {
    return read("the schema of " + source, List.of(), books -> books.versions(source, limit));
  }

  @Override
  public Rejects rejects(String project, Collection<String> assets, int limit) {
    Rejects none = new Rejects(0, List.of(), List.of());
    return assets.isEmpty()
        ? none
        : read("the rejects", none, books -> books.rejects(project, assets, limit));
  }

  @Override
  public Corrected correct(Correction correction) {
    String what = "change the state of %s in %s".formatted(correction.asset(), database.place());
    if (!database.exists()) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot %s: it has none: nothing was loaded yet (run it first)".formatted(what));
    }
    return write(what, sql -> new CorrectionTransaction(sql, names, correction).run());
  }

  @Override
  public Past past(Choice choice) {
    return dataset.ask(
        "read the loads of " + choice.asset(),
        true,
        new Past(Kept.Extent.SOME, List.of()),
        (sql, catalog) -> new PastLoads(sql, names, catalog, choice).choose());
  }

  @Override
  public Foreign foreign(String source, String pipeline) {
    Foreign none = new Foreign(false, null, List.of(), List.of(), null, 0, null);
    return !database.exists()
        ? none
        : database.read(
            "read what dlt left in " + database.place(),
            false,
            handle -> new Adoption(dataset.sql(handle), names).look(source, pipeline));
  }

  @Override
  public void adopt(String project, Map<String, JsonNode> checkpoints) {
    write(
        "adopt the dataset in " + database.place(),
        sql -> {
          new Adoption(sql, names).adopt(project, checkpoints);
          return null;
        });
  }

  private interface Question<T> {
    T of(Books books);
  }

  private interface Change<T> {
    T with(Sql sql);
  }

  private <T> T read(String what, T none, Question<T> question) {
    return dataset.ask(
        "read " + what, false, none, (sql, catalog) -> question.of(new Books(sql, names, catalog)));
  }

  /** One transaction: all of it, or nothing. */
  private <T> T write(String what, Change<T> change) {
    return database.write(
        what,
        null,
        null,
        Progress.NONE,
        handle -> {
          try {
            T done = change.with(dataset.sql(handle));
            handle.commit();
            return done;
          } catch (RuntimeException | Error e) {
            Dataset.rollback(handle, e);
            throw e;
          }
        });
  }
}
