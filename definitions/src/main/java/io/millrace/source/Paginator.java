package io.millrace.source;

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

  /** A cursor in the body, sent back as a query parameter or in the JSON body. */
  record Cursor(
      String cursorPath,
      String cursorParam,
      String cursorBodyPath,
      Boolean stopAfterEmptyPage,
      String hasMorePath)
      implements Paginator {
    public Cursor {
      cursorPath = cursorPath == null ? "cursors.next" : cursorPath;
      cursorParam = cursorParam == null && cursorBodyPath == null ? "cursor" : cursorParam;
      stopAfterEmptyPage = stopAfterEmptyPage != null && stopAfterEmptyPage;
    }
  }

  /** {@code limit} and {@code offset}. {@code totalPath} empty means there is none. */
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
      String hasMorePath)
      implements Paginator {
    public Offset {
      offset = offset == null ? 0 : offset;
      offsetParam = offsetParam == null && offsetBodyPath == null ? "offset" : offsetParam;
      limitParam = limitParam == null && limitBodyPath == null ? "limit" : limitParam;
      totalPath = totalPath == null ? "total" : totalPath;
      stopAfterEmptyPage = stopAfterEmptyPage == null || stopAfterEmptyPage;
    }
  }

  /** A page number. {@code totalPath} (empty: none) holds the number of pages. */
  record PageNumber(
      Integer basePage,
      Integer page,
      String pageParam,
      String pageBodyPath,
      String totalPath,
      Long maximumPage,
      Boolean stopAfterEmptyPage,
      String hasMorePath)
      implements Paginator {
    public PageNumber {
      basePage = basePage == null ? 0 : basePage;
      page = page == null ? basePage : page;
      pageParam = pageParam == null && pageBodyPath == null ? "page" : pageParam;
      totalPath = totalPath == null ? "total" : totalPath;
      stopAfterEmptyPage = stopAfterEmptyPage == null || stopAfterEmptyPage;
    }
  }
}
