package io.millrace.activities.staging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.NullNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.run.Checkpoint;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RawFileTest {
  @TempDir Path folder;

  @Test
  void givesBackPagesAsTheyCame() throws IOException {
    Staging staging = new Staging(folder);
    StageKey key = StageKey.raw("a", "l", "m", Checkpoint.START);
    try (Draft draft = staging.draft("a", "l");
        RawFileWriter writer = new RawFileWriter(draft)) {
      byte[] body = bytes("__{\"data\":[1]}__");
      writer.page(RawPage.Format.JSON, List.of("data"), "https://x/y?page=1", body, 2, 12);
      writer.page(
          RawPage.Format.JSONL, List.of(), "f.gz", 77, new ByteArrayInputStream(bytes("{}")));
      writer.page(RawPage.Format.JSON, List.of(), "empty", new byte[0], 0, 0);
      assertThat(writer.pages()).isEqualTo(3);
      assertThat(writer.bytes()).isEqualTo(14);
      writer.finish();
      Published published = draft.publish(key, NullNode.getInstance());
      try (RawFileReader reader = RawFileReader.open(staging.open(published.ref()))) {
        RawPage first = reader.next();
        assertThat(first.selector()).containsExactly("data");
        assertThat(first.origin()).isEqualTo("https://x/y?page=1");
        assertThat(text(first)).isEqualTo("{\"data\":[1]}");
        RawPage second = reader.next();
        assertThat(second.format()).isEqualTo(RawPage.Format.JSONL);
        assertThat(second.startOffset()).isEqualTo(77);
        assertThat(text(reader.next())).as("a page may be skipped").isEmpty();
        assertThat(reader.hasNext()).isFalse();
      }
    }
  }

  @Test
  void largePageGoesThroughInFrames() throws IOException {
    byte[] large = new byte[5_000_000];
    new Random(1).nextBytes(large);
    byte[] file = write(w -> w.page(RawPage.Format.JSON, List.of(), "x", large, 0, large.length));
    try (RawFileReader reader = reader(file);
        InputStream in = reader.next().body().open()) {
      assertThat(in.readAllBytes()).isEqualTo(large);
      assertThat(reader.hasNext()).isFalse();
    }
  }

  @Test
  void everyDamagedByteIsNoticed() throws IOException {
    byte[] file =
        write(
            w -> {
              w.page(RawPage.Format.JSON, List.of("a"), "x", bytes("{\"a\":[1,2]}"), 0, 11);
              w.page(RawPage.Format.JSONL, List.of(), "y", bytes("{}\n".repeat(100)), 0, 300);
            });
    for (int i = 0; i < file.length; i++) {
      byte[] damaged = file.clone();
      damaged[i] ^= 0x41;
      assertLost(damaged, "byte " + i);
    }
  }

  @Test
  void everyCutIsNoticed() throws IOException {
    byte[] file = write(w -> w.page(RawPage.Format.JSON, List.of(), "x", bytes("[1]"), 0, 3));
    for (int length = 0; length < file.length; length++) {
      assertLost(java.util.Arrays.copyOf(file, length), "cut at " + length);
    }
  }

  @Test
  void segmentWithoutItsEndIsLost() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (RawFileWriter writer = new RawFileWriter(out)) {
      writer.page(RawPage.Format.JSON, List.of(), "x", bytes("[1]"), 0, 3);
    }
    assertLost(out.toByteArray(), "no end");
  }

  @Test
  void readsTheRangeOfAFile() throws IOException {
    Path source = Files.writeString(folder.resolve("in.jsonl"), "{\"a\":1}\n{\"a\":2}\n{\"a\":3}");
    byte[] file = write(w -> w.range(RawPage.Format.JSONL, List.of(), source, 8, 16));
    try (RawFileReader reader = reader(file)) {
      RawPage page = reader.next();
      assertThat(page.startOffset()).isEqualTo(8);
      assertThat(page.origin()).isEqualTo(source.toAbsolutePath().toString());
      assertThat(text(page)).isEqualTo("{\"a\":2}\n");
    }
  }

  @Test
  void changedFileIsNamed() throws IOException {
    Path source = Files.writeString(folder.resolve("in.jsonl"), "{\"a\":1}\n");
    byte[] file = write(w -> w.range(RawPage.Format.JSONL, List.of(), source, 0, 8));

    Files.writeString(source, "{\"a\":1}\n{}");
    assertChanged(file, "it has 10 bytes instead of 8", source);
    Files.writeString(source, "{\"a\":2}\n");
    Files.setLastModifiedTime(source, FileTime.from(Instant.parse("2030-01-01T00:00:00Z")));
    assertChanged(file, "it was written at 2030-01-01T00:00:00Z", source);
    Files.delete(source);
    assertChanged(file, "it is gone", source);
  }

  @Test
  void changeWhileReadingIsNoticedAtTheEnd() throws IOException {
    Path source = Files.writeString(folder.resolve("in.jsonl"), "{\"a\":1}\n");
    byte[] file = write(w -> w.range(RawPage.Format.JSONL, List.of(), source, 0, 8));
    try (RawFileReader reader = reader(file)) {
      InputStream in = reader.next().body().open();
      in.read();
      Files.writeString(source, "{\"a\":1}\n{}");
      assertThatExceptionOfType(MillraceException.class)
          .isThrownBy(in::readAllBytes)
          .matches(e -> e.failure() == Failure.SOURCE_CHANGED);
    }
  }

  @Test
  void rangeBeyondTheFileIsRefused() throws IOException {
    Path source = Files.writeString(folder.resolve("in.jsonl"), "{\"a\":1}\n");
    byte[] file = write(w -> w.range(RawPage.Format.JSONL, List.of(), source, 4, 99));
    assertChanged(file, "it has no bytes 4 to 99", source);
  }

  private interface Pages {
    void write(RawFileWriter writer) throws IOException;
  }

  private static byte[] write(Pages pages) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (RawFileWriter writer = new RawFileWriter(out)) {
      pages.write(writer);
      writer.finish();
    }
    return out.toByteArray();
  }

  private RawFileReader reader(byte[] file) {
    return new RawFileReader(folder.resolve("raw.mrr"), new ByteArrayInputStream(file));
  }

  private void readAll(byte[] file) throws IOException {
    try (RawFileReader reader = reader(file)) {
      List<byte[]> all = new ArrayList<>();
      while (reader.hasNext()) {
        try (InputStream in = reader.next().body().open()) {
          all.add(in.readAllBytes());
        }
      }
    }
  }

  private void assertLost(byte[] file, String what) {
    assertThatExceptionOfType(MillraceException.class)
        .as(what)
        .isThrownBy(() -> readAll(file))
        .matches(e -> e.failure() == Failure.STAGING_LOST);
  }

  private void assertChanged(byte[] file, String how, Path source) {
    assertThatExceptionOfType(MillraceException.class)
        .isThrownBy(() -> readAll(file))
        .matches(e -> e.failure() == Failure.SOURCE_CHANGED)
        .withMessageContaining("it changed during the run: " + how + ": " + source);
  }

  private static String text(RawPage page) throws IOException {
    try (InputStream in = page.body().open()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
