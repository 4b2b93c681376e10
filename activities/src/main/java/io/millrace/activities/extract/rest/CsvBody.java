package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.millrace.source.ResponseFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * CSV as a JSON list of records. All values are texts; what is empty and not in quotes is null.
 * Every line has as many fields as there are columns, or the answer is damaged.
 */
final class CsvBody {
  private static final CsvFactory CSV =
      CsvFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .enable(CsvParser.Feature.EMPTY_UNQUOTED_STRING_AS_NULL)
          .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
          .build();

  private static final JsonFactory JSON = new JsonFactory();

  final byte[] json;
  final long records;

  /**
   * @param limit of the bytes of the list
   */
  CsvBody(byte[] csv, ResponseFormat.Csv format, long limit) throws IOException {
    ByteArrayOutputStream out =
        new ByteArrayOutputStream((int) Math.min(limit, 64 + 2L * csv.length));
    long line = 0;
    List<String> columns = format.columns();
    try (CsvParser in = CSV.createParser(csv);
        JsonGenerator to = JSON.createGenerator(out)) {
      in.setSchema(CsvSchema.emptySchema().withColumnSeparator(format.delimiter().charAt(0)));
      to.writeStartArray();
      List<String> fields;
      while ((fields = row(in)) != null) {
        if (columns == null) {
          columns = header(fields);
          continue;
        }
        line++;
        write(to, columns, fields, line);
        PageScan.bounded(out.size(), limit);
      }
      to.writeEndArray();
    } catch (JacksonException e) {
      boolean early = String.valueOf(e.getOriginalMessage()).contains("Missing closing quote");
      throw new PageScan.Damaged(
          early,
          early
              ? "the CSV ends too early: in a field in quotes, after " + csv.length + " bytes"
              : "the body is not CSV: behind record " + line);
    }
    json = out.toByteArray();
    records = line;
  }

  /** The next line's fields; {@code null} at the end. */
  private static List<String> row(CsvParser in) throws IOException {
    JsonToken token = in.nextToken();
    if (token == null) {
      return null;
    }
    List<String> fields = new ArrayList<>();
    while ((token = in.nextToken()) != JsonToken.END_ARRAY) {
      if (token == null) {
        return fields;
      }
      fields.add(token == JsonToken.VALUE_NULL ? null : in.getText());
    }
    return fields;
  }

  private static List<String> header(List<String> fields) throws PageScan.Damaged {
    for (String name : fields) {
      if (name == null || name.isBlank()) {
        throw new PageScan.Damaged(false, "the CSV has a column without a name");
      }
    }
    if (new HashSet<>(fields).size() < fields.size()) {
      throw new PageScan.Damaged(false, "the CSV has two columns of one name: " + cut(fields));
    }
    return fields;
  }

  private static void write(JsonGenerator to, List<String> columns, List<String> fields, long line)
      throws IOException {
    if (fields.size() != columns.size()) {
      throw new PageScan.Damaged(
          false,
          "the CSV has "
              + fields.size()
              + " fields in record "
              + line
              + " and not "
              + columns.size());
    }
    to.writeStartObject();
    for (int i = 0; i < fields.size(); i++) {
      to.writeStringField(columns.get(i), fields.get(i));
    }
    to.writeEndObject();
  }

  private static String cut(List<String> names) {
    String all = String.join(", ", names);
    return all.length() > 120 ? all.substring(0, 120) + "…" : all;
  }
}
