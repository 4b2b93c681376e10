package io.millrace.activities.destination.sql;

import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.spi.JdbiPlugin;
import org.jdbi.v3.core.statement.ParsedParameters;
import org.jdbi.v3.core.statement.ParsedSql;
import org.jdbi.v3.core.statement.SqlParser;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.StatementExceptions.MessageRendering;
import org.jdbi.v3.core.statement.TemplateEngine;

/**
 * Jdbi without a look into statements, and without a word about values. Our statements hold names
 * that may be anything, {@code "a:b"} or {@code "<c>"}, so templates and named parameters would
 * find some where none are: {@code ?} is the driver's, who knows its engine's quotes. Values are
 * people's data, so no message and no recording has them.
 */
final class AsWritten implements JdbiPlugin, SqlParser {
  /** The attribute of a statement that says how many values are bound to it. */
  static final String VALUES = "values";

  @Override
  public void customizeJdbi(Jdbi jdbi) {
    jdbi.getConfig(SqlStatements.class)
        .setTemplateEngine(TemplateEngine.NOP)
        .setSqlParser(this)
        .setIncludeBindingsInTelemetry(false);
    jdbi.getConfig(StatementExceptions.class).setMessageRendering(MessageRendering.NONE);
  }

  @Override
  public ParsedSql parse(String sql, StatementContext context) {
    Object values = context.getAttribute(VALUES);
    return ParsedSql.of(sql, ParsedParameters.positional(values == null ? 0 : (Integer) values));
  }

  @Override
  public String nameParameter(String name, StatementContext context) {
    throw new UnsupportedOperationException(name);
  }
}
