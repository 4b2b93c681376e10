package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Arrays;
import java.util.Locale;
import okhttp3.MediaType;

/** The text of an answer in UTF-8, without a byte order mark: what those expect who read it. */
final class Body {
  private static final byte[] MARK_8 = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final byte[] MARK_16_BIG = {(byte) 0xFE, (byte) 0xFF};
  private static final byte[] MARK_16_LITTLE = {(byte) 0xFF, (byte) 0xFE};

  private Body() {}

  /**
   * {@code RESPONSE_INVALID} when the declared charset is unknown or the bytes are not of it; UTF-8
   * itself is judged by whoever parses it.
   *
   * @param where names the page in a message
   */
  static Http.Answer utf8(Http.Answer answer, String where, Refusal refusal) {
    byte[] body = answer.body();
    boolean sixteen = begins(body, MARK_16_BIG) || begins(body, MARK_16_LITTLE);
    Charset charset = sixteen ? StandardCharsets.UTF_16 : declared(answer, where, refusal);
    if (!charset.equals(StandardCharsets.UTF_8)) {
      body = decoded(body, charset, where).getBytes(StandardCharsets.UTF_8);
    }
    if (begins(body, MARK_8)) {
      body = Arrays.copyOfRange(body, MARK_8.length, body.length);
    }
    Http.Answer text = body == answer.body() ? answer : answer.with(body);
    if (webPage(body)) {
      throw refusal.webPage(text, where);
    }
    return text;
  }

  private static Charset declared(Http.Answer answer, String where, Refusal refusal) {
    String type = answer.header("Content-Type");
    MediaType media = type == null ? null : MediaType.parse(type);
    String name = media == null ? null : media.parameter("charset");
    if (name == null || name.isBlank()) {
      return StandardCharsets.UTF_8;
    }
    try {
      Charset charset = Charset.forName(name.strip());
      // the body of an API in ASCII may hold more than its server knows
      return charset.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : charset;
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      throw new MillraceException(
          Failure.RESPONSE_INVALID,
          "Cannot read "
              + where
              + ": its charset is not known: "
              + refusal.said(name)
              + " (ask for another by an `Accept` or `Accept-Charset` header)");
    }
  }

  private static String decoded(byte[] body, Charset charset, String where) {
    try {
      return charset
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(body))
          .toString();
    } catch (CharacterCodingException e) {
      throw new MillraceException(
          Failure.RESPONSE_INVALID,
          "Cannot read "
              + where
              + ": it is not in the charset that it declares: "
              + charset.name()
              + " (tell who runs the API)");
    }
  }

  /** A login page or a proxy's error comes with status 200 more often than one would think. */
  private static boolean webPage(byte[] body) {
    String start =
        new String(body, 0, Math.min(body.length, 256), StandardCharsets.ISO_8859_1)
            .strip()
            .toLowerCase(Locale.ROOT);
    return start.startsWith("<!doctype html") || start.startsWith("<html");
  }

  private static boolean begins(byte[] body, byte[] mark) {
    return body.length >= mark.length && Arrays.equals(body, 0, mark.length, mark, 0, mark.length);
  }
}
