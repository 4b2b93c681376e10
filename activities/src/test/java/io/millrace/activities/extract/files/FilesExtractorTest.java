package io.millrace.activities.extract.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.Zstd;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.extract.Extractor;
import io.millrace.activities.extract.FetchedSegment;
import io.millrace.activities.secret.EnvSecrets;
import io.millrace.activities.staging.RawPage;
import io.millrace.project.Text;
import io.millrace.run.Wire;
import io.millrace.source.Limits;
import io.millrace.source.Resource;
import io.millrace.source.Source;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesExtractorTest {
  private boolean resumed;
  private static final String LINES = "{\"a\":1}\n{\"a\":22}\n\n{\"a\":333}";

  @TempDir Path project;
  @TempDir Path elsewhere;
  private Path data;

  private String bucket = "data";
  private String glob = "**/*";
  private String format;
  private Limits limits;
  private Long pagesLeft;
  private Resource.SegmentBounds bounds = Resource.SegmentBounds.DEFAULT;

  @BeforeEach
  void folder() throws IOException {
    data = Files.createDirectories(project.resolve("data"));
  }

  @Test
  void readsFilesInTheOrderOfTheirNames() throws IOException {
    write("b.jsonl", "2\n");
    write("a/z.jsonl", "1\n");
    write("c.json", "{\"x\":\n3}");
    FetchedSegment segment = only();
    assertThat(segment.bodies()).containsExactly("1\n", "2\n", "{\"x\":\n3}");
    assertThat(segment.pages().get(2).format()).isEqualTo(RawPage.Format.JSON);
    assertThat(segment.pages().get(0).origin()).isEqualTo(data.resolve("a/z.jsonl").toString());
  }

  @Test
  void segmentOfOneByteHoldsOneRecord() throws IOException {
    write("a.jsonl", LINES);
    bounds = new Resource.SegmentBounds(1L, null, null);
    assertThat(all().stream().map(s -> String.join("|", s.bodies())))
        .containsExactly("{\"a\":1}\n", "{\"a\":22}\n", "\n", "{\"a\":333}");
  }

  @Test
  void everySizeOfSegmentGivesTheSameBytes() throws IOException {
    write("a.jsonl", LINES);
    write("b.jsonl.gz", gzip(LINES + "\n"));
    write("c.jsonl.zst", Zstd.compress(LINES.getBytes(StandardCharsets.UTF_8)));
    write("d.jsonl", "");
    write("e.json.gz", gzip("{\"x\":1}"));
    String whole = LINES + LINES + "\n" + LINES + "{\"x\":1}";
    for (long bytes = 1; bytes < 100; bytes++) {
      bounds = new Resource.SegmentBounds(bytes, null, null);
      List<FetchedSegment> segments = all();
      String read = String.join("", segments.stream().flatMap(s -> s.bodies().stream()).toList());
      assertThat(read).as("segments of " + bytes).isEqualTo(whole);
      for (FetchedSegment segment : segments) {
        for (String body : segment.bodies()) {
          assertThat(body).as("whole records").matches("(?s)(\n|[{]\"[ax]\":\\d+[}]\n?)*");
        }
      }
    }
  }

  @Test
  void compressedPositionsCountDecompressedBytes() throws IOException {
    write("a.jsonl.gz", gzip(LINES));
    bounds = new Resource.SegmentBounds(1L, null, null);
    FetchedSegment first = fetch(null);
    assertThat(first.fetched().position().path("file").asText()).isEqualTo("a.jsonl.gz");
    assertThat(first.fetched().position().path("offset").asLong()).isEqualTo(8);
    assertThat(first.fetched().position().has("size")).isTrue();
    assertThat(first.fetched().position().has("mtime")).isTrue();
    assertThat(fetch(first.fetched().position()).pages().get(0).startOffset()).isEqualTo(8);
  }

  @Test
  void pagesBoundTheSegmentAndTheRun() throws IOException {
    write("a.jsonl", "1\n");
    write("b.jsonl", "2\n");
    write("c.jsonl", "3\n");
    bounds = new Resource.SegmentBounds(null, 2, null);
    assertThat(fetch(null).bodies()).containsExactly("1\n", "2\n");
    pagesLeft = 1L;
    assertThat(fetch(null).bodies()).containsExactly("1\n");
  }

  @Test
  void segmentOfFilesThatAreOnlyReferredToMayBeLarger() throws IOException {
    for (String name : List.of("a.jsonl", "b.jsonl")) {
      write(name, "1\n");
      try (FileChannel file = FileChannel.open(data.resolve(name), StandardOpenOption.WRITE)) {
        file.write(ByteBuffer.wrap(new byte[] {'\n'}), 70_000_000); // a hole, no bytes on disk
      }
    }
    assertThat(fetch(null).pages()).hasSize(2);
    bounds = new Resource.SegmentBounds(64_000_000L, null, null);
    assertThat(fetch(null).pages()).hasSize(1);
  }

  @Test
  void escapedNamesMatchLiterally() throws IOException {
    write("a[b].jsonl", "1\n");
    write("ab.jsonl", "2\n");
    write("x-y.jsonl", "3\n");
    write("what?.jsonl", "4\n");
    write("what1.jsonl", "5\n");
    glob = "a[[]b].jsonl";
    assertThat(only().bodies()).containsExactly("1\n");
    glob = "what[?].jsonl";
    assertThat(only().bodies()).containsExactly("4\n");
    glob = "[!a-w]*.jsonl";
    assertThat(only().bodies()).containsExactly("3\n");
    glob = "{a,x}*.jsonl";
    assertThat(only().bodies()).as("braces are plain").isEmpty();
  }

  @Test
  void starsMatchAsInPython() throws IOException {
    for (String name :
        List.of("r.jsonl", "a/1.jsonl", "a/b/2.jsonl", ".hidden.jsonl", ".h/3.jsonl", "a/n.txt")) {
      write(name, name);
    }
    assertThat(names("*.jsonl")).containsExactly("r.jsonl");
    assertThat(names("*/*.jsonl")).containsExactly("a/1.jsonl");
    assertThat(names("**/*.jsonl")).containsExactly("a/1.jsonl", "a/b/2.jsonl", "r.jsonl");
    assertThat(names("a/**/*.jsonl")).containsExactly("a/1.jsonl", "a/b/2.jsonl");
    assertThat(names("**")).containsExactly("a/1.jsonl", "a/b/2.jsonl", "a/n.txt", "r.jsonl");
    assertThat(names("?.jsonl")).containsExactly("r.jsonl");
    assertThat(names(".hidden.jsonl")).containsExactly(".hidden.jsonl");
    assertThat(names("./r.jsonl")).containsExactly("r.jsonl");
  }

  @Test
  void linksOutOfTheFolderAreNotFollowed() throws IOException {
    Files.writeString(elsewhere.resolve("secret.jsonl"), "1\n");
    write("in.jsonl", "2\n");
    Files.createSymbolicLink(data.resolve("out.jsonl"), elsewhere.resolve("secret.jsonl"));
    Files.createSymbolicLink(data.resolve("outdir"), elsewhere);
    Files.createSymbolicLink(data.resolve("circle"), data);
    Files.createSymbolicLink(data.resolve("link.jsonl"), data.resolve("in.jsonl"));
    assertThat(names("**/*.jsonl")).containsExactly("in.jsonl", "link.jsonl");
    assertThat(names("outdir/*.jsonl")).isEmpty();
    glob = "../*";
    assertFails(null, Failure.CONFIG_INVALID, "`file_glob` leaves the folder: ../*");
  }

  @Test
  void noFileIsNoError() throws IOException {
    FetchedSegment segment = only();
    assertThat(segment.fetched().done()).isTrue();
    assertThat(segment.bodies()).isEmpty();
    assertThat(segment.fetched().notes()).isEqualTo(Map.of("no_files", 1L));
  }

  @Test
  void emptyFileIsAFile() throws IOException {
    write("a.jsonl", "");
    assertThat(only().fetched().notes()).isEmpty();
  }

  @Test
  void missingFolderIsNamed() {
    bucket = "nowhere";
    assertFails(
        null, Failure.CONFIG_INVALID, "there is no such folder: " + project.resolve("nowhere"));
    bucket = "s3://bucket/prefix";
    assertFails(null, Failure.CONFIG_INVALID, "only local folders are read yet: s3://");
  }

  @Test
  void fileUrlIsAFolder() throws IOException {
    bucket = data.toUri().toString();
    write("a.jsonl", "1\n");
    assertThat(only().bodies()).containsExactly("1\n");
  }

  @Test
  void unknownFormatIsRefusedUnlessItIsSaid() throws IOException {
    write("a.dat", "1\n");
    assertFails(
        null, Failure.CONFIG_INVALID, "the format of a file is unknown or not read yet: a.dat");
    format = "jsonl";
    assertThat(only().bodies()).containsExactly("1\n");
    format = "parquet";
    assertFails(null, Failure.CONFIG_INVALID, "set `format` to jsonl or json");
  }

  @Test
  void fileThatChangesBetweenSegmentsIsNamed() throws IOException {
    write("a.jsonl", LINES);
    bounds = new Resource.SegmentBounds(1L, null, null);
    JsonNode position = fetch(null).fetched().position();
    write("a.jsonl", LINES + "\n{}");
    assertFails(position, Failure.SOURCE_CHANGED, "a file changed during the run", "a.jsonl");
    Files.delete(data.resolve("a.jsonl"));
    assertFails(position, Failure.SOURCE_CHANGED, "it is gone");
  }

  @Test
  void positionThatDoesNotFitAnyMoreIsLost() throws IOException {
    write("a.jsonl", LINES);
    bounds = new Resource.SegmentBounds(1L, null, null);
    JsonNode position = fetch(null).fetched().position();
    glob = "b*.jsonl";
    assertFails(position, Failure.WINDOW_LOST, "`file_glob` does not match", "a.jsonl");
    JsonNode ofAnApi = Wire.mapper().readTree("{\"pages\":1,\"step\":{\"cursor\":\"c2\"}}");
    assertFails(ofAnApi, Failure.WINDOW_LOST, "the stored position is not one of files");
  }

  @Test
  void aWindowWhoseEarlierFilesAreOthersNowIsLostToTheNextRun() throws IOException {
    write("a.jsonl", "1\n");
    write("b.jsonl", LINES);
    bounds = new Resource.SegmentBounds(1L, null, null);
    JsonNode afterA = fetch(null).fetched().position();
    JsonNode inB = fetch(afterA).fetched().position();
    Path a = data.resolve("a.jsonl");
    resumed = true;
    assertThat(fetch(inB).bodies()).as("nothing changed").isNotEmpty();
    Files.move(a, data.resolve("z.jsonl"));
    assertFails(inB, Failure.WINDOW_LOST, "files that were read before b.jsonl");
    assertFails(afterA, Failure.WINDOW_LOST, "`file_glob` does not match");
    resumed = false;
    assertThat(fetch(inB).bodies()).as("the run itself reads on").isNotEmpty();
    resumed = true;
    Files.move(data.resolve("z.jsonl"), a);
    assertThat(fetch(inB).bodies()).isNotEmpty();
    write("0.jsonl", "0\n");
    assertFails(inB, Failure.WINDOW_LOST, "or are more");
    Files.delete(data.resolve("0.jsonl"));
    write("a.jsonl", "1\n2\n");
    assertFails(inB, Failure.WINDOW_LOST, "files that were read before b.jsonl");
    assertFails(afterA, Failure.SOURCE_CHANGED, "a file changed");
  }

  @Test
  void damagedCompressionIsNamed() throws IOException {
    byte[] gzip = gzip(LINES);
    write("a.jsonl.gz", Arrays.copyOf(gzip, gzip.length - 5));
    assertFails(null, Failure.DATA_INVALID, "damaged or cut off", "a.jsonl.gz");
    gzip[gzip.length - 6] ^= 1;
    write("a.jsonl.gz", gzip);
    assertFails(null, Failure.DATA_INVALID, "damaged or cut off");
    Files.delete(data.resolve("a.jsonl.gz"));
    byte[] zstd = Zstd.compress(LINES.getBytes(StandardCharsets.UTF_8));
    write("a.jsonl.zst", Arrays.copyOf(zstd, zstd.length - 5));
    assertFails(null, Failure.DATA_INVALID, "a.jsonl.zst");
  }

  @Test
  void recordThatIsTooLongIsRefusedBeforeItFillsTheMemory() throws IOException {
    limits = new Limits(null, null, 100_000L, null);
    write("a.jsonl.gz", gzip("1\n" + "x".repeat(2_000_000)));
    assertFails(
        null, Failure.POLICY_REFUSED, "longer than 100000 bytes", "raise `limits.record_bytes`");
    write("a.jsonl.gz", gzip(("\"" + "x".repeat(90_000) + "\"\n").repeat(30)));
    assertThat(String.join("", only().bodies())).hasSize(90_003 * 30);
  }

  private List<String> names(String pattern) throws IOException {
    return new ArrayList<>(new Glob(data, pattern).files());
  }

  private void write(String name, String content) throws IOException {
    write(name, content.getBytes(StandardCharsets.UTF_8));
  }

  private void write(String name, byte[] content) throws IOException {
    Path file = data.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  private static byte[] gzip(String content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private void assertFails(JsonNode position, Failure failure, String... parts) {
    var thrown =
        assertThatExceptionOfType(MillraceException.class)
            .isThrownBy(() -> fetch(position))
            .satisfies(e -> assertThat(e.failure()).as(e.getMessage()).isEqualTo(failure));
    for (String part : parts) {
      thrown.withMessageContaining(part);
    }
  }

  private FetchedSegment only() throws IOException {
    List<FetchedSegment> segments = all();
    assertThat(segments).hasSize(1);
    return segments.get(0);
  }

  private List<FetchedSegment> all() throws IOException {
    return FetchedSegment.all(this::fetch);
  }

  private FetchedSegment fetch(JsonNode position) throws IOException {
    FilesExtractor extractor =
        new FilesExtractor(project, new EnvSecrets(Map.of(), project), Clock.systemUTC());
    Path staging = project.resolve(".millrace/staging");
    return FetchedSegment.fetch(staging, extractor, this::order, position, Progress.NONE);
  }

  private Extractor.Order order(JsonNode position) {
    Resource resource =
        new Resource(
            "events",
            null,
            new io.millrace.source.Files(glob, format),
            null,
            null,
            null,
            true,
            null,
            null,
            null,
            null,
            null);
    Source source =
        new Source.Filesystem("files", new Text(bucket), null, limits, List.of(resource));
    return new Extractor.Order(null, source, resource, null, position, bounds, pagesLeft, resumed);
  }
}
