package io.millrace.activities.staging;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.run.Carried;
import io.millrace.run.Checkpoint;
import io.millrace.run.StagedRef;
import io.millrace.run.Wire;

/**
 * The name under which the result of a step is published: the load and a digest of everything that
 * the result was made from. An attempt with other inputs has another key, so it never gets a stale
 * result.
 *
 * @param kind {@code raw}, {@code package} or {@code parents}
 * @param inputs 32 hex digits of the inputs' digest
 */
public record StageKey(String asset, String loadId, String kind, String inputs) {

  private static final String RAW = "raw";

  private static final String PARENTS = "/parents";

  /** The raw pages of a load that began at a checkpoint, by the definitions of that manifest. */
  public static StageKey raw(String asset, String loadId, String manifest, Checkpoint from) {
    JsonNode inputs =
        Wire.mapper()
            .createObjectNode()
            .put("manifest", manifest)
            .set("from", Wire.mapper().valueToTree(from));
    return new StageKey(asset, loadId, RAW, digest(inputs));
  }

  /** Whether a file of a load's folder is the manifest of raw pages. */
  static boolean isRaw(String fileName) {
    return fileName.startsWith(RAW + "-") && fileName.endsWith(".json");
  }

  /**
   * The package that was made of these raw pages with this schema and this cursor, by the
   * definitions of that manifest. Also for that run: what is new to its contracts is in what it
   * remembers, and of another run's memory nothing holds.
   */
  public static StageKey load(
      String asset,
      String loadId,
      String runId,
      String manifest,
      StagedRef raw,
      StagedRef schema,
      Carried cursor,
      boolean done) {
    JsonNode inputs =
        Wire.mapper()
            .createObjectNode()
            .put("run", runId)
            .put("manifest", manifest)
            .put("raw", raw.sha256())
            .put("schema", schema.sha256())
            .put("done", done)
            .set("cursor", Wire.mapper().valueToTree(cursor));
    return new StageKey(asset, loadId, "package", digest(inputs));
  }

  /**
   * What the children of an asset need of the records of one load. It lies apart from the load,
   * because it is kept longer.
   *
   * @param packageSha256 of the load's package
   */
  public static StageKey parents(String asset, String loadId, String packageSha256) {
    return new StageKey(parents(asset), loadId, "parents", packageSha256.substring(0, 32));
  }

  /** The name under which an asset's lists for its children lie. */
  static String parents(String asset) {
    return asset + PARENTS;
  }

  /** The asset whose lists lie under that name; {@code null} when it is none of those names. */
  static String parentOf(String name) {
    return name.endsWith(PARENTS) ? name.substring(0, name.length() - PARENTS.length()) : null;
  }

  private static String digest(JsonNode inputs) {
    return Digests.hex(Digests.sha256(Json.canonical(inputs))).substring(0, 32);
  }

  String fileName() {
    return kind + "-" + inputs + ".json";
  }
}
