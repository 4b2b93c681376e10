package io.millrace.activities.staging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.Carried;
import io.millrace.run.Checkpoint;
import io.millrace.run.StagedRef;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagingTest {
  private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");
  private static final StageKey KEY =
      StageKey.raw("shop.orders", "1-aa-1-1", "m", Checkpoint.START);

  @TempDir Path root;

  private Staging staging() {
    return new Staging(root);
  }

  @Test
  void publishesFilesAndBodyAndReadsThemBack() throws IOException {
    Published published = publish(KEY, "hello", "one");
    Published opened = staging().open(published.ref());
    assertThat(opened.body().asText()).isEqualTo("one");
    assertThat(text(opened)).isEqualTo("hello");
    assertThat(published.ref().path()).startsWith("loads/shop.orders/1-aa-1-1/raw-");
  }

  @Test
  void firstPublishedManifestWinsAndTheLaterAttemptReturnsIt() throws IOException {
    Published first = publish(KEY, "hello", "one");
    Published second = publish(KEY, "other", "two");
    assertThat(second.ref()).isEqualTo(first.ref());
    assertThat(text(second)).isEqualTo("hello");
    assertThat(folders()).as("the loser's folder is gone").hasSize(1);
  }

  @Test
  void manyAttemptsAtOnceAgreeOnOneWinner() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<StagedRef>> attempts = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String content = "attempt " + i;
        attempts.add(
            pool.submit(
                () -> {
                  start.await();
                  return publish(KEY, content, content).ref();
                }));
      }
      start.countDown();
      Set<StagedRef> refs = new java.util.HashSet<>();
      for (Future<StagedRef> attempt : attempts) {
        refs.add(attempt.get());
      }
      assertThat(refs).hasSize(1);
      assertThat(folders()).hasSize(1);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void anotherCheckpointOrOtherInputsHaveAnotherKey() {
    JsonNode position = JsonNodeFactory.instance.objectNode().put("page", 2);
    Checkpoint later = new Checkpoint(null, Carried.of(position), false);
    assertThat(StageKey.raw("a", "l", "m", Checkpoint.START))
        .isNotEqualTo(StageKey.raw("a", "l", "m", later));
    StagedRef raw = new StagedRef("r", "11");
    StagedRef schema = new StagedRef("s", "22");
    StagedRef newer = new StagedRef("s2", "33");
    assertThat(StageKey.load("a", "l", "run", "m", raw, schema, null, false))
        .isEqualTo(StageKey.load("a", "l", "run", "m", raw, schema, null, false))
        .isNotEqualTo(StageKey.load("a", "l", "run", "m", raw, newer, null, false))
        .isNotEqualTo(
            StageKey.load("a", "l", "run", "m", raw, schema, Carried.of(position), false));
  }

  @Test
  void keyDoesNotDependOnTheOrderOfKeysInTheCheckpoint() {
    JsonNode one = JsonNodeFactory.instance.objectNode().put("a", 1).put("b", 2);
    JsonNode two = JsonNodeFactory.instance.objectNode().put("b", 2).put("a", 1);
    assertThat(StageKey.raw("a", "l", "m", new Checkpoint(null, Carried.of(one), true)))
        .isEqualTo(StageKey.raw("a", "l", "m", new Checkpoint(null, Carried.of(two), true)));
  }

  @Test
  void publishesAgainOverADamagedResult() throws IOException {
    Published first = publish(KEY, "hello", "one");
    Files.writeString(first.files().get(0).path(), "jello");
    assertThat(staging().published(KEY)).isEmpty();
    Published second = publish(KEY, "hello", "two");
    assertThat(second.ref()).isNotEqualTo(first.ref());
    assertThat(text(second)).isEqualTo("hello");
  }

  @Test
  void damagedFileIsStagingLost() throws IOException {
    Published published = publish(KEY, "hello", "one");
    Path file = published.files().get(0).path();
    Files.writeString(file, "jello");
    assertLost(() -> text(published), "its content has changed", file.toString());
    Files.writeString(file, "hell");
    assertLost(() -> text(published), "it has 4 bytes instead of 5");
    Files.delete(file);
    assertLost(() -> text(published), "it is missing");
  }

  @Test
  void damagedOrMissingManifestIsStagingLost() throws IOException {
    Published published = publish(KEY, "hello", "one");
    Path manifest = root.resolve(published.ref().path());
    Files.writeString(manifest, "{}");
    assertLost(() -> staging().open(published.ref()), "its content has changed");
    Files.delete(manifest);
    assertLost(() -> staging().open(published.ref()), "it is missing");
  }

  @Test
  void pointerNeverLeavesTheFolder() {
    assertLost(
        () -> staging().bytes(new StagedRef("../../etc/passwd", "00")),
        "leads out of the staging folder");
    assertLost(() -> staging().bytes(new StagedRef("/etc/passwd", "00")), "leads out");
  }

  @Test
  void hostileNamesStayInsideTheFolder() throws IOException {
    List<String> names =
        List.of("../../x", "/abs", "C:\\x", "a\0b", "x".repeat(300), "..%2f", ".", "..", "é.", "");
    for (String name : names) {
      Published published =
          publish(StageKey.raw(name, "load/" + name, "m", Checkpoint.START), "x", "");
      assertThat(staging().open(published.ref()).files()).hasSize(1);
    }
    try (Stream<Path> all = Files.walk(root)) {
      assertThat(all.filter(Files::isRegularFile)).hasSize(2 * names.size());
    }
    assertThat(names.stream().map(Names::encode)).doesNotHaveDuplicates();
  }

  @Test
  void smallJsonTravelsAndLargeJsonIsStaged() {
    JsonNode small = JsonNodeFactory.instance.textNode("x".repeat(4094));
    JsonNode large = JsonNodeFactory.instance.textNode("x".repeat(4095));
    assertThat(staging().carry(small)).isEqualTo(Carried.of(small));
    Carried carried = staging().carry(large);
    assertThat(carried.json()).isNull();
    assertThat(staging().expand(carried)).isEqualTo(large);
    assertThat(staging().carry(large)).isEqualTo(carried);
    assertThat(staging().carry(null)).isNull();
    assertThat(staging().expand(null)).isNull();
  }

  @Test
  void damagedDocumentIsStagingLostAndHealedByTheNextWrite() throws IOException {
    byte[] bytes = "schema".getBytes(StandardCharsets.UTF_8);
    StagedRef ref = staging().document(bytes);
    Files.writeString(root.resolve(ref.path()), "schemb");
    assertLost(() -> staging().bytes(ref), "its content has changed");
    assertThat(staging().document(bytes)).isEqualTo(ref);
    assertThat(staging().bytes(ref)).isEqualTo(bytes);
  }

  @Test
  void filesBelongToTheirOwnerOnly() throws IOException {
    assumeThat(root.getFileSystem().supportedFileAttributeViews()).contains("posix");
    Published published = publish(KEY, "hello", "one");
    StagedRef document = staging().document(new byte[] {1});
    for (Path path :
        List.of(
            published.files().get(0).path(),
            root.resolve(published.ref().path()),
            root.resolve(document.path()))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void unwritableFolderIsStagingFailedAndNamed() throws IOException {
    Path file = Files.writeString(root.resolve("file"), "");
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> new Staging(file).draft("a", "l"))
        .matches(e -> e.failure() == Failure.STAGING_FAILED)
        .withMessageContaining("Cannot make the folder")
        .withMessageContaining(file.toString())
        .withMessageContaining("staging.dir");
  }

  @Test
  void fullDiskIsStagingFailedWithPathAndBytes() throws IOException {
    Path full = Path.of("/dev/full");
    assumeThat(full).exists();
    FileChannel channel = FileChannel.open(full, StandardOpenOption.WRITE);
    try (channel) {
      StagedOutput out = new StagedOutput(full, channel, (size, sha256) -> {});
      assertThatExceptionOfType(MillraceException.class)
          .isThrownBy(() -> out.write(new byte[100_000]))
          .matches(e -> e.failure() == Failure.STAGING_FAILED)
          .withMessageContaining("No space left on device: /dev/full (needs 100000 bytes");
    }
  }

  @Test
  void unpublishedDraftIsRemoved() {
    Draft draft = staging().draft("a", "l");
    write(draft, "data", "x");
    draft.close();
    assertThat(folders()).isEmpty();
  }

  @Test
  void sweepKeepsWhatIsNeededAndWhatIsFresh() throws IOException {
    publish(StageKey.raw("a", "old", "m", Checkpoint.START), "x", "");
    publish(StageKey.raw("a", "old-needed", "m", Checkpoint.START), "x", "");
    publish(StageKey.raw("a", "fresh", "m", Checkpoint.START), "x", "");
    StagedRef old = staging().document(new byte[] {1});
    StagedRef oldNeeded = staging().document(new byte[] {2});
    age(root, NOW.minus(Duration.ofHours(25)));
    staging().loaded("a", "fresh", NOW.minus(Duration.ofHours(23)));
    StagedRef fresh = staging().document(new byte[] {3});

    staging().sweep(NOW, Duration.ofHours(24), "old-needed"::equals, oldNeeded.sha256()::equals);
    staging().sweep(NOW, Duration.ofHours(24), "old-needed"::equals, oldNeeded.sha256()::equals);

    assertThat(root.resolve("loads/a/old")).doesNotExist();
    assertThat(root.resolve("loads/a/old-needed")).exists();
    assertThat(root.resolve("loads/a/fresh")).exists();
    assertThat(root.resolve(old.path())).doesNotExist();
    assertThat(root.resolve(oldNeeded.path())).exists();
    assertThat(root.resolve(fresh.path())).exists();
  }

  @Test
  void sweepKeepsTheListsThatAChildHasNotPassed() throws IOException {
    StageKey passed = list("passed");
    StageKey needed = list("needed");
    Instant later = Instant.now().plus(Duration.ofDays(2));
    staging()
        .sweep(
            later,
            Duration.ofHours(24),
            load -> false,
            (asset, load) -> asset.equals("shop.orders") && load.equals("needed"),
            sha -> true);
    assertThat(ParentList.open(staging(), passed, List.of("id"), 0)).isEmpty();
    assertThat(ParentList.open(staging(), needed, List.of("id", "more"), 0))
        .as("it was made without that path")
        .isEmpty();
    try (ParentList.Reader list =
        ParentList.open(staging(), needed, List.of("id"), 1).orElseThrow()) {
      assertThat(list.next()).isEqualTo(Map.of("id", "\"b\""));
      assertThat(list.next()).isNull();
      assertThat(list.next()).isNull();
    }
  }

  @Test
  void theRawPagesThatCameLastAreThoseOfTheLoad() throws IOException {
    for (List<String> manifests : List.of(List.of("m", "n"), List.of("n", "m"))) {
      String load = "1-aa-1-" + manifests.get(0);
      Published first =
          publish(StageKey.raw("a", load, manifests.get(0), Checkpoint.START), "x", "");
      age(root, NOW.minus(Duration.ofDays(1)));
      Published last =
          publish(StageKey.raw("a", load, manifests.get(1), Checkpoint.START), "y", "");

      assertThat(staging().raw("a", load))
          .as("a workflow that was reset took newer definitions")
          .extracting(Published::ref)
          .containsExactly(last.ref(), first.ref());
    }
  }

  @Test
  void knowsTheListsOfAssetsWithTheLongestNames() throws IOException {
    String asset = "s".repeat(100) + "." + "r".repeat(100);
    StageKey needed = list(asset, "1-aa-0002-000001");
    age(root, NOW.minus(Duration.ofDays(30)));

    staging()
        .sweep(
            NOW, Duration.ofDays(7), load -> false, (of, load) -> of.equals(asset), sha -> false);

    assertThat(ParentList.open(staging(), needed, List.of("id"), 0)).isPresent();
  }

  private StageKey list(String load) throws IOException {
    return list("shop.orders", load);
  }

  private StageKey list(String asset, String load) throws IOException {
    StageKey key = StageKey.parents(asset, load, "0".repeat(64));
    try (ParentList.Writer list = new ParentList.Writer(staging(), asset, load, List.of("id"))) {
      list.add(Map.of("id", "1"));
      list.add(Map.of("id", "\"b\""));
      list.publish(key);
    }
    return key;
  }

  @Test
  void sweepRemovesKilledAttemptsAndNotTheRunningOnes() throws IOException {
    publish(KEY, "hello", "one");
    write(staging().draft("shop.orders", "1-aa-1-1"), "data", "killed");
    age(root, NOW.minus(Duration.ofHours(7)));
    write(staging().draft("shop.orders", "1-aa-1-1"), "data", "running");
    staging().sweep(NOW, Duration.ofHours(24), load -> true, sha -> true);
    assertThat(folders()).as("the published and the running").hasSize(2);
    assertThat(text(staging().published(KEY).orElseThrow())).isEqualTo("hello");
  }

  private Published publish(StageKey key, String content, String body) {
    try (Draft draft = staging().draft(key.asset(), key.loadId())) {
      write(draft, "data", content);
      return draft.publish(key, JsonNodeFactory.instance.textNode(body));
    }
  }

  private static void write(Draft draft, String name, String content) {
    try (OutputStream out = draft.create(name)) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String text(Published published) throws IOException {
    try (InputStream in = published.open("data")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private List<Path> folders() {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(p -> p.getFileName().toString().startsWith("attempt-")).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void age(Path folder, Instant time) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        Files.setLastModifiedTime(path, FileTime.from(time));
      }
    }
  }

  private static void assertLost(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... parts) {
    var thrown =
        assertThatExceptionOfType(MillraceException.class)
            .isThrownBy(call)
            .matches(e -> e.failure() == Failure.STAGING_LOST, "is STAGING_LOST")
            .withMessageStartingWith("Cannot read staged data: ");
    for (String part : parts) {
      thrown.withMessageContaining(part);
    }
  }
}
