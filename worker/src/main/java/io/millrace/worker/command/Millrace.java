package io.millrace.worker.command;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.project.shape.Nearest;
import io.millrace.worker.Backend;
import io.millrace.worker.Env;
import io.millrace.worker.Logging;
import io.millrace.worker.Opened;
import io.millrace.worker.Rooms;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line as a whole: the options that every command understands, the list of commands,
 * and how failures become a sentence and an exit code.
 */
@CommandLine.Command(
    name = "millrace",
    description = "Lands any API, file or database in a warehouse as clean relational tables.%n",
    synopsisSubcommandLabel = "COMMAND",
    sortOptions = false,
    versionProvider = Millrace.Version.class,
    footer = {
      "",
      "Start with `millrace demo` (no account, no network) or `millrace init rest`.",
      "Exit codes: 0 ok, 1 a run failed, 2 usage or configuration, 3 something outside cannot be",
      "reached or refuses us, 4 refused by policy, 5 needs a decision, 130/143 stopped by a signal."
    })
public final class Millrace {
  static final String FILE = "millrace.yaml";

  private final Env env;
  private final Rooms rooms;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "the project's file, or its folder (default: " + FILE + " here)")
  private Path config;

  @Option(
      names = "--output",
      paramLabel = "text|json",
      scope = ScopeType.INHERIT,
      description = "text for people or one JSON document (default: text)")
  private Shape output = Shape.text;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "say only what went wrong")
  private boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "say more, with stack traces; -vv: all that anybody logs")
  private boolean[] verbose = {};

  @Option(names = "--debug", scope = ScopeType.INHERIT, hidden = true)
  private boolean debug;

  @Option(
      names = "--no-color",
      scope = ScopeType.INHERIT,
      description = "no colours (also NO_COLOR)")
  private boolean noColor;

  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      scope = ScopeType.INHERIT,
      description = "the Temporal server (also TEMPORAL_ADDRESS; default: one inside this process)")
  private String address;

  @Option(
      names = "--namespace",
      paramLabel = "NS",
      scope = ScopeType.INHERIT,
      description = "its namespace (also TEMPORAL_NAMESPACE; default: default)")
  private String namespace;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "show this help")
  private boolean help;

  @Option(names = "--version", versionHelp = true, description = "show the version")
  private boolean version;

  /** The shapes of the output; the names are what the user types. */
  enum Shape {
    text,
    json
  }

  public Millrace(Env env, Rooms rooms) {
    this.env = env;
    this.rooms = rooms;
  }

  /** All commands, in the order of the help. */
  CommandLine commandLine() {
    CommandLine line = new CommandLine(this);
    for (Object command :
        List.of(
            new DemoCommand(this),
            new InitCommand(this),
            new RunCommand(this),
            new RenormalizeCommand(this),
            new StatusCommand(this),
            new WatchCommand(this),
            new ExplainCommand(this),
            LiveCommand.of(this, LiveCommand.Deed.wake),
            LiveCommand.of(this, LiveCommand.Deed.pause),
            LiveCommand.of(this, LiveCommand.Deed.resume),
            LiveCommand.of(this, LiveCommand.Deed.retry),
            LiveCommand.of(this, LiveCommand.Deed.cancel),
            new CheckCommand(this),
            new PlanCommand(this),
            new AssetsCommand(this),
            new TablesCommand(this),
            new QueryCommand(this),
            SchemaCommand.group(this),
            StateCommand.group(this),
            new RejectsCommand(this),
            new AdoptCommand(this),
            new WorkerCommand(this),
            new DevCommand(this),
            ServerCommand.group(this),
            ScheduleCommand.group(this),
            new DoctorCommand(this),
            new HelpCommand(this),
            new CompletionCommand(this),
            DebugPackageCommand.group(this),
            new WarmUpCommand(this))) {
      line.addSubcommand(command);
    }
    tidy(line);
    return line;
  }

  /**
   * Help is read by people: a short first line, and a command's own options before those that all
   * have.
   */
  private void tidy(CommandLine line) {
    UsageMessageSpec usage = line.getCommandSpec().usageMessage();
    usage.abbreviateSynopsis(true).sortOptions(false);
    usage.footer(Arrays.stream(usage.footer()).map(env::spelled).toArray(String[]::new));
    line.getSubcommands().values().forEach(this::tidy);
  }

  /** Parses and runs. Returns the exit code; all that is to be said has been said. */
  public int execute(String[] args) {
    boolean json = wantsJson(args);
    CommandLine line = commandLine();
    line.setOut(writer(env.out()));
    line.setErr(writer(env.err()));
    line.setColorScheme(
        CommandLine.Help.defaultColorScheme(
            colours() && !Arrays.asList(args).contains("--no-color") ? Ansi.ON : Ansi.OFF));
    line.setUsageHelpWidth(Math.min(120, Math.max(80, env.columns())));
    line.setParameterExceptionHandler((e, given) -> usage(e, json));
    line.setExecutionExceptionHandler((e, executing, parsed) -> failed(e, executing));
    return line.execute(args.length == 0 ? new String[] {"--help"} : args);
  }

  private static PrintWriter writer(java.io.PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }

  // the arguments may not parse, and yet the answer must have the shape that was asked for
  private static boolean wantsJson(String[] args) {
    List<String> all = Arrays.asList(args);
    int at = all.indexOf("--output");
    return all.contains("--output=json")
        || at >= 0 && at + 1 < all.size() && all.get(at + 1).equals("json");
  }

  private int usage(ParameterException e, boolean json) {
    CommandLine at = e.getCommandLine();
    String name = at.getCommandSpec().qualifiedName(" ");
    StringBuilder message = new StringBuilder(e.getMessage());
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      String wrong = unmatched.getUnmatched().get(0);
      boolean option = wrong.startsWith("-");
      boolean command = !option && !at.getSubcommands().isEmpty();
      message.setLength(0);
      message
          .append("Cannot understand the command line: ")
          .append(
              command ? "no such command: " : option ? "no such option: " : "one word too many: ")
          .append(wrong);
      List<String> known =
          command
              ? visibleCommands(at)
              : option ? List.copyOf(at.getCommandSpec().optionsMap().keySet()) : List.of();
      Nearest.to(wrong, known)
          .ifPresent(near -> message.append(" (did you mean ").append(near).append("?)"));
      if (command) {
        name = "millrace";
      }
    } else {
      message.insert(0, "Cannot understand the command line: ");
    }
    Output out = new Output(at.getCommandName(), env, json, quiet, colours());
    out.failed(Failure.CONFIG_INVALID.name(), message.toString(), null);
    if (!json) {
      out.say("See `" + name + " --help`.");
    }
    out.finish(false);
    return Failure.CONFIG_INVALID.exitCode();
  }

  static List<String> visibleCommands(CommandLine at) {
    return at.getSubcommands().entrySet().stream()
        .filter(e -> !e.getValue().getCommandSpec().usageMessage().hidden())
        .map(java.util.Map.Entry::getKey)
        .toList();
  }

  // what a command did not handle itself
  private int failed(Exception e, CommandLine executing) {
    Output out =
        output(executing.getCommandSpec().qualifiedName(" ").replaceFirst("^millrace ", ""));
    out.failed(
        Failure.INTERNAL.name(),
        "Cannot go on: a mistake of Millrace's own: "
            + e
            + (traces() ? "" : " (run it again with -v for the details)"),
        traces() ? e : null);
    out.finish(false);
    return Failure.INTERNAL.exitCode();
  }

  // --- what the commands ask for

  Env env() {
    return env;
  }

  Rooms rooms() {
    return rooms;
  }

  Output output(String command) {
    return new Output(command, env, output == Shape.json, quiet, colours());
  }

  boolean traces() {
    return verbose() || debug;
  }

  boolean quiet() {
    return quiet;
  }

  boolean verbose() {
    return verbose.length > 0;
  }

  private boolean colours() {
    return env.terminal()
        && !noColor
        && env.variable("NO_COLOR") == null
        && env.variable("CI") == null;
  }

  /** Whether lines may be drawn again. */
  boolean animated() {
    return env.terminal() && !quiet && output == Shape.text && env.variable("CI") == null;
  }

  /** Sets the log's volume; commands that start an engine or a client call it first. */
  void logging(Logging.Volume usual) {
    Logging.Volume asked =
        verbose.length > 1
            ? Logging.Volume.ALL
            : traces() ? Logging.Volume.VERBOSE : quiet ? Logging.Volume.QUIET : usual;
    Logging.set(asked, env.err());
  }

  /** The project's file; {@code CONFIG_INVALID} when it is not there. */
  private Path file() {
    Path named = env.folder().resolve(config == null ? Path.of("") : config).normalize();
    Path file = Files.isDirectory(named) ? named.resolve(FILE) : named;
    if (!Files.isRegularFile(file)) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot read the project: no such file: "
              + file
              + " (make one with `millrace init`, or name it with -c)");
    }
    return file;
  }

  /** The project; {@code CONFIG_INVALID} with all problems when it is not right. */
  Opened open() {
    return Opened.read(file());
  }

  /** The same for those who work on the project: says what should not stay as it is. */
  Opened open(Output out) {
    Opened opened = open();
    opened.warnings().forEach(warning -> out.say(warning.render()));
    return opened;
  }

  /** The server's address, or {@code null} for the embedded one. */
  String address() {
    return address != null ? address : env.variable("TEMPORAL_ADDRESS");
  }

  String namespace() {
    return namespace != null ? namespace : env.variable("TEMPORAL_NAMESPACE");
  }

  /** How another command names the same project: {@code -c DIR} as it was typed, or nothing. */
  String sameProject() {
    if (config == null) {
      return "";
    }
    String typed = config.toString();
    boolean plain = typed.matches("[\\w./~+:@%=,-]+");
    return " -c " + (plain ? typed : "'" + typed.replace("'", "'\\''") + "'");
  }

  /**
   * Connects to the server with an address; {@code what} needs one and cannot do with the embedded
   * server.
   */
  Backend connect(String what) {
    return connect(what, Backend.PATIENCE);
  }

  Backend connect(String what, Duration patience) {
    if (address() == null) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot "
              + what
              + ": this needs a Temporal server that stays: none is named (name one with --address or TEMPORAL_ADDRESS; `millrace dev` starts one)");
    }
    return Backend.connect(address(), namespace(), env.variables(), patience);
  }

  /** The version, from the jar's manifest. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Millrace.class.getPackage().getImplementationVersion();
      return new String[] {"millrace " + (version == null ? "(not packaged)" : version)};
    }
  }
}
