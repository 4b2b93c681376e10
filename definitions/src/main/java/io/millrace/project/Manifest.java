package io.millrace.project;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.millrace.Sha256;
import io.millrace.project.shape.Node;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/**
 * A configuration on its way to the workers: the same text for the same content, whatever its
 * layout, comments and aliases were. {@link ProjectFile} reads it like any other file. References
 * are still references.
 *
 * @param text JSON in ASCII, without blanks, keys in the order written
 * @param sha256 of the text, in lower-case hexadecimal
 */
public record Manifest(String text, String sha256) {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  static Manifest of(Node root) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      write(root, json);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter has none
    }
    // the one ASCII character that JSON allows and YAML does not
    return of(out.toString().replace("\u007F", "\\u007F"));
  }

  private static Manifest of(String text) {
    return new Manifest(text, Sha256.of(text));
  }

  private static void write(Node node, JsonGenerator json) throws IOException {
    if (node instanceof Node.Items items) {
      json.writeStartArray();
      for (Node item : items.items()) {
        write(item, json);
      }
      json.writeEndArray();
    } else if (node instanceof Node.Fields fields) {
      json.writeStartObject();
      for (Node.Field field : fields.fields()) {
        json.writeFieldName(field.name());
        write(field.value(), json);
      }
      json.writeEndObject();
    } else if (node instanceof Node.Scalar scalar) {
      switch (scalar.kind()) {
        case TEXT -> json.writeString(scalar.text());
        case NUMBER -> json.writeNumber(scalar.text());
        case BOOL -> json.writeBoolean(scalar.text().equals("true"));
        case NULL -> json.writeNull();
      }
    }
  }
}
