package io.millrace.activities.extract.rest;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Link header (RFC 8288): addresses by their {@code rel}, in small letters as in {@link #name}.
 */
final class Links {
  private static final Pattern LINK =
      Pattern.compile("<([^>]*)>((?:\\s*;[^,<\"]*(?:\"[^\"]*\")?)*)");
  private static final Pattern REL =
      Pattern.compile(";\\s*rel\\s*=\\s*(?:\"([^\"]*)\"|([^\\s;,]+))", Pattern.CASE_INSENSITIVE);

  private Links() {}

  static Map<String, String> parse(List<String> headers) {
    Map<String, String> links = new HashMap<>();
    for (String header : headers) {
      Matcher link = LINK.matcher(header.length() > 16_384 ? "" : header);
      while (link.find()) {
        Matcher rel = REL.matcher(link.group(2));
        if (rel.find()) {
          String names = rel.group(1) == null ? rel.group(2) : rel.group(1);
          for (String name : names.strip().split("\\s+")) {
            links.putIfAbsent(name(name), link.group(1).strip());
          }
        }
      }
    }
    return links;
  }

  /** "Next" and "next" are the same relation. */
  static String name(String rel) {
    return rel.toLowerCase(Locale.ROOT);
  }
}
