package io.millrace.activities.extract.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.MillraceException;
import io.millrace.source.ResponseFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Okio;
import org.junit.jupiter.api.Test;

/** What a server may make of the memory of a process that has little of it. */
class MemoryTest {
  @Test
  void pagesThatDoNotFitAreRefusedAndNothingElseIsLost() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Hostile.class.getName())
            .redirectErrorStream(true)
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(said.lines())
          .hasSize(5)
          .allMatch(line -> line.matches("\\w+: (done|.*MILLRACE_JAVA_OPTS=-Xmx2g.*)"), said);
      assertThat(said).contains("lists: done");
    } finally {
      process.destroyForcibly();
    }
  }

  /** Reads what a hostile server sends, in the process of that little memory. */
  static final class Hostile {
    private interface Reading {
      void read() throws IOException;
    }

    public static void main(String[] args) {
      say("body", () -> Decoding.whole(endless(), new Decoding.Limit(Memory.BODY, 200)));
      say("csv", () -> new CsvBody(csv(), new ResponseFormat.Csv(",", null), Memory.WRITTEN));
      say("xml", () -> XmlBody.tree(many("<r>", "<a%d/>", "</r>", 1_000_000), null));
      say("tree", () -> Tree.read(many("[", "{},", "0]", 1_000_000)));
      byte[] lists = many("{", "\"a%d\":[],", "\"data\":[1]}", 800_000);
      say("lists", () -> new JsonScan(null, List.of(), true).read(lists));
    }

    private static void say(String what, Reading reading) {
      try {
        reading.read();
        System.out.println(what + ": done");
      } catch (MillraceException e) {
        System.out.println(what + ": " + e.getMessage());
      } catch (IOException | OutOfMemoryError e) {
        System.out.println(what + ": " + e.getClass());
      }
    }

    private static byte[] many(String head, String each, String tail, int times) {
      StringBuilder all = new StringBuilder(head);
      for (int i = 0; i < times; i++) {
        all.append(each.replace("%d", Integer.toString(i)));
      }
      return all.append(tail).toString().getBytes(UTF_8);
    }

    private static byte[] csv() {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 100; i++) {
        all.append('c').append(i).append("n".repeat(2_000)).append(',');
      }
      all.append("z\n");
      for (int row = 0; row < 500; row++) {
        all.append("1,".repeat(100)).append("1\n");
      }
      return all.toString().getBytes(UTF_8);
    }

    private static Response endless() {
      InputStream more =
          new InputStream() {
            @Override
            public int read() {
              return ' ';
            }

            @Override
            public int read(byte[] bytes, int from, int length) {
              java.util.Arrays.fill(bytes, from, from + length, (byte) ' ');
              return length;
            }
          };
      return new Response.Builder()
          .request(new Request.Builder().url("http://localhost/").build())
          .protocol(Protocol.HTTP_1_1)
          .code(200)
          .message("OK")
          .body(ResponseBody.create(Okio.buffer(Okio.source(more)), (MediaType) null, -1))
          .build();
    }
  }
}
