package io.millrace.activities;

import io.millrace.activities.normalize.Normalizer;
import io.millrace.activities.normalize.ParentFields;
import io.millrace.activities.staging.ParentList;
import io.millrace.activities.staging.StageKey;
import io.millrace.activities.staging.Staging;
import io.millrace.project.Project;
import io.millrace.run.Segment;
import io.millrace.source.Parent;
import io.millrace.source.Resource;
import java.io.Closeable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Notes, of each record that is loaded, what the resource's children read of it. The list's name
 * follows from the load's id and its package's digest, which the receipt has: so it is committed
 * with the rows.
 */
final class ParentsSeen implements Normalizer.Taken, Closeable {
  /** Keys that are remembered, so that the same parent is not visited twice for one segment. */
  private static final int REMEMBERED = 100_000;

  private final Segment segment;
  private final Set<String> key;
  private final Set<String> wanted;
  private final ParentFields fields;
  private final ParentList.Writer list;
  private final Map<String, Boolean> seen =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > REMEMBERED;
        }
      };

  private ParentsSeen(Segment segment, Set<String> key, Set<String> wanted, Staging staging) {
    this.segment = segment;
    this.key = key;
    this.wanted = wanted;
    Set<String> all = new LinkedHashSet<>(key);
    all.addAll(wanted);
    this.fields = new ParentFields(all);
    this.list = new ParentList.Writer(staging, segment.asset(), segment.loadId(), wanted);
  }

  /** {@code null} for a resource without children. */
  static ParentsSeen of(Project.Located located, Segment segment, Staging staging) {
    Set<String> wanted = wanted(located);
    if (wanted.isEmpty()) {
      return null;
    }
    Set<String> key = new LinkedHashSet<>();
    located.resource().hints().primaryKey().forEach(k -> key.add(Parent.path(k)));
    return new ParentsSeen(segment, key, wanted, staging);
  }

  /** The paths that all children of a resource read; empty for one without children. */
  static Set<String> wanted(Project.Located located) {
    Set<String> wanted = new TreeSet<>();
    List<Resource> children = Project.children(located.source(), located.resource());
    children.forEach(child -> wanted.addAll(Parent.of(child).orElseThrow().wanted()));
    return wanted;
  }

  @Override
  public void record(byte[] json, int start, int end) {
    Map<String, String> found = fields.read(json, start, end);
    boolean keyed = !key.isEmpty() && found.keySet().containsAll(key);
    if (keyed && seen.put(key.stream().map(found::get).toList().toString(), true) != null) {
      return;
    }
    Map<String, String> row = new LinkedHashMap<>(found);
    row.keySet().retainAll(wanted);
    list.add(row);
  }

  void publish(String packageSha256) throws IOException {
    list.publish(StageKey.parents(segment.asset(), segment.loadId(), packageSha256));
  }

  @Override
  public void close() throws IOException {
    list.close();
  }
}
