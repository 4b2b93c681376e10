package io.millrace.source;

import io.millrace.project.Text;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the next page is found: dlt's paginators with dlt's options. A {@code null} component means
 * dlt's default.
 */
public sealed interface Paginator {
  /**
   * Link header, then JSON next link, then a field of total pages, then a cursor field, then single
   * page.
   */
  record Auto() implements Paginator {}

  /** One request. */
  record SinglePage() implements Paginator {}

  /** A link in the body, default at {@code next}. */
  record JsonLink(String nextUrlPath) implements Paginator {
    public JsonLink {
      nextUrlPath = nextUrlPath == null ? "next" : nextUrlPath;
    }
  }

  /** A link in the Link header, default {@code rel=next}. */
  record HeaderLink(String linksNextKey) implements Paginator {
    public HeaderLink {
      linksNextKey = linksNextKey == null ? "next" : linksNextKey;
    }
  }

  /** A cursor in a header of the answer, sent back as a query parameter. */
  record HeaderCursor(String cursorKey, String cursorParam) implements Paginator {
    public HeaderCursor {
      cursorKey = cursorKey == null ? "next" : cursorKey;
      cursorParam = cursorParam == null ? "cursor" : cursorParam;
    }
  }

  /**
   * A cursor in the body, sent back as a query parameter or in the JSON body.
   *
   * @param cursorParam the parameter; {@link #EACH_FIELD}: the cursor is an object, and each of its
   *     fields goes to the parameter of its name
   * @param cursorParams beyond dlt, several cursors: parameters and the path of each one's value;
   *     empty for one cursor
   */
  record Cursor(
      String cursorPath,
      String cursorParam,
      String cursorBodyPath,
      Boolean stopAfterEmptyPage,
      String hasMorePath,
      Map<String, String> cursorParams)
      implements Paginator {
    public static final String EACH_FIELD = "*";

    public Cursor {
      cursorParams =
          cursorParams == null
              ? Map.of()
              : Collections.unmodifiableMap(new LinkedHashMap<>(cursorParams));
      cursorPath = cursorPath == null ? "cursors.next" : cursorPath;
      boolean unsaid = cursorParam == null && cursorBodyPath == null && cursorParams.isEmpty();
      cursorParam = unsaid ? "cursor" : cursorParam;
      stopAfterEmptyPage = stopAfterEmptyPage != null && stopAfterEmptyPage;
    }

    /** One cursor: dlt's. */
    public Cursor(
        String cursorPath,
        String cursorParam,
        String cursorBodyPath,
        Boolean stopAfterEmptyPage,
        String hasMorePath) {
      this(cursorPath, cursorParam, cursorBodyPath, stopAfterEmptyPage, hasMorePath, null);
    }
  }

  /** What a total counts. */
  enum TotalIs {
    ROWS,
    PAGES
  }

  /**
   * {@code limit} and {@code offset}. {@code totalPath} empty means there is none.
   *
   * @param stopAfterEmptyPage {@code null} when not said: then an empty page is the end unless
   *     {@code hasMorePath} says otherwise, which is a failure
   * @param totalIs what the total counts; default rows
   * @param endStatus statuses that, after the first page, mean that there is no more
   */
  record Offset(
      Integer limit,
      Integer offset,
      String offsetParam,
      String offsetBodyPath,
      String limitParam,
      String limitBodyPath,
      String totalPath,
      Long maximumOffset,
      Boolean stopAfterEmptyPage,
      String hasMorePath,
      TotalIs totalIs,
      List<Integer> endStatus)
      implements Paginator {
    public Offset {
      offset = offset == null ? 0 : offset;
      offsetParam = offsetParam == null && offsetBodyPath == null ? "offset" : offsetParam;
      limitParam = limitParam == null && limitBodyPath == null ? "limit" : limitParam;
      totalPath = totalPath == null ? "total" : totalPath;
      totalIs = totalIs == null ? TotalIs.ROWS : totalIs;
      endStatus = endStatus == null ? List.of() : List.copyOf(endStatus);
    }

    /** dlt's options. */
    public Offset(
        Integer limit,
        Integer offset,
        String offsetParam,
        String offsetBodyPath,
        String limitParam,
        String limitBodyPath,
        String totalPath,
        Long maximumOffset,
        Boolean stopAfterEmptyPage,
        String hasMorePath) {
      this(
          limit,
          offset,
          offsetParam,
          offsetBodyPath,
          limitParam,
          limitBodyPath,
          totalPath,
          maximumOffset,
          stopAfterEmptyPage,
          hasMorePath,
          null,
          null);
    }
  }

  /**
   * A page number. {@code totalPath} (empty: none) holds the number of pages, or of rows.
   *
   * @param stopAfterEmptyPage as for {@link Offset}
   * @param totalIs what the total counts; default pages
   * @param endStatus as for {@link Offset}
   */
  record PageNumber(
      Integer basePage,
      Integer page,
      String pageParam,
      String pageBodyPath,
      String totalPath,
      Long maximumPage,
      Boolean stopAfterEmptyPage,
      String hasMorePath,
      TotalIs totalIs,
      List<Integer> endStatus)
      implements Paginator {
    public PageNumber {
      basePage = basePage == null ? 0 : basePage;
      page = page == null ? basePage : page;
      pageParam = pageParam == null && pageBodyPath == null ? "page" : pageParam;
      totalPath = totalPath == null ? "total" : totalPath;
      totalIs = totalIs == null ? TotalIs.PAGES : totalIs;
      endStatus = endStatus == null ? List.of() : List.copyOf(endStatus);
    }

    /** dlt's options. */
    public PageNumber(
        Integer basePage,
        Integer page,
        String pageParam,
        String pageBodyPath,
        String totalPath,
        Long maximumPage,
        Boolean stopAfterEmptyPage,
        String hasMorePath) {
      this(
          basePage,
          page,
          pageParam,
          pageBodyPath,
          totalPath,
          maximumPage,
          stopAfterEmptyPage,
          hasMorePath,
          null,
          null);
    }
  }

  /**
   * A type that a plugin brings.
   *
   * @param options the keys beside {@code type}, as written
   * @see io.millrace.plugin.PaginatorPlugin
   */
  record Custom(String type, Map<String, Text> options) implements Paginator {
    public Custom {
      options =
          options == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }
  }
}
