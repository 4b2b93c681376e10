package io.millrace.project;

import io.millrace.project.shape.Keys;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes the reference page: one section for each map with keys, in the order they are met. */
final class ReferencePage {
  private ReferencePage() {}

  static String of(Keys<?> root) {
    StringBuilder page =
        new StringBuilder(
            """
            # Configuration reference

            Generated from the types that read `millrace.yaml`; see `GeneratedDocsTest` for how to make it again.
            Every key is listed once, below the map that it belongs to. Keys in **bold** are required.

            - `${env:NAME}`, `${env:NAME:-default}` and `${file:path}` are looked up when they are used; `${vars.x}` is replaced first, anywhere.
            - Durations: `500ms`, `30s`, `5m`, `6h`, `2d`. Sizes: `64MB` (millions), `64MiB` (powers of two), or bytes as a plain number.
            - YAML 1.2: `no` is text, a key that is there twice is an error. Only what JSON calls a number is one: `0123` is text.
            - `null` is the same as leaving a key out, except where its section says otherwise.
            """);
    Map<String, Keys<?>> sections = new LinkedHashMap<>();
    Deque<Keys<?>> open = new ArrayDeque<>();
    open.add(root);
    while (!open.isEmpty()) {
      Keys<?> keys = open.poll();
      if (sections.putIfAbsent(keys.name(), keys) == null) {
        keys.list().forEach(key -> open.addAll(key.shape().parts()));
      }
    }
    sections.values().forEach(keys -> section(keys, page));
    return page.toString();
  }

  private static void section(Keys<?> keys, StringBuilder page) {
    page.append("\n## ").append(keys.name()).append("\n\n").append(keys.doc()).append('\n');
    if (!keys.list().isEmpty()) {
      page.append("\n| key | value | default | what |\n|---|---|---|---|\n");
      for (Keys.Key<?> key : keys.list()) {
        String name = "`" + key.name() + "`";
        page.append("| ").append(key.required() ? "**" + name + "**" : name);
        page.append(" | ").append(cell(key.shape().kind()));
        page.append(" | ").append(key.standard() == null ? "" : cell(key.standard()));
        page.append(" | ").append(cell(key.doc())).append(" |\n");
      }
    }
    if (!keys.laterNames().isEmpty()) {
      page.append("\nKnown, and not available yet in this version: `")
          .append(String.join("`, `", keys.laterNames()))
          .append("`.\n");
    }
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
