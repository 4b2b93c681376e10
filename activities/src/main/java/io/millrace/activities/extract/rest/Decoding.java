package io.millrace.activities.extract.rest;

import com.github.luben.zstd.ZstdInputStream;
import io.millrace.Failure;
import io.millrace.MillraceException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSource;
import okio.ForwardingSource;
import okio.GzipSource;
import okio.InflaterSource;
import okio.Okio;
import okio.Source;
import org.brotli.dec.BrotliInputStream;

/** The bytes of an answer's body: decompressed, whole, and never more than the limits allow. */
final class Decoding {
  /** What we ask servers for. */
  static final String ACCEPTED = "gzip, zstd, br";

  /** A small body may be as well compressed as it likes. */
  private static final long RATIO_FROM = 10_000_000;

  private static final int MOST_ENCODINGS = 2;

  private Decoding() {}

  /**
   * @param bytes decoded, of one body
   * @param ratio of decoded to received bytes
   */
  record Limit(long bytes, int ratio) {}

  /** The whole body; {@code POLICY_REFUSED} when it is too large. */
  static byte[] whole(Response response, Limit limit) throws IOException {
    BufferedSource raw = response.body().source();
    long length = response.body().contentLength();
    List<String> encodings = encodings(response);
    if (raw.exhausted()) {
      return new byte[0];
    }
    if (encodings.isEmpty() && length >= 0 && length <= limit.bytes()) {
      return raw.readByteArray(length);
    }
    Counting counting = new Counting(raw);
    BufferedSource received = Okio.buffer(counting);
    Source in = Okio.source(decoded(received, encodings));
    Buffer out = new Buffer();
    try {
      while (in.read(out, 64 * 1024) >= 0) {
        if (out.size() > limit.bytes()) {
          throw tooLarge(limit);
        }
        if (out.size() > RATIO_FROM && out.size() / limit.ratio() > counting.bytes) {
          throw bomb(limit);
        }
      }
      if (!received.exhausted()) {
        throw new IOException("there is more after the end of the " + encodings);
      }
    } catch (IOException e) {
      throw encodings.isEmpty() || e instanceof Damaged ? e : damaged(encodings, e);
    }
    return out.readByteArray();
  }

  /** The beginning of a body, as far as it can be read: for a message only. */
  static byte[] beginning(Response response, int bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      InputStream in = decoded(response.body().source(), encodings(response));
      byte[] buffer = new byte[8192];
      int n;
      while (out.size() < bytes && (n = in.read(buffer)) >= 0) {
        out.write(buffer, 0, Math.min(n, bytes - out.size()));
      }
    } catch (IOException | MillraceException e) {
      // the status is told anyway
    }
    return out.toByteArray();
  }

  /** Bytes that are not what their encoding says. */
  static final class Damaged extends IOException {
    private static final long serialVersionUID = 1L;

    Damaged(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private static List<String> encodings(Response response) {
    List<String> encodings = new ArrayList<>();
    for (String header : response.headers().values("Content-Encoding")) {
      for (String one : header.split(",")) {
        String name = one.strip().toLowerCase(Locale.ROOT);
        if (!name.isEmpty() && !name.equals("identity")) {
          encodings.add(name.startsWith("x-") ? name.substring(2) : name);
        }
      }
    }
    if (encodings.size() > MOST_ENCODINGS) {
      throw new MillraceException(
          Failure.POLICY_REFUSED, "it is encoded more than " + MOST_ENCODINGS + " times");
    }
    return encodings;
  }

  private static InputStream decoded(BufferedSource raw, List<String> encodings)
      throws IOException {
    InputStream in = raw.inputStream();
    for (int i = encodings.size() - 1; i >= 0; i--) {
      in =
          switch (encodings.get(i)) {
            case "gzip" -> Okio.buffer(new GzipSource(Okio.source(in))).inputStream();
            case "deflate" -> inflated(in);
            case "br" -> new BrotliInputStream(in);
            case "zstd" -> new ZstdInputStream(in);
            default ->
                throw new MillraceException(
                    Failure.RESPONSE_INVALID,
                    "its encoding is not known: "
                        + RequestPlan.cut(encodings.get(i))
                        + " (it was asked for "
                        + ACCEPTED
                        + ")");
          };
    }
    return in;
  }

  /** Servers mean either of two formats by "deflate"; the first byte tells them apart. */
  private static InputStream inflated(InputStream in) throws IOException {
    BufferedSource source = Okio.buffer(Okio.source(in));
    boolean zlib = source.request(1) && (source.getBuffer().getByte(0) & 0x0F) == 8;
    Source inflated = new InflaterSource(source, new java.util.zip.Inflater(!zlib));
    return Okio.buffer(inflated).inputStream();
  }

  private static IOException damaged(List<String> encodings, IOException e) {
    boolean network =
        e.getClass().getName().startsWith("java.net.")
            || e instanceof EOFException
            || e instanceof InterruptedIOException; // out of time
    return network
        ? e
        : new Damaged(
            "its " + String.join(" in ", encodings) + " is damaged: " + e.getMessage(), e);
  }

  private static MillraceException tooLarge(Limit limit) {
    return new MillraceException(
        Failure.POLICY_REFUSED,
        "it is larger than " + limit.bytes() + " bytes (" + Memory.advice(limit.bytes()) + ")");
  }

  private static MillraceException bomb(Limit limit) {
    return new MillraceException(
        Failure.POLICY_REFUSED,
        "it is more than "
            + limit.ratio()
            + " times as large as what came over the wire (raise `limits.ratio` if the data is"
            + " really that repetitive)");
  }

  private static final class Counting extends ForwardingSource {
    long bytes;

    Counting(Source source) {
      super(source);
    }

    @Override
    public long read(Buffer sink, long byteCount) throws IOException {
      long n = super.read(sink, byteCount);
      bytes += Math.max(0, n);
      return n;
    }
  }
}
