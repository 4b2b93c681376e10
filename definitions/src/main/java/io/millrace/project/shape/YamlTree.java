package io.millrace.project.shape;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Makes the tree of a YAML 1.2 document. It is built from the parser's events on a stack of its
 * own, so that no nesting overflows and no alias multiplies without being counted.
 *
 * <p>Scalars are YAML's core schema with one difference: only what JSON calls a number is one, so
 * that {@code 0123} and {@code 0x1F} stay the text that was typed.
 */
public final class YamlTree {
  static final int MAX_DEPTH = 100;
  static final int MAX_CHARACTERS = 4_000_000;
  static final int MAX_KEY_CHARACTERS = 1000;

  /** Of the tree with all aliases written out, in characters. */
  private static final long MAX_EXPANDED = 2L * MAX_CHARACTERS;

  private static final Place START = new Place(1, 1);
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]{0,400})(\\.[0-9]{1,400})?([eE][-+]?[0-9]{1,3})?");
  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
  private static final Set<String> TRUES = Set.of("true", "True", "TRUE");
  private static final Set<String> FALSES = Set.of("false", "False", "FALSE");
  private static final String CORE = "tag:yaml.org,2002:";

  private final Problems problems;
  private final Deque<Open> open = new ArrayDeque<>();
  private final Map<String, Sized> anchors = new HashMap<>();
  private Node root;

  private YamlTree(Problems problems) {
    this.problems = problems;
  }

  /** The tree; {@code null} when there is none, and the problem says why. */
  public static Node read(String text, Problems problems) {
    YamlTree tree = new YamlTree(problems);
    try {
      tree.refuseWhatNoYamlHolds(text);
      LoadSettings settings =
          LoadSettings.builder().setCodePointLimit(MAX_CHARACTERS).setUseMarks(true).build();
      for (Event event : new Parse(settings).parseString(text)) {
        tree.accept(event);
      }
      if (tree.root == null) {
        throw new Refused(START, "the file is empty", "begin with `project: a_name`");
      }
      return tree.root;
    } catch (Refused e) {
      problems.add(e.place, "Cannot read the file: " + e.getMessage(), e.advice);
    } catch (MarkedYamlEngineException e) {
      Place place = e.getProblemMark().or(e::getContextMark).map(YamlTree::place).orElse(START);
      problems.add(place, "Cannot read the file as YAML: " + reason(e), advice(e));
    } catch (YamlEngineException e) {
      problems.add(START, "Cannot read the file as YAML: " + e.getMessage(), "");
    }
    return null;
  }

  private static String reason(MarkedYamlEngineException e) {
    String problem = e.getProblem() == null ? e.getContext() : e.getProblem();
    int hint = problem.indexOf(". (Do not use");
    return hint < 0 ? problem : problem.substring(0, hint);
  }

  private static String advice(MarkedYamlEngineException e) {
    String problem = String.valueOf(e.getProblem());
    if (problem.contains("TAB")) {
      return "indent with spaces";
    }
    if (problem.contains("got {") || problem.contains("cannot start any token")) {
      return "put text that holds { } % @ ` in quotes, for example \"${env:NAME}\"";
    }
    if (problem.contains("<stream end>")) {
      return "close what is open: [ { or a quote";
    }
    if (problem.contains("<block end>")) {
      return "check the indentation, and put text that begins with { or [ in quotes";
    }
    return problem.contains("mapping values are not allowed")
        ? "check the indentation, and put text that holds `: ` in quotes"
        : "";
  }

  private void refuseWhatNoYamlHolds(String text) {
    if (text.length() > MAX_CHARACTERS) {
      throw new Refused(
          START,
          "it has more than " + MAX_CHARACTERS + " characters: " + text.length(),
          "split the project");
    }
    int line = 1;
    int column = 1;
    for (int i = text.startsWith("\uFEFF") ? 1 : 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      if (!printable(c)) {
        throw new Refused(
            new Place(line, column),
            String.format(Locale.ROOT, "it holds a character that YAML forbids: U+%04X", c),
            String.format(Locale.ROOT, "inside double quotes write \\u%04X", c));
      }
      boolean newLine = c == '\n';
      line += newLine ? 1 : 0;
      column = newLine ? 1 : column + 1;
      i += Character.charCount(c);
    }
  }

  private static boolean printable(int c) {
    return c >= 0x20 && c <= 0x7E
        || c == '\t'
        || c == '\n'
        || c == '\r'
        || c == 0x85
        || c >= 0xA0 && c <= 0xD7FF
        || c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF
        || c >= 0x10000;
  }

  private void accept(Event event) {
    Place place = event.getStartMark().map(YamlTree::place).orElse(START);
    switch (event.getEventId()) {
      case Scalar -> {
        finish(anchor((NodeEvent) event), scalar((ScalarEvent) event, place), place);
      }
      case Alias -> {
        String name = ((AliasEvent) event).getAlias().getValue();
        Sized target = anchors.get(name);
        if (target == null) {
          throw new Refused(
              place, "nothing before it is anchored as &" + name, "define &" + name + " first");
        }
        finish(null, target, place);
      }
      case MappingStart -> begin((CollectionStartEvent) event, place, true);
      case SequenceStart -> begin((CollectionStartEvent) event, place, false);
      case MappingEnd, SequenceEnd -> {
        Open done = open.pop();
        Node node =
            done.fields == null
                ? new Node.Items(done.place, done.items)
                : new Node.Fields(done.place, done.fields);
        finish(done.anchor, new Sized(node, done.size), done.place);
      }
      case DocumentStart -> {
        if (root != null) {
          throw new Refused(place, "it holds a second document", "keep one; remove the ---");
        }
      }
      default -> {
        // the ends of document and stream, and comments, say nothing more
      }
    }
  }

  private void begin(CollectionStartEvent event, Place place, boolean map) {
    if (open.size() >= MAX_DEPTH) {
      throw new Refused(place, "it is nested deeper than " + MAX_DEPTH, "make it flatter");
    }
    if (!open.isEmpty() && open.peek().fields != null && open.peek().key == null) {
      throw new Refused(place, "a key must be text", "put it in quotes");
    }
    String tag = event.getTag().orElse("!");
    if (!tag.equals("!") && !tag.equals(CORE + (map ? "map" : "seq"))) {
      throw new Refused(place, "the tag is not known: " + tag, "remove it");
    }
    open.push(new Open(place, map, anchor(event)));
  }

  private void finish(String anchor, Sized made, Place place) {
    if (anchor != null) {
      anchors.put(anchor, made);
    }
    if (open.isEmpty()) {
      root = made.node;
      return;
    }
    Open into = open.peek();
    into.size += made.size;
    if (into.size > MAX_EXPANDED) {
      throw new Refused(
          place,
          "with its aliases written out it has more than " + MAX_EXPANDED + " characters",
          "use fewer aliases");
    }
    if (into.fields == null) {
      into.items.add(made.node);
    } else if (into.key == null) {
      into.key = name(made.node, place);
    } else {
      into.add(made.node, problems);
    }
  }

  private static Node.Field name(Node key, Place place) {
    if (!(key instanceof Node.Scalar scalar) || scalar.kind() == Node.Kind.NULL) {
      throw new Refused(place, "a key must be text", "put it in quotes");
    }
    if (scalar.text().length() > MAX_KEY_CHARACTERS) {
      throw new Refused(
          place, "a key has more than " + MAX_KEY_CHARACTERS + " characters", "make it shorter");
    }
    if (scalar.text().equals("<<")) {
      throw new Refused(
          place,
          "YAML 1.2 has no merge key <<",
          "use resource_defaults, or an alias for a whole value");
    }
    return new Node.Field(place, scalar.text(), key);
  }

  private static Sized scalar(ScalarEvent event, Place place) {
    String text = event.getValue();
    Node.Kind kind = event.isPlain() && event.getTag().isEmpty() ? plainKind(text) : Node.Kind.TEXT;
    String tag = event.getTag().orElse("!");
    if (!tag.equals("!") && !tag.equals(CORE + "str")) {
      kind = plainKind(text);
      if (!tag.equals(CORE + tagName(kind, text))) {
        throw new Refused(place, "the tag does not fit: " + tag, "remove it");
      }
    }
    String normal =
        switch (kind) {
          case NULL -> "null";
          case BOOL -> TRUES.contains(text) ? "true" : "false";
          case TEXT, NUMBER -> text;
        };
    Place end = event.getEndMark().map(YamlTree::place).orElse(place);
    return new Sized(new Node.Scalar(place, end, kind, normal), normal.length() + 4L);
  }

  private static Node.Kind plainKind(String text) {
    if (NULLS.contains(text)) {
      return Node.Kind.NULL;
    }
    if (TRUES.contains(text) || FALSES.contains(text)) {
      return Node.Kind.BOOL;
    }
    return NUMBER.matcher(text).matches() ? Node.Kind.NUMBER : Node.Kind.TEXT;
  }

  private static String tagName(Node.Kind kind, String text) {
    return switch (kind) {
      case NULL -> "null";
      case BOOL -> "bool";
      case NUMBER -> text.matches("-?[0-9]+") ? "int" : "float";
      case TEXT -> "str";
    };
  }

  private static String anchor(NodeEvent event) {
    return event.getAnchor().map(a -> a.getValue()).orElse(null);
  }

  private static Place place(Mark mark) {
    return new Place(mark.getLine() + 1, mark.getColumn() + 1);
  }

  /** A finished node and its size with all aliases written out. */
  private record Sized(Node node, long size) {}

  /** A list or map whose end has not come yet. */
  private static final class Open {
    final Place place;
    final String anchor;
    final List<Node> items;
    final List<Node.Field> fields;
    final Map<String, Place> seen = new HashMap<>();
    Node.Field key;
    long size = 4;

    Open(Place place, boolean map, String anchor) {
      this.place = place;
      this.anchor = anchor;
      this.items = map ? null : new ArrayList<>();
      this.fields = map ? new ArrayList<>() : null;
    }

    void add(Node value, Problems problems) {
      Place first = seen.putIfAbsent(key.name(), key.place());
      if (first == null) {
        fields.add(new Node.Field(key.place(), key.name(), value));
      } else {
        problems.add(
            key.place(),
            "Cannot read the file: the key is there twice: " + key.name(),
            "remove this one or the one at line " + first.line());
      }
      key = null;
    }
  }

  /** The end of the reading, with what the user is told. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Place place;
    private final String advice;

    Refused(Place place, String why, String advice) {
      super(why, null, false, false);
      this.place = place;
      this.advice = advice;
    }
  }
}
