package io.millrace.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Schemas in the form in which dlt stores them (engine version 11), so that both can read the
 * {@code schema} column of {@code _dlt_version}. Stateless, thread-safe.
 */
public final class SchemaJson {
  /** The shape of the stored form; dlt 1.0 to 1.31 share it. */
  public static final int ENGINE_VERSION = 11;

  private static final int PREVIOUS_HASHES = 10;
  private static final JsonMapper MAPPER =
      JsonMapper.builder().disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE).build();

  /** What the hash does not cover. */
  private static final Set<String> VERSIONING =
      Set.of("version", "version_hash", "imported_version_hash", "previous_hashes");

  private static final Set<String> OWN =
      Set.of("version", "version_hash", "engine_version", "name", "tables", "previous_hashes");

  private SchemaJson() {}

  /** The stored form, compact. */
  public static String write(Schema schema) {
    return text(tree(schema));
  }

  /**
   * The schema of a stored form.
   *
   * @throws MillraceException {@code DATA_INVALID} for anything that is no schema of this engine
   *     version
   */
  public static Schema read(String json) {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw unreadable("it is no JSON", e.getOriginalMessage(), e);
    }
    int engine = root.path("engine_version").asInt();
    if (engine != ENGINE_VERSION) {
      throw unreadable("engine version is not " + ENGINE_VERSION, String.valueOf(engine), null);
    }
    ObjectNode settings = MAPPER.createObjectNode();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (!OWN.contains(field.getKey())) {
        settings.set(field.getKey(), field.getValue());
      }
    }
    List<String> previous = new ArrayList<>();
    root.path("previous_hashes").forEach(hash -> previous.add(hash.asText()));
    List<TableSchema> tables = new ArrayList<>();
    for (Map.Entry<String, JsonNode> table : root.path("tables").properties()) {
      tables.add(table(table.getKey(), table.getValue()));
    }
    return new Schema(
        root.path("name").asText(null),
        root.path("version").asLong(),
        root.path("version_hash").asText(null),
        previous,
        settings.isEmpty() ? null : settings,
        tables);
  }

  /**
   * The hash of a schema's content, in base64: of everything but version and hashes, and of the
   * order of columns.
   */
  public static String versionHash(Schema schema) {
    ObjectNode content = tree(schema).remove(VERSIONING);
    MessageDigest sha3 = sha3();
    sha3.update(utf8(text(sorted(content))));
    Map<String, TableSchema> tables = new TreeMap<>(SchemaJson::byCodePoint);
    schema.tables().forEach(t -> tables.put(t.name(), t));
    for (TableSchema table : tables.values()) {
      sha3.update(utf8(table.name()));
      table.columns().forEach(c -> sha3.update(utf8(c.name())));
    }
    return Base64.getEncoder().encodeToString(sha3.digest());
  }

  /**
   * {@code after} with the version and the hashes that follow on those of {@code before}: the next
   * ones when the content changed, the same ones when it did not.
   */
  public static Schema bump(Schema before, Schema after) {
    String hash = versionHash(after);
    boolean changed = !hash.equals(before.versionHash());
    List<String> previous = new ArrayList<>(before.previousHashes());
    if (changed && before.versionHash() != null) {
      previous.remove(before.versionHash());
      previous.add(0, before.versionHash());
    }
    return new Schema(
        after.name(),
        before.version() + (changed ? 1 : 0),
        hash,
        previous.subList(0, Math.min(previous.size(), PREVIOUS_HASHES)),
        after.settings(),
        after.tables());
  }

  private static ObjectNode tree(Schema schema) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("version", schema.version());
    if (schema.versionHash() != null) {
      root.put("version_hash", schema.versionHash());
    }
    root.put("engine_version", ENGINE_VERSION);
    root.put("name", schema.name());
    ObjectNode tables = root.putObject("tables");
    schema.tables().forEach(t -> tables.set(t.name(), tree(t)));
    if (schema.settings() != null) {
      schema.settings().properties().forEach(e -> root.set(e.getKey(), e.getValue().deepCopy()));
    }
    ArrayNode previous = root.putArray("previous_hashes");
    schema.previousHashes().forEach(previous::add);
    return root;
  }

  private static ObjectNode tree(TableSchema table) {
    ObjectNode out = MAPPER.createObjectNode();
    out.put("name", table.name());
    ObjectNode columns = out.putObject("columns");
    table.columns().forEach(c -> columns.set(c.name(), tree(c)));
    table.hints().forEach((k, v) -> out.set(k, MAPPER.valueToTree(v)));
    if (table.resource() != null) {
      out.put("resource", table.resource());
    }
    if (table.parent() != null) {
      out.put("parent", table.parent());
    }
    return out;
  }

  private static ObjectNode tree(Column column) {
    ObjectNode out = MAPPER.createObjectNode();
    out.put("name", column.name());
    if (column.type() != null) {
      out.put("data_type", column.type().key());
    }
    if (column.nullable() != null) {
      out.put("nullable", column.nullable());
    }
    if (column.precision() != null) {
      out.put("precision", column.precision());
    }
    if (column.scale() != null) {
      out.put("scale", column.scale());
    }
    if (column.timezone() != null) {
      out.put("timezone", column.timezone());
    }
    column.hints().forEach((k, v) -> out.set(k, MAPPER.valueToTree(v)));
    return out;
  }

  private static TableSchema table(String name, JsonNode json) {
    List<Column> columns = new ArrayList<>();
    for (Map.Entry<String, JsonNode> column : json.path("columns").properties()) {
      columns.add(column(column.getKey(), column.getValue()));
    }
    return new TableSchema(
        name,
        json.path("parent").asText(null),
        json.path("resource").asText(null),
        hints(json, Set.of("name", "columns", "parent", "resource")),
        columns);
  }

  private static Column column(String name, JsonNode json) {
    String type = json.path("data_type").asText(null);
    try {
      return new Column(
          name,
          type == null ? null : DataType.of(type),
          json.hasNonNull("nullable") ? json.get("nullable").asBoolean() : null,
          json.hasNonNull("precision") ? json.get("precision").asInt() : null,
          json.hasNonNull("scale") ? json.get("scale").asInt() : null,
          json.hasNonNull("timezone") ? json.get("timezone").asBoolean() : null,
          hints(json, Set.of("name", "data_type", "nullable", "precision", "scale", "timezone")));
    } catch (IllegalArgumentException e) {
      throw unreadable("no such data type in column " + name, type, e);
    }
  }

  private static Map<String, Object> hints(JsonNode json, Set<String> known) {
    Map<String, Object> hints = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (!known.contains(field.getKey())) {
        hints.put(field.getKey(), MAPPER.convertValue(field.getValue(), Object.class));
      }
    }
    return hints;
  }

  private static JsonNode sorted(JsonNode node) {
    if (node.isObject()) {
      Map<String, JsonNode> fields = new TreeMap<>(SchemaJson::byCodePoint);
      node.properties().forEach(e -> fields.put(e.getKey(), sorted(e.getValue())));
      ObjectNode out = MAPPER.createObjectNode();
      fields.forEach(out::set);
      return out;
    }
    if (node.isArray()) {
      ArrayNode out = MAPPER.createArrayNode();
      node.forEach(e -> out.add(sorted(e)));
      return out;
    }
    return node;
  }

  /** Python sorts by code point, Java's strings by half of one. */
  private static int byCodePoint(String a, String b) {
    return Arrays.compareUnsigned(utf8(a), utf8(b));
  }

  private static String text(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new MillraceException(
          Failure.INTERNAL, "Cannot write a schema: " + e.getOriginalMessage(), e);
    }
  }

  private static byte[] utf8(String s) {
    return s.getBytes(StandardCharsets.UTF_8);
  }

  private static MessageDigest sha3() {
    try {
      return MessageDigest.getInstance("SHA3-256");
    } catch (NoSuchAlgorithmException e) {
      throw new MillraceException(
          Failure.INTERNAL, "Cannot hash a schema: this Java has no SHA3-256", e);
    }
  }

  private static MillraceException unreadable(String why, String value, Exception cause) {
    return new MillraceException(
        Failure.DATA_INVALID,
        "Cannot read the stored schema: " + why + ": " + value + " (was it written by dlt 1.x?)",
        cause);
  }
}
