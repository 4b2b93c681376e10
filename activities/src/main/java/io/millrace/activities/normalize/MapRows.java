package io.millrace.activities.normalize;

import io.millrace.source.TableHints;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads an object whose keys are data as if it were the list of its entries, so that each becomes a
 * row with its key in a column. Of a key that comes twice the last entry wins, as in any object.
 */
final class MapRows {
  private final TableHints.Entries names;
  private Shape elements;
  private Field key;
  private Field value;

  MapRows(TableHints.Entries names) {
    this.names = names;
  }

  /** Whether that is the field of the entries' keys. */
  boolean isKey(Field f) {
    return f == key;
  }

  boolean isValue(Field f) {
    return f == value;
  }

  /** Behind the opening brace. */
  void read(Records in, Field f, int depth) {
    if (elements == null) {
      elements = f.elements();
      key = elements.mapKey(names.key());
      value = elements.named(names.value());
    }
    Tape tape = in.tape;
    int open = tape.open(Tape.LIST, f.id, in.pos - 1);
    if (in.peek() == '}') {
      in.pos++;
      tape.close(open);
      return;
    }
    Map<String, Integer> seen = new HashMap<>();
    do {
      if (in.peek() != '"') {
        throw in.bad("not a key", in.pos);
      }
      in.pos++;
      int row = tape.open(Tape.ROW, 0, 0);
      in.string();
      tape.add(in.escaped ? Tape.ESCAPED : Tape.TEXT, key.id, Tape.slice(in.off, in.len));
      byte[] b = in.escaped ? tape.scratch : in.buf;
      String name = new String(b, in.off, in.len, StandardCharsets.UTF_8);
      in.colon();
      int c = in.peek();
      if (c == '{' && value.map == null) {
        in.deeper(depth);
        in.pos++;
        in.object(elements, depth + 1);
      } else {
        in.value(value, c, depth);
      }
      tape.close(row);
      Integer before = seen.put(name, row);
      if (before != null) {
        in.duplicates++;
        int cut = tape.after(before) - before;
        tape.remove(before, before + cut);
        seen.replaceAll((k, at) -> at > before ? at - cut : at);
      }
    } while (in.another('}'));
    tape.close(open);
  }
}
