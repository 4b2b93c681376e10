package io.millrace.activities;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.extract.Extractor;
import io.millrace.run.Fetch;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import io.temporal.failure.ApplicationFailure;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * What every activity does around the engine: heartbeats, log context, and the translation of
 * failures into Temporal's with our names and without secrets.
 */
abstract class StepActivityImpl {
  private static final Logger LOG = LoggerFactory.getLogger(StepActivityImpl.class);

  final Engine engine;

  StepActivityImpl(Engine engine) {
    this.engine = engine;
  }

  /** The engine's part of a step. */
  @FunctionalInterface
  interface Step<T> {
    T run(Progress progress) throws IOException;
  }

  <T> T step(String asset, String loadId, Step<T> step) {
    ActivityExecutionContext context = Activity.getExecutionContext();
    Map<String, String> before = MDC.getCopyOfContextMap();
    MDC.put("asset", asset);
    MDC.put("load", loadId == null ? "" : loadId);
    try (Heartbeats.Beating beating =
        engine.heartbeats().start(context::heartbeat, engine::draining)) {
      return step.run(beating);
    } catch (ActivityCompletionException e) {
      throw e;
    } catch (MillraceException e) {
      throw failure(e.failure(), e.getMessage(), e, cost(e));
    } catch (IOException e) {
      throw failure(
          Failure.STAGING_FAILED,
          "Cannot read or write staged files: "
              + e.getMessage()
              + " (check the disk of the staging folder)",
          e);
    } catch (RuntimeException e) {
      throw failure(
          Failure.INTERNAL,
          "Cannot go on with "
              + asset
              + ": "
              + e
              + " (this is a mistake of ours: please report it with the log)",
          e);
    } finally {
      if (before == null) {
        MDC.clear();
      } else {
        MDC.setContextMap(before);
      }
    }
  }

  /** What was spent in vain, for the workflow's count. */
  private static Object[] cost(MillraceException e) {
    long requests = Extractor.Failed.requests(e);
    return requests == 0 ? new Object[0] : new Object[] {new Fetch.Cost(requests)};
  }

  private ApplicationFailure failure(
      Failure failure, String message, Exception cause, Object... details) {
    String masked = engine.secrets().mask(message);
    if (failure == Failure.INTERNAL) {
      LOG.error("{}", masked, cause);
    } else {
      LOG.debug("{}", masked, cause);
    }
    // no cause crosses to Temporal: its message was not masked and its stack says nothing to a user
    return failure.retryable()
        ? ApplicationFailure.newFailure(masked, failure.name(), details)
        : ApplicationFailure.newNonRetryableFailure(masked, failure.name(), details);
  }
}
