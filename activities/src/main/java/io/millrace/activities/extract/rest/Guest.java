package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.secret.Secrets;
import io.millrace.project.Text;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A plugin as we let it in: it gets its options with their secrets, and what it throws goes no
 * further as it is, for it may hold one.
 *
 * @param what it is, for messages: {@code auth acme_hmac}
 * @param unready what an {@link IllegalStateException} of it means
 */
record Guest(String what, Failure unready, Secrets secrets) {
  static MillraceException missing(String what) {
    return new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot use "
            + what
            + ": this worker has no such plugin (put its jar on the class path of every worker)");
  }

  Map<String, String> options(Map<String, Text> written) {
    Map<String, String> options = new LinkedHashMap<>();
    written.forEach(
        (name, text) -> {
          boolean secret = text.hasReferences() || RequestPlan.sensitive(name);
          options.put(name, secret ? secrets.resolveSecret(text) : secrets.resolve(text));
        });
    return Map.copyOf(options);
  }

  /** What a stranger's code gives, which is never {@code null}; it may throw anything. */
  <T> T call(Supplier<T> code) {
    try {
      return Objects.requireNonNull(code.get(), "it gives null");
    } catch (MillraceException e) {
      throw new MillraceException(e.failure(), secrets.mask(e.getMessage()));
    } catch (RuntimeException e) {
      Failure failure =
          e instanceof IllegalArgumentException
              ? Failure.CONFIG_INVALID
              : e instanceof IllegalStateException ? unready : Failure.INTERNAL;
      throw new MillraceException(
          failure,
          "Cannot use "
              + what
              + ": the plugin refuses: "
              + RequestPlan.cut(secrets.mask(String.valueOf(e.getMessage()))));
    }
  }

  @Override
  public String toString() {
    return what;
  }
}
