package io.millrace.worker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.worker.Cli;
import io.millrace.worker.FakeRooms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineTest {
  @TempDir Path folder;
  private final FakeRooms rooms = new FakeRooms();
  private Cli cli;

  @BeforeEach
  void aProject() throws Exception {
    Files.writeString(folder.resolve("millrace.yaml"), FakeRooms.PROJECT);
    cli = new Cli(folder, rooms);
  }

  private static JsonNode json(Cli.Result result) throws Exception {
    return new ObjectMapper().readTree(result.out());
  }

  @Test
  void showsTheCommandsWhenNothingIsAsked() {
    Cli.Result result = cli.run();
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .startsWith("Usage: millrace [OPTIONS] COMMAND\n")
        .contains("  run ", "  doctor ")
        .doesNotContain("warm-up");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void suggestsTheCommandThatWasMeant() {
    Cli.Result result = cli.run("wroker");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .isEqualTo(
            """
            Cannot understand the command line: no such command: wroker (did you mean worker?)
            See `millrace --help`.
            """);
  }

  @Test
  void suggestsTheOptionThatWasMeant() {
    Cli.Result result = cli.run("run", "--paralel", "3");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .isEqualTo(
            """
            Cannot understand the command line: no such option: --paralel (did you mean --parallel?)
            See `millrace run --help`.
            """);
  }

  @Test
  void namesTheModesOfRefresh() {
    Cli.Result result = cli.run("run", "--refresh", "all");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .contains("no such mode: all (drop_sources, drop_resources or drop_data)");
  }

  @Test
  void answersInJsonEvenWhenTheArgumentsAreWrong() throws Exception {
    Cli.Result result = cli.run("run", "--output=json", "--limit", "many");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).isEmpty();
    JsonNode document = json(result);
    assertThat(document.get("version").asInt()).isEqualTo(1);
    assertThat(document.get("command").asText()).isEqualTo("run");
    assertThat(document.get("ok").asBoolean()).isFalse();
    assertThat(document.at("/failure/code").asText()).isEqualTo("CONFIG_INVALID");
    assertThat(document.at("/failure/message").asText()).contains("--limit").contains("many");
    assertThat(document.at("/failure").has("file")).isTrue();
  }

  @Test
  void saysWhereTheProjectShouldBe() {
    Cli.Result result = cli.run("check", "-c", "elsewhere");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .isEqualTo(
            "Cannot read the project: no such file: "
                + folder.resolve("elsewhere")
                + " (make one with `millrace init`, or name it with -c)\n");
  }

  @Test
  void takesTheOptionsOfAllCommandsBeforeAndAfterTheCommand() throws Exception {
    Path other = Files.createDirectory(folder.resolve("with space"));
    Files.writeString(other.resolve("millrace.yaml"), FakeRooms.PROJECT);
    assertThat(cli.run("-c", "with space", "check").code()).isZero();
    assertThat(cli.run("check", "-c", "with space/millrace.yaml").code()).isZero();
  }

  @Test
  void checksAProject() throws Exception {
    Cli.Result result = cli.run("check");
    assertThat(result.out())
        .isEqualTo(
            "millrace.yaml is in order: project shop, 2 assets from 1 source, 0 schedules\n");
    assertThat(result.code()).isZero();
    assertThat(json(cli.run("check", "--output", "json")).get("ok").asBoolean()).isTrue();
  }

  @Test
  void warnsOfVariablesThatHaveNoValueHere() throws Exception {
    Files.writeString(
        folder.resolve("millrace.yaml"),
        FakeRooms.PROJECT.replace(
            "bucket_url: data",
            "bucket_url: \"${env:DATA}/${env:SET}/${env:SUB:-x}${env:EMPTY}\""));
    cli.with("SET", "x").with("EMPTY", "");
    Cli.Result result = cli.run("check");
    assertThat(result.code()).as("the workers may have them").isZero();
    assertThat(result.out()).startsWith("millrace.yaml is in order: ");
    assertThat(result.err())
        .isEqualTo(
            """
            millrace.yaml:6:17: Cannot use ${env:DATA}: the environment variable has no value
              6 |     bucket_url: "${env:DATA}/${env:SET}/${env:SUB:-x}${env:EMPTY}"
              export DATA=…, where the workers run, or write ${env:DATA:-default}
            millrace.yaml:6:17: Cannot use ${env:EMPTY}: the environment variable has no value
              6 |     bucket_url: "${env:DATA}/${env:SET}/${env:SUB:-x}${env:EMPTY}"
              export EMPTY=…, where the workers run, or write ${env:EMPTY:-default}
            """);
    JsonNode warnings = json(cli.run("check", "--output", "json")).get("warnings");
    assertThat(warnings).hasSize(2);
    assertThat(warnings.at("/0/line").asInt()).isEqualTo(6);
  }

  @Test
  void spellsCommandsAsTheUserDoes() throws Exception {
    cli.with("MILLRACE_COMMAND", "./millrace");
    assertThat(cli.run("chek").err()).contains("See `./millrace --help`.");
    assertThat(cli.run("run", "--exclude", "shop.*").err()).contains("(`./millrace assets` lists");
    assertThat(cli.run("--help").out())
        .contains(
            "Start with `./millrace demo` (no account, no network) or `./millrace init rest`.");
    assertThat(cli.run("completion", "--help").out()).contains("source <(./millrace completion)");
    JsonNode failure = json(cli.run("worker", "--output", "json")).get("failure");
    assertThat(failure.get("message").asText()).contains("; `./millrace dev` starts one)");
    assertThat(cli.run("query", "select '`millrace run`'").out())
        .as("data is nobody's to change")
        .doesNotContain("./millrace");
    assertThat(cli.run("check").out()).as("a file's name is none").startsWith("millrace.yaml is");
  }

  @Test
  void tellsAllProblemsOfTheFileAtOnceWithTheirPlaces() throws Exception {
    Files.writeString(
        folder.resolve("millrace.yaml"), "project: shop\nsorces: {}\nschema: {naming: camel}\n");
    Cli.Result result = cli.run("check");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .contains("millrace.yaml:2:1: ", "did you mean sources?", "millrace.yaml:3:18: ", "camel");
    JsonNode document = json(cli.run("check", "--output", "json"));
    assertThat(document.get("ok").asBoolean()).isFalse();
    assertThat(document.at("/failure/file").asText()).isEqualTo("millrace.yaml");
    assertThat(document.at("/failure/line").asInt())
        .isEqualTo(document.at("/problems/0/line").asInt());
    assertThat(document.get("problems")).hasSizeGreaterThanOrEqualTo(2);
    assertThat(document.at("/problems/0").fieldNames())
        .toIterable()
        .containsExactly("file", "line", "column", "message", "advice");
  }

  @Test
  void tellsAFailureInOneSentenceWithItsExitCode() {
    rooms.problem = new MillraceException(Failure.SECRET_MISSING, "Cannot read X: no value");
    Cli.Result result = cli.run("tables");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).isEqualTo("Cannot read X: no value\n");
  }

  @Test
  void showsTheStackOnlyWhenAsked() {
    rooms.problem = new MillraceException(Failure.SECRET_MISSING, "Cannot read X: no value");
    assertThat(cli.run("tables", "-v").err()).contains("MillraceException").contains("\tat ");
  }

  @Test
  void colorsFailuresOnATerminalOnly() {
    rooms.problem = new MillraceException(Failure.SECRET_MISSING, "Cannot read X");
    cli.onTerminal();
    assertThat(cli.run("tables").err()).startsWith("\u001b[31m");
    assertThat(cli.run("tables", "--no-color").err()).isEqualTo("Cannot read X\n");
    assertThat(cli.with("NO_COLOR", "1").run("tables").err()).isEqualTo("Cannot read X\n");
  }

  @Test
  void listsTheAssets() throws Exception {
    Cli.Result result = cli.run("assets");
    assertThat(result.out())
        .isEqualTo(
            """
             asset          | kind       | write  | lands in         | after
            ----------------+------------+--------+------------------+----------------
             shop.customers | filesystem | append | duckdb shop_data |
             shop.orders    | filesystem | append | duckdb shop_data | shop.customers
            """);
    JsonNode document = json(cli.run("assets", "shop.orders", "--output", "json"));
    assertThat(document.get("assets")).hasSize(1);
    assertThat(document.at("/assets/0/upstream/0").asText()).isEqualTo("shop.customers");
  }

  @Test
  void plansFromWhatTheDestinationKnows() throws Exception {
    Cli.Result result = cli.run("plan");
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .isEqualTo(
            """
             asset          | after          | from              | tables
            ----------------+----------------+-------------------+------------------------
             shop.customers |                | every file, again | customers (2 columns)
             shop.orders    | shop.customers | the beginning     | to be made from the data
            """
                .replace("------------------------\n", "--------------------------\n"));
    assertThat(result.err()).isEqualTo("2 assets would run, in this order; nothing was started\n");
    assertThat(rooms.closed).isTrue();
    assertThat(cli.run("plan", "--detailed-exitcode").code()).isEqualTo(10);
    assertThat(
            json(cli.run("plan", "--detailed-exitcode", "--output", "json")).get("ok").asBoolean())
        .isTrue();
  }

  @Test
  void listsTablesAndColumns() throws Exception {
    assertThat(cli.run("tables").out())
        .isEqualTo(
            """
             table     |  rows | columns
            -----------+-------+---------
             customers | 1,234 |       2
            """);
    JsonNode document = json(cli.run("tables", "customers", "--output", "json"));
    assertThat(document.get("tables").toString())
        .isEqualTo(
            "[{\"table\":\"customers\",\"rows\":1234,\"columns\":[{\"name\":\"id\",\"type\":\"BIGINT\",\"nullable\":false},"
                + "{\"name\":\"name\",\"type\":\"VARCHAR\",\"nullable\":true}]}]");
  }

  @Test
  void saysThatNothingIsLoadedYet() throws Exception {
    rooms.empty = true;
    Cli.Result result = cli.run("tables");
    assertThat(result.code()).isZero();
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).isEqualTo("Nothing loaded yet (`millrace run` does it)\n");
    assertThat(cli.run("tables", "-c", "millrace.yaml").err())
        .isEqualTo("Nothing loaded yet (`millrace run -c millrace.yaml` does it)\n");
    Path spaced = Files.createDirectory(folder.resolve("with space"));
    Files.writeString(spaced.resolve("millrace.yaml"), FakeRooms.PROJECT);
    assertThat(cli.run("-c", "with space", "tables").err())
        .isEqualTo("Nothing loaded yet (`millrace run -c 'with space'` does it)\n");
    assertThat(json(cli.run("tables", "--output", "json")).get("tables")).isEmpty();
  }

  @Test
  void warnsOfASecretInClearWhereTheProjectIsWorkedOn() throws Exception {
    Files.writeString(
        folder.resolve("millrace.yaml"),
        """
        project: shop
        destination: {type: duckdb, path: shop.duckdb}
        sources:
          shop:
            type: rest_api
            client: {base_url: "https://shop.example", auth: {type: bearer, token: abc}}
            resources: [customers]
        """);
    for (String command : List.of("check", "plan")) {
      assertThat(cli.run(command).err()).as(command).contains("holds a secret in clear");
    }
    for (String command : List.of("tables", "assets", "query")) {
      Cli.Result result = command.equals("query") ? cli.run(command, "select 1") : cli.run(command);
      assertThat(result.code()).as(result.err()).isZero();
      assertThat(result.err()).as(command).doesNotContain("secret");
    }
  }

  @Test
  void takesSeveralWordsAsSeveralSelections() throws Exception {
    assertThat(assets("shop.orders", "shop.customers")).isEqualTo(2);
    assertThat(assets("shop.orders,", "shop.customers")).isEqualTo(2);
    assertThat(assets("shop.orders", "", "shop.orders")).isEqualTo(1);
    assertThat(assets("shop.*", "and", "not", "shop.orders"))
        .as("one selection without quotes")
        .isEqualTo(1);
    assertThat(assets("(", "shop.orders", "or", "shop.customers", ")", "and", "shop.o*"))
        .isEqualTo(1);
    for (String command : List.of("run", "plan", "assets")) {
      assertThat(cli.run(command, "shop.orders", "nope").err())
          .startsWith("Cannot select nope: no such asset");
    }
  }

  private int assets(String... selection) throws Exception {
    List<String> words = new ArrayList<>(List.of("assets", "--output", "json"));
    words.addAll(List.of(selection));
    return json(cli.run(words.toArray(String[]::new))).get("assets").size();
  }

  @Test
  void helpsWithACommandEitherWay() throws Exception {
    assertThat(cli.run("help").out()).isEqualTo(cli.run("--help").out());
    assertThat(cli.run("help", "init").out()).isEqualTo(cli.run("init", "--help").out());
    assertThat(cli.run("help", "schedule", "sync").out())
        .startsWith("Usage: millrace schedule sync");
    assertThat(json(cli.run("help", "init", "--output", "json")).get("usage").asText())
        .startsWith("Usage: millrace init");
    Cli.Result wrong = cli.run("help", "innit");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err())
        .isEqualTo("Cannot show help: no such command: innit (did you mean init?)\n");
  }

  @Test
  void suggestsTheTableThatWasMeant() {
    Cli.Result result = cli.run("tables", "custmers");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .isEqualTo(
            "Cannot show the table: the destination has no such table: custmers (did you mean customers?)\n");
  }

  @Test
  void showsARowOnOneLineAndNoSecret() {
    Cli.Result result = cli.run("query", "select 1");
    assertThat(result.out())
        .isEqualTo(
            """
             id | name
            ----+--------------
              1 | Ada
              2 | NULL
              3 | *** [31m x
            """
                .replace(
                    "--------------\n", "-".repeat("s3cr3t-value [31m x".length() + 2) + "\n"));
    assertThat(result.err()).isEqualTo("3 rows\n");
  }

  @Test
  void saysThatThereAreMoreRows() throws Exception {
    assertThat(cli.run("query", "select 1", "--limit", "2").err())
        .isEqualTo("2 rows, and there are more (--limit 0 shows all)\n");
    JsonNode document = json(cli.run("query", "select 1", "--limit", "2", "--output", "json"));
    assertThat(document.get("columns").toString()).isEqualTo("[\"id\",\"name\"]");
    assertThat(document.get("rows").toString()).isEqualTo("[[1,\"Ada\"],[2,null]]");
    assertThat(document.get("more").asBoolean()).isTrue();
  }

  @Test
  void refusesWhatNeedsAServerWithoutOne() {
    Cli.Result result = cli.run("worker");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .isEqualTo(
            "Cannot start the worker: this needs a Temporal server that stays: none is named"
                + " (name one with --address or TEMPORAL_ADDRESS; `millrace dev` starts one)\n");
  }

  @Test
  void saysThatAServerDoesNotAnswer() {
    int nobody = io.millrace.worker.EmbeddedTemporal.freePort();
    Cli.Result result = cli.with("TEMPORAL_ADDRESS", "127.0.0.1:" + nobody).run("server", "setup");
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.err())
        .startsWith("Cannot reach Temporal at 127.0.0.1:" + nobody + ": ")
        .endsWith(
            "(start one with `millrace dev`, or leave out --address and TEMPORAL_ADDRESS to run without a server)\n");
  }

  @Test
  void looksAtWhatARunNeeds() throws Exception {
    Cli.Result result = cli.run("doctor");
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains(
            "ok      java",
            "ok      project",
            "ok      staging",
            "ok      destination  duckdb, dataset shop_data, 1 table");
    assertThat(result.out()).contains("note    temporal     not on this machine");
    assertThat(cli.run("doctor", "-q").out()).isEmpty();
  }

  @Test
  void printsACompletionScript() {
    Cli.Result result = cli.run("completion");
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .startsWith("#!/usr/bin/env bash")
        .contains("complete -F _complete_millrace");
  }
}
