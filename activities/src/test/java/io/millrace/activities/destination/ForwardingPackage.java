package io.millrace.activities.destination;

import io.millrace.activities.staging.LoadPackage;
import io.millrace.schema.Schema;
import java.io.IOException;
import java.util.List;

/** A package that behaves as another one but for what a test changes. */
abstract class ForwardingPackage implements LoadPackage {
  private final LoadPackage to;

  ForwardingPackage(LoadPackage to) {
    this.to = to;
  }

  @Override
  public Schema schema() {
    return to.schema();
  }

  @Override
  public List<String> tables() {
    return to.tables();
  }

  @Override
  public List<String> rootTables() {
    return to.rootTables();
  }

  @Override
  public long rows(String table) {
    return to.rows(table);
  }

  @Override
  public long rejected() {
    return to.rejected();
  }

  @Override
  public String sha256() {
    return to.sha256();
  }

  @Override
  public Batches batches(String table) throws IOException {
    return to.batches(table);
  }

  @Override
  public void close() throws IOException {
    to.close();
  }
}
