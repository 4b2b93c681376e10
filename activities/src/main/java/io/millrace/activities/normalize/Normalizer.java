package io.millrace.activities.normalize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.Progress;
import io.millrace.activities.cursor.CursorValue;
import io.millrace.activities.normalize.value.Coercion;
import io.millrace.activities.normalize.value.Naming;
import io.millrace.activities.staging.PackageWriter;
import io.millrace.activities.staging.RawPage;
import io.millrace.activities.steps.StepFailed;
import io.millrace.schema.Schema;
import io.millrace.schema.SchemaSettings;
import io.millrace.source.Incremental;
import io.millrace.source.Resource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a load package of the raw pages of one segment. The same order and pages give the same
 * bytes. Boundaries between segments carry no meaning: the same records in one segment or in many,
 * schema and cursor handed on, give the same tables.
 */
public final class Normalizer implements Pages.Sink {
  private static final int MAX_NESTING = 1000;
  private static final int REPORT_EVERY = 10_000;

  private final Order order;
  private final Progress progress;
  private final Tables tables;
  private final Shapes shapes;
  private final Records in;
  private final Slow slow;
  private final Rows rows;
  private final Direct direct;
  private final Cursor cursor;
  private final String tableKey;
  private final Map<String, Shape> roots = new HashMap<>();

  /** {@code null} without {@code processing_steps}. */
  private final Stepped stepped;

  private Shape root;

  /** Whether the record read last went the short way; its rows may have to be taken back. */
  private boolean written;

  /** Who else wants to see the records that are loaded; {@code null} for nobody. */
  private final Taken taken;

  /** What each record of the page gets; {@code null} for nothing. */
  private byte[] included;

  private final Pages reader;

  private long pages;
  private long bytes;

  /** Whether the page had a part that ended. */
  private boolean cut;

  /** Sees a record that is loaded, as it was read or as its steps left it. */
  public interface Taken {
    void record(byte[] json, int start, int end);
  }

  /** Reads parts for another one. */
  Normalizer(Order order, Batches batches) {
    this(order, batches, Progress.NONE, null);
  }

  private Normalizer(Order order, Batches batches, Progress progress, Taken taken) {
    this.order = order;
    this.taken = taken;
    this.progress = progress;
    SchemaSettings settings = order.project().schema();
    int max = order.identifiers().longest();
    if (settings.maxIdentifierLength() != null) {
      max = Math.min(max, settings.maxIdentifierLength());
    }
    Naming naming = Naming.of(settings.naming(), max, true);
    this.tables = new Tables(order, naming, batches, RunMemory.of(order));
    Types types =
        new Types(settings, Coercion.Detections.of(settings.detections()).at(started(order)));
    this.shapes = new Shapes(naming, tables, order.source().limits().keyBytes());
    this.in = new Records(shapes, types);
    this.slow = new Slow(types);
    this.rows = new Rows(tables, shapes, in, slow, settings.compat());
    this.direct = new Direct(in, rows, order.source().limits());
    this.reader = new Pages(in, this, order.source().limits());
    this.reader.nulls = settings.compat();
    Incremental i = order.resource().incremental();
    List<String> key = order.resource().hints().primaryKey();
    this.cursor = i == null ? null : new Cursor(i, key, order.cursor(), settings.compat());
    this.stepped = order.steps() == null ? null : new Stepped(order.steps(), in);
    String name = tableName(order.resource());
    boolean dynamic = name.startsWith("{") && name.endsWith("}");
    this.tableKey = dynamic ? name.substring(1, name.length() - 1) : null;
    if (!dynamic) {
      this.root = shape(name);
    }
    tables.rejects.where =
        () -> stepped == null ? reader.where(rows.recordStart) : stepped.where(reader);
  }

  /**
   * The cursor of a segment, with what its run remembers of the segments before it.
   *
   * @param cursor {@code null} for none
   * @param before the cursor that the segment before left
   * @return {@code null} for none
   */
  public static JsonNode remembering(JsonNode cursor, JsonNode before) {
    return RunMemory.carried(cursor, before);
  }

  /**
   * Reads all pages and writes the package.
   *
   * @param pages in order; its iterator may throw what ends the step
   * @param packageFile is created; removed again when this throws
   * @throws MillraceException {@code CONTRACT_FROZEN}, {@code RESPONSE_INVALID}, {@code
   *     DATA_INVALID}, {@code POLICY_REFUSED}, {@code CONFIG_INVALID}, {@code STAGING_FAILED}
   */
  public static Normalized run(
      Order order, Iterable<RawPage> pages, Path packageFile, Progress progress) {
    return run(order, pages, packageFile, progress, null);
  }

  /**
   * The same, telling which records are loaded.
   *
   * @param taken called for each, in order; {@code null} for nobody
   */
  public static Normalized run(
      Order order, Iterable<RawPage> pages, Path packageFile, Progress progress, Taken taken) {
    PackageWriter out = new PackageWriter(packageFile);
    boolean done = false;
    try (Batches batches = new Batches(out);
        Ahead ahead = new Ahead(order)) {
      Normalized n = new Normalizer(order, batches, progress, taken).run(pages, out, ahead);
      done = true;
      return n;
    } finally {
      if (!done) {
        out.close();
      }
    }
  }

  private Normalized run(Iterable<RawPage> all, PackageWriter out, Ahead ahead) {
    for (RawPage page : all) {
      included = page.included() == null ? null : page.included().getBytes(StandardCharsets.UTF_8);
      try {
        if (inParts(page)) {
          parts(page, ahead);
        } else {
          reader.read(page);
        }
        bytes += in.window.base + in.limit;
      } catch (IOException e) {
        throw new MillraceException(
            Failure.STAGING_LOST,
            "Cannot read staged page: " + e.getMessage() + ": " + page.origin(),
            e);
      }
      pages++;
      progress.report(pages, rows.record, bytes);
    }
    List<String> filled = tables.finish();
    Schema schema = tables.schema();
    String sha = out.finish(schema, filled, tables.rootNames(), tables.rejects.count());
    return new Normalized(schema, state(), rows.record, tables.rejects.count(), sha, notes());
  }

  /** Whether a record says all that its rows depend on, beside the schema and the rows' numbers. */
  private boolean inParts(RawPage page) {
    return page.format() == RawPage.Format.JSONL
        && included == null
        && cursor == null
        && stepped == null
        && taken == null
        && tableKey == null
        && !rows.compat;
  }

  /** The parts of a page in order, every second one by another thread where that can be. */
  private void parts(RawPage page, Ahead ahead) throws IOException {
    try (InputStream body = page.body().open()) {
      tables.begin();
      cut = false;
      Parts parts = new Parts(body);
      if (Beside.pays()) {
        both(page, parts, ahead);
      }
      reader.rest(page, parts.rest(), parts.at());
      tables.end(cut);
    }
  }

  private void both(RawPage page, Parts parts, Ahead ahead) throws IOException {
    Schema before = null;
    Schema now = null;
    for (Window w; (w = parts.next()) != null; ) {
      Window next = ahead.ready(before, now) ? parts.next() : null;
      if (next != null) {
        ahead.read(page, next, now);
      }
      reader.part(page, w);
      before = now;
      now = tables.content();
      if (next != null) {
        Normalizer other = ahead.done(now);
        if (other != null) {
          take(other, ahead.batches());
        } else {
          reader.part(page, next);
          now = tables.content();
        }
      }
      progress.report(pages, rows.record, bytes + parts.at());
    }
  }

  @Override
  public void cut() {
    tables.cut();
    cut = true;
  }

  /** As it would be left now, without a version. */
  Schema schema() {
    return tables.content();
  }

  /** Reads a part; false when it is not to be taken, something in it being new or odd. */
  boolean plain(RawPage page, Window part, Schema schema) {
    tables.restart();
    rows.record = 0;
    rows.bent = 0;
    in.duplicates = 0;
    in.surrogates = 0;
    tables.overflowed = 0;
    try {
      tables.begin();
      reader.part(page, part);
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory", e);
    }
    return tables.rejects.count() == 0
        && slow.noOwnIds()
        && !tables.crowded()
        && tables.content().equals(schema);
  }

  /** Takes over what another one read. */
  private void take(Normalizer other, List<Batches.Full> part) {
    tables.take(part);
    rows.record += other.rows.record;
    rows.bent += other.rows.bent;
    in.duplicates += other.in.duplicates;
    in.surrogates += other.in.surrogates;
    tables.overflowed += other.tables.overflowed;
  }

  private Map<String, Long> notes() {
    Map<String, Long> notes = new LinkedHashMap<>();
    notes.put("duplicate_keys", in.duplicates);
    notes.put("unpaired_surrogates", in.surrogates);
    notes.put("nul_characters", rows.bent);
    notes.put("names_apart", tables.collisions);
    notes.put("shared_ids", slow.sharedIds);
    notes.put("overflow", tables.overflowed);
    notes.put("filtered", stepped == null ? 0 : stepped.filtered);
    notes.values().removeIf(n -> n == 0);
    return notes;
  }

  private static String tableName(Resource r) {
    return r.hints().tableName() == null ? r.name() : r.hints().tableName().raw();
  }

  /** Seconds since 1970 at which the run began; the load id begins with them. */
  private static long started(Order order) {
    String id = order.segment().loadId();
    int i = 0;
    while (i < id.length() && i < 18 && Character.isDigit(id.charAt(i))) {
      i++;
    }
    return i == 0 ? 0 : Long.parseLong(id.substring(0, i));
  }

  private ObjectNode state() {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    if (cursor != null) {
      cursor.write(out);
    }
    tables.run.write(out);
    return out.isEmpty() ? null : out;
  }

  private Shape shape(String rawName) {
    return roots.computeIfAbsent(
        rawName,
        n -> {
          String table = tables.naming.table(n);
          if (table.isEmpty()) {
            throw Refused.record("has an empty table name");
          }
          Integer own = order.resource().hints().maxTableNesting();
          Integer general = order.source().settings().maxTableNesting();
          int nesting = own != null ? own : general != null ? general : MAX_NESTING;
          return shapes.root(tables.root(table), nesting);
        });
  }

  @Override
  public void read() {
    if (stepped != null || included != null && in.buf[in.pos] == '{') {
      in.skip(0); // it is read when the whole of it is known to be well
    } else {
      readHere();
    }
  }

  private void readHere() {
    if (written) {
      written = false;
      direct.undo();
    }
    int start = in.pos;
    try {
      written = cursor == null && tableKey == null && direct.read(root);
      if (!written) {
        record();
      }
    } catch (Refused.Relearn e) {
      again(start);
    }
  }

  /** Reads the record once more with nothing learned of the ones before. */
  private void again(int start) {
    shapes.forget();
    tables.forget();
    roots.clear();
    if (tableKey == null) {
      root = shape(tableName(order.resource()));
    }
    in.pos = start;
    try {
      record();
    } catch (Refused.Relearn again) {
      throw Refused.record("has more different keys or lists than can be held");
    }
  }

  private void record() {
    if (tableKey != null) {
      root = shape(dynamicName());
    }
    int start = in.pos;
    in.record(root);
    long most = order.source().limits().recordBytes();
    if (in.pos - start > most) {
      throw Refused.record(Pages.tooLong(most));
    }
  }

  /** The record's own table name: the field's value as Python prints it. */
  private String dynamicName() {
    int start = in.pos;
    String name = null;
    if (in.peek() == '{') {
      in.pos++;
      byte[] want = tableKey.getBytes(StandardCharsets.UTF_8);
      if (in.peek() != '}') {
        do {
          byte[] b = in.key();
          boolean mine = java.util.Arrays.equals(b, in.off, in.off + in.len, want, 0, want.length);
          in.colon();
          int c = in.peek();
          int from = in.pos;
          in.skip(1);
          if (mine) {
            name = scalar(c, from);
          }
        } while (in.another('}'));
      }
    }
    in.pos = start;
    in.tape.clear();
    if (name == null) {
      throw Refused.record("has no value for the table name {" + tableKey + "}");
    }
    return name;
  }

  private String scalar(int c, int from) {
    if (c == '"') {
      byte[] b = in.escaped ? in.tape.scratch : in.buf;
      return new String(b, in.off, in.len, StandardCharsets.UTF_8);
    }
    if (c == '{' || c == '[' || c == 'n') {
      return null;
    }
    String text = new String(in.buf, from, in.pos - from, StandardCharsets.UTF_8);
    return c == 't' ? "True" : c == 'f' ? "False" : text;
  }

  @Override
  public void take(int start, int end) {
    if (included == null || in.buf[start] != '{') {
      takeHere(start, end);
      return;
    }
    Window window = in.window;
    String where = reader.where(start);
    in.window = Window.of(Included.in(in.buf, start, end, included), window.base + start);
    in.attach();
    in.pos = 0;
    try {
      if (stepped == null) {
        readHere();
      }
      takeHere(0, stepped == null ? in.pos : in.limit);
    } catch (Refused e) {
      refuse(e.getMessage(), where, in.buf, 0, in.limit);
    } finally {
      in.window = window;
      in.attach();
      in.pos = end;
    }
  }

  private void takeHere(int start, int end) {
    boolean kept = false;
    rows.record++;
    rows.recordStart = start;
    rows.recordEnd = end;
    if (stepped != null) {
      step(start, end);
    } else if (written) {
      written = false;
      direct.keep();
      tables.relieve();
      kept = true;
    } else if (cursor == null || cursor.admits(rows, root)) {
      kept = load(start, end);
    }
    if (kept) {
      told(start, end);
    }
    if (rows.record % REPORT_EVERY == 0) {
      progress.report(pages, rows.record, bytes + in.window.base + in.pos);
    }
  }

  private void told(int start, int end) {
    if (taken != null) {
      taken.record(in.buf, start, end);
    }
  }

  /** Whether the record is loaded. */
  private boolean load(int start, int end) {
    try {
      tables.check(root.table, in.tape, shapes.fields, order.source().limits().childRows());
      rows.root(root.table);
      return true;
    } catch (Refused e) {
      tables.rejects.part(root.table.name, "$", e.getMessage(), in.buf, start, end - start);
      return false;
    }
  }

  /**
   * Takes a record through its steps and loads what comes out. The cursor is that of the record as
   * it came: its value is what the source is asked with next time.
   */
  private void step(int start, int end) {
    try {
      Map<String, Object> record = stepped.read(start, end);
      CursorValue value = cursor == null ? null : cursor.value(record);
      boolean outside =
          cursor != null
              && (value == null ? !cursor.admitsMissing(rows.record) : !cursor.within(value));
      if (outside) {
        return;
      }
      byte[] made = stepped.made(record);
      if (made == null) {
        if (value != null) {
          cursor.moved(value);
        }
        return;
      }
      stepped.enter(made, start);
      try {
        rows.recordStart = 0;
        rows.recordEnd = made.length;
        try {
          record();
        } catch (Refused.Relearn e) {
          again(0);
        }
        boolean fresh = value == null || cursor.isNew(value, () -> cursor.key(rows, root));
        if (fresh && load(0, made.length)) {
          told(0, made.length);
        }
      } catch (Refused e) {
        tables.rejects.part(tableName(), "$", e.getMessage(), made, 0, made.length);
      } finally {
        stepped.leave();
        in.pos = end;
      }
    } catch (StepFailed e) {
      byte[] shown = stepped.failed(e);
      int length = shown == null ? 0 : shown.length;
      tables.rejects.part(tableName(), e.path(), e.getMessage(), shown, 0, length);
    }
  }

  private String tableName() {
    return root == null ? null : root.table.name;
  }

  @Override
  public void refuse(String why, String where, byte[] b, int off, int len) {
    if (written) {
      written = false;
      direct.undo();
    }
    rows.record++;
    boolean withheld = stepped != null && stepped.hides();
    tables.rejects.add(tableName(), where, why, withheld ? null : b, off, len);
  }
}
