package io.millrace.activities.staging;

import io.millrace.schema.Schema;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * One normalized segment, opened for its load. Corruption anywhere is a {@link
 * io.millrace.MillraceException} with {@code STAGING_LOST}, never a wrong row. Not thread-safe.
 */
public interface LoadPackage extends Closeable {
  /** The source's schema after this segment, all tables included. */
  Schema schema();

  /**
   * Tables that get rows, parents before their children. {@code _mr_rejects} is among them when
   * records were rejected (columns {@code asset}, {@code table_name}, {@code path}, {@code reason},
   * {@code record}).
   */
  List<String> tables();

  /**
   * The root tables that the resource writes, also those without rows here: what {@code replace}
   * empties, with all tables below them.
   */
  List<String> rootTables();

  long rows(String table);

  long rejected();

  /**
   * Lower-case hex sha256 of the package's content: the same for two attempts at the same segment.
   */
  String sha256();

  /**
   * The batches of a table in order. The next call to {@code next} may reuse the memory of the
   * batch before.
   */
  Batches batches(String table) throws IOException;

  /** A pull of batches. */
  interface Batches extends Closeable {
    /** The next batch; {@code null} at the end. */
    TableBatch next() throws IOException;

    @Override
    void close() throws IOException;
  }
}
