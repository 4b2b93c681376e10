package io.millrace.activities.destination.postgres;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import org.postgresql.copy.CopyIn;

/**
 * Rows in the binary format of {@code COPY}, as PostgreSQL's documentation of COPY and its {@code
 * recv} functions have it: a signature, for each row the number of its fields and for each field
 * its length and bytes, and an end mark. Numbers are big-endian.
 */
final class BinaryRows {
  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  /** The driver looks for an answer of the server after each piece, so pieces are large. */
  private static final int SIZE = 1 << 18;

  /** PostgreSQL counts from the year 2000. */
  private static final long DAYS = 10_957;

  private static final long MICROS = DAYS * 86_400_000_000L;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final CopyIn copy;
  private final byte[] buffer = new byte[SIZE];
  private int used;

  BinaryRows(CopyIn copy) {
    this.copy = copy;
    System.arraycopy(SIGNATURE, 0, buffer, 0, SIGNATURE.length);
    used = SIGNATURE.length;
  }

  /** Begins a row of so many fields. */
  void row(int fields) throws SQLException {
    room(2);
    put2(fields);
  }

  /** So many NULLs: a wide table has hundreds in a row. */
  void none(int count) throws SQLException {
    int bytes = 4 * count;
    while (bytes > 0) {
      room(4);
      int piece = Math.min(bytes, (SIZE - used) & ~3);
      Arrays.fill(buffer, used, used + piece, (byte) -1);
      used += piece;
      bytes -= piece;
    }
  }

  void none() throws SQLException {
    none(1);
  }

  void bool(boolean value) throws SQLException {
    room(5);
    put4(1);
    buffer[used++] = (byte) (value ? 1 : 0);
  }

  void int2(short value) throws SQLException {
    room(6);
    put4(2);
    put2(value);
  }

  void int4(int value) throws SQLException {
    room(8);
    put4(4);
    put4(value);
  }

  /** Also the bits of a double and the microseconds of a day. */
  void int8(long value) throws SQLException {
    room(12);
    put4(8);
    LONG.set(buffer, used, value);
    used += 8;
  }

  /**
   * @param micros since 1970 UTC
   */
  void timestamp(long micros) throws SQLException {
    int8(Math.subtractExact(micros, MICROS));
  }

  /**
   * @param days since 1970
   */
  void date(long days) throws SQLException {
    int4(Math.toIntExact(days - DAYS));
  }

  /** Text as UTF-8, or bytes. */
  void bytes(byte[] from, int offset, int length) throws SQLException {
    room(4);
    put4(length);
    raw(from, offset, length);
  }

  /**
   * @param utf8 {@code null} for NULL
   */
  void text(byte[] utf8) throws SQLException {
    if (utf8 == null) {
      none();
    } else {
      bytes(utf8, 0, utf8.length);
    }
  }

  /**
   * {@code jsonb}: a version and the text.
   *
   * @param text {@code null} for NULL
   */
  void json(byte[] text) throws SQLException {
    if (text == null) {
      none();
      return;
    }
    json(text, 0, text.length);
  }

  void json(byte[] from, int offset, int length) throws SQLException {
    room(5);
    put4(length + 1);
    buffer[used++] = 1;
    raw(from, offset, length);
  }

  /**
   * {@code numeric}: groups of four decimal digits around the point.
   *
   * @param from plain decimal digits with optional sign and point
   */
  void numeric(byte[] from, int offset, int length) throws SQLException {
    String text = new String(from, offset, length, StandardCharsets.US_ASCII);
    boolean negative = text.startsWith("-");
    String digits = negative || text.startsWith("+") ? text.substring(1) : text;
    int point = digits.indexOf('.');
    String whole = point < 0 ? digits : digits.substring(0, point);
    String fraction = point < 0 ? "" : digits.substring(point + 1);
    int scale = fraction.length();
    String padded =
        "0".repeat((4 - whole.length() % 4) % 4)
            + whole
            + fraction
            + "0".repeat((4 - scale % 4) % 4);
    int groups = padded.length() / 4;
    int weight = (whole.length() + 3) / 4 - 1;
    short[] values = new short[groups];
    for (int i = 0; i < groups; i++) {
      values[i] = Short.parseShort(padded.substring(4 * i, 4 * i + 4));
    }
    int begin = 0;
    while (begin < groups && values[begin] == 0) {
      begin++;
      weight--;
    }
    int end = groups;
    while (end > begin && values[end - 1] == 0) {
      end--;
    }
    boolean zero = begin == end;
    room(12);
    put4(8 + 2 * (end - begin));
    put2(end - begin);
    put2(zero ? 0 : weight);
    put2(negative && !zero ? 0x4000 : 0);
    put2(scale);
    for (int i = begin; i < end; i++) {
      room(2);
      put2(values[i]);
    }
  }

  /** Ends the copy; returns the number of rows that the server took. */
  long end() throws SQLException {
    room(2);
    put2(-1);
    flush();
    return copy.endCopy();
  }

  /** Ends the copy without rows because of {@code why}. */
  void cancel(Throwable why) {
    try {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    } catch (SQLException e) {
      why.addSuppressed(e);
    }
  }

  private void raw(byte[] from, int offset, int length) throws SQLException {
    if (length > SIZE - used) {
      flush();
    }
    if (length > SIZE) {
      copy.writeToCopy(from, offset, length);
    } else {
      System.arraycopy(from, offset, buffer, used, length);
      used += length;
    }
  }

  private void room(int bytes) throws SQLException {
    if (bytes > SIZE - used) {
      flush();
    }
  }

  private void flush() throws SQLException {
    copy.writeToCopy(buffer, 0, used);
    used = 0;
  }

  private void put2(int value) {
    buffer[used++] = (byte) (value >> 8);
    buffer[used++] = (byte) value;
  }

  private void put4(int value) {
    INT.set(buffer, used, value);
    used += 4;
  }
}
