package io.millrace.activities.extract.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.source.Paginator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Cursors in the body: one as dlt has it, several, or an object whose fields are cursors. Pure. */
final class Cursors {
  private Cursors() {}

  static Stream<String> paths(Paginator.Cursor paginator) {
    Stream<String> cursors =
        paginator.cursorParams().isEmpty()
            ? Stream.of(paginator.cursorPath())
            : paginator.cursorParams().values().stream();
    return Stream.concat(cursors, Stream.ofNullable(paginator.hasMorePath()));
  }

  static Optional<Step> next(Paginator.Cursor paginator, PageView page) {
    if (paginator.stopAfterEmptyPage() && page.records() == 0) {
      return Optional.empty();
    }
    if (paginator.hasMorePath() != null && !Paging.hasMore(paginator.hasMorePath(), page)) {
      return Optional.empty();
    }
    if (!paginator.cursorParams().isEmpty()) {
      Map<String, String> found = new TreeMap<>();
      paginator
          .cursorParams()
          .forEach((param, path) -> text(path, page).ifPresent(text -> found.put(param, text)));
      return Optional.of(found).filter(f -> !f.isEmpty()).map(Step::cursors);
    }
    if (Paginator.Cursor.EACH_FIELD.equals(paginator.cursorParam())) {
      return fields(paginator.cursorPath(), page);
    }
    return text(paginator.cursorPath(), page).map(Step::cursor);
  }

  /** Each field of the object, as MediaWiki wants its {@code continue} back. */
  private static Optional<Step> fields(String path, PageView page) {
    JsonNode object = Paging.value(path, page);
    if (object == null || object.isNull()) {
      return Optional.empty();
    }
    if (!object.isObject()) {
      throw Paging.invalid("cursor_path", path, "it is not an object, and cursor_param is \"*\"");
    }
    Map<String, String> found = new TreeMap<>();
    object
        .properties()
        .forEach(
            field -> {
              if (field.getValue().isContainerNode()) {
                String what = "its field " + field.getKey() + " is not a text or a number";
                throw Paging.invalid("cursor_path", path, what);
              }
              if (!field.getValue().isNull()) {
                found.put(field.getKey(), field.getValue().asText());
              }
            });
    return Optional.of(found).filter(f -> !f.isEmpty()).map(Step::cursors);
  }

  /** Empty when it is missing or what Python takes for false. */
  private static Optional<String> text(String path, PageView page) {
    JsonNode cursor = Paging.value(path, page);
    if (cursor != null && cursor.isContainerNode()) {
      throw Paging.invalid("cursor_path", path, "it is not a text or a number");
    }
    boolean falsy =
        cursor == null
            || cursor.isNull()
            || cursor.asText().isEmpty()
            || cursor.isBoolean()
            || cursor.isNumber() && cursor.asText().equals("0");
    return falsy ? Optional.empty() : Optional.of(cursor.asText());
  }
}
