package io.millrace.worker;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.UnaryOperator;

/**
 * The log: on stderr, masked, and quiet unless asked. Logback finds this class by itself, at the
 * first line that anybody logs, so a command that logs nothing does not pay for it.
 */
public final class Logging extends ContextAwareBase implements Configurator {
  private static volatile Volume volume = Volume.QUIET;
  private static volatile PrintStream err = System.err;
  private static volatile UnaryOperator<String> mask = UnaryOperator.identity();
  private static volatile LoggerContext running;

  /** How much is said. */
  public enum Volume {
    /** Mistakes of ours only: everything else is told by the command itself. */
    QUIET(Level.ERROR, Level.ERROR),
    /** What a long-running process tells its operator. */
    SERVICE(Level.INFO, Level.WARN),
    /** With {@code -v}. */
    VERBOSE(Level.DEBUG, Level.INFO),
    /** With {@code -vv}: whatever anybody says. */
    ALL(Level.TRACE, Level.TRACE);

    private final Level ours;
    private final Level others;

    Volume(Level ours, Level others) {
      this.ours = ours;
      this.others = others;
    }
  }

  /** Sets volume and stream of this process's log. */
  public static void set(Volume wanted, PrintStream stream) {
    volume = wanted;
    err = stream;
    LoggerContext context = running;
    if (context != null) {
      apply(context);
    }
  }

  /** From now on every line goes through {@code masker} first. */
  public static void maskWith(UnaryOperator<String> masker) {
    mask = masker;
  }

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    Lines lines = new Lines();
    lines.setContext(context);
    lines.start();
    context.getLogger("ROOT").addAppender(lines);
    apply(context);
    running = context;
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static void apply(LoggerContext context) {
    context.getLogger("ROOT").setLevel(volume.others);
    context.getLogger("io.millrace").setLevel(volume.ours);
    // the signer writes what it signs, session tokens too
    context.getLogger("software.amazon.awssdk").setLevel(Level.OFF);
    // Temporal's SDK warns of every failed attempt with its whole stack; the workflow decides what
    // that means, and tells it
    boolean told = volume == Volume.VERBOSE || volume == Volume.ALL;
    context.getLogger("io.temporal").setLevel(told ? null : Level.OFF);
  }

  private static final class Lines extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      String name = event.getLoggerName();
      StringBuilder line = new StringBuilder(160);
      line.append(Instant.ofEpochMilli(event.getTimeStamp()).truncatedTo(ChronoUnit.MILLIS))
          .append(' ')
          .append(event.getLevel())
          .append(' ')
          .append(name, name.lastIndexOf('.') + 1, name.length())
          .append(": ")
          .append(event.getFormattedMessage());
      if (event.getThrowableProxy() != null) {
        line.append('\n').append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
      err.println(Printable.text(mask.apply(line.toString())));
    }
  }
}
