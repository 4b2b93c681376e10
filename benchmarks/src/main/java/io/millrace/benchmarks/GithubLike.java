package io.millrace.benchmarks;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Events of the shape that GitHub's public timeline has, made up from a fixed seed: about 1.5 kB
 * each, some 220 columns in 9 tables, half of them pushes with commits, a tenth pull requests with
 * two whole repositories inside, with unicode, escapes, nulls and instants.
 */
public final class GithubLike implements Generator {
  private static final String[] WORDS = {
    "river",
    "mühle",
    "wheel",
    "stone",
    "水車",
    "grain",
    "sluice",
    "channel",
    "\\u00e9cluse",
    "dam 🏞",
    "weir",
    "\\ud83d\\ude00",
    "flow",
    "pond",
    "gate",
    "race"
  };
  private static final String[] URLS = {
    "keys",
    "collaborators",
    "teams",
    "hooks",
    "issue_events",
    "events",
    "assignees",
    "branches",
    "tags",
    "blobs",
    "git_tags",
    "git_refs",
    "trees",
    "statuses",
    "languages",
    "stargazers",
    "contributors",
    "subscribers",
    "subscription",
    "commits",
    "git_commits",
    "comments",
    "issue_comment",
    "contents",
    "compare",
    "merges",
    "archive",
    "downloads",
    "issues",
    "pulls",
    "milestones",
    "notifications",
    "labels",
    "releases",
    "deployments"
  };

  private final SplittableRandom random;
  private final StringBuilder json = new StringBuilder(8192);

  GithubLike(SplittableRandom random) {
    this.random = random;
  }

  /**
   * Writes {@code events} lines of JSON; the same seed gives the same bytes. Returns the bytes
   * written.
   */
  public static long write(Path file, long events, long seed) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      return Shape.GITHUB.write(out, events, seed);
    }
  }

  /** {@code FILE EVENTS [SEED]}. */
  public static void main(String[] args) throws IOException {
    long bytes =
        write(
            Path.of(args[0]),
            Long.parseLong(args[1]),
            args.length > 2 ? Long.parseLong(args[2]) : Shape.SEED);
    System.out.println(args[0] + ": " + args[1] + " events, " + bytes + " bytes");
  }

  @Override
  public String record(long i) {
    json.setLength(0);
    int kind = random.nextInt(100);
    String type =
        kind < 48
            ? "PushEvent"
            : kind < 59
                ? "PullRequestEvent"
                : kind < 75
                    ? "IssuesEvent"
                    : kind < 90
                        ? "WatchEvent"
                        : kind < 97 ? "CreateEvent" : kind < 98 ? "ForkEvent" : "ReleaseEvent";
    json.append("{\"id\":\"")
        .append(30_000_000_000L + i)
        .append("\",\"type\":\"")
        .append(type)
        .append("\",\"actor\":");
    user();
    json.append(",\"repo\":{\"id\":")
        .append(random.nextInt(1 << 30))
        .append(",\"name\":\"")
        .append(word())
        .append('/')
        .append(word())
        .append("\",\"url\":\"");
    url("repos");
    json.append("\"},\"payload\":{");
    switch (type) {
      case "PushEvent" -> push();
      case "PullRequestEvent" -> pullRequest();
      case "IssuesEvent" -> issue();
      case "ForkEvent" -> {
        json.append("\"forkee\":");
        repository(false);
      }
      case "ReleaseEvent" -> release();
      case "CreateEvent" ->
          json.append("\"ref\":")
              .append(random.nextInt(2) == 0 ? "null" : "\"main\"")
              .append(
                  ",\"ref_type\":\"branch\",\"master_branch\":\"main\",\"description\":\"\",\"pusher_type\":\"user\"");
      default -> json.append("\"action\":\"started\"");
    }
    json.append("},\"public\":true,\"created_at\":\"");
    instant();
    json.append("\",\"score\":").append(random.nextInt(10_000) / 100.0);
    if (random.nextInt(3) == 0) {
      json.append(",\"org\":{\"id\":")
          .append(random.nextInt(1 << 26))
          .append(",\"login\":\"")
          .append(word())
          .append("\",\"gravatar_id\":\"\",\"avatar_url\":\"");
      url("orgs");
      json.append("\"}");
    }
    return json.append('}').toString();
  }

  private void push() {
    json.append("\"push_id\":")
        .append(random.nextLong(1L << 40))
        .append(",\"size\":3,\"distinct_size\":2,\"ref\":\"refs/heads/main\",\"head\":\"");
    sha();
    json.append("\",\"before\":\"");
    sha();
    json.append("\",\"commits\":[");
    int commits = 1 + random.nextInt(4);
    for (int c = 0; c < commits; c++) {
      json.append(c > 0 ? "," : "").append("{\"sha\":\"");
      sha();
      json.append("\",\"author\":{\"email\":\"")
          .append(random.nextInt(9999))
          .append("@example.org\",\"name\":\"")
          .append(word())
          .append(' ')
          .append(word())
          .append("\"},\"message\":\"");
      sentence(4 + random.nextInt(16));
      json.append("\",\"distinct\":").append(random.nextInt(4) > 0).append(",\"url\":\"");
      url("commits");
      json.append("\"}");
    }
    json.append(']');
  }

  private void pullRequest() {
    json.append("\"action\":\"opened\",\"number\":")
        .append(random.nextInt(5000))
        .append(",\"pull_request\":{\"id\":")
        .append(random.nextLong(1L << 33))
        .append(",\"state\":\"open\",\"locked\":false,\"title\":\"");
    sentence(6);
    json.append("\",\"body\":");
    if (random.nextInt(5) == 0) {
      json.append("null");
    } else {
      json.append('"');
      sentence(30);
      json.append("\\n\\t\\\"quoted\\\"\"");
    }
    json.append(",\"user\":");
    user();
    json.append(",\"created_at\":\"");
    instant();
    json.append("\",\"merged_at\":null,\"draft\":")
        .append(random.nextBoolean())
        .append(",\"additions\":")
        .append(random.nextInt(1000))
        .append(",\"deletions\":")
        .append(random.nextInt(1000))
        .append(",\"requested_reviewers\":[");
    users(random.nextInt(3));
    json.append("],\"assignees\":[");
    users(random.nextInt(2));
    json.append("],\"labels\":[");
    labels();
    json.append("],\"head\":{\"label\":\"x:main\",\"ref\":\"main\",\"repo\":");
    repository(true);
    json.append("},\"base\":{\"label\":\"y:main\",\"ref\":\"main\",\"repo\":");
    repository(true);
    json.append("}}");
  }

  private void issue() {
    json.append("\"action\":\"closed\",\"issue\":{\"number\":")
        .append(random.nextInt(9000))
        .append(",\"title\":\"");
    sentence(7);
    json.append("\",\"comments\":").append(random.nextInt(40)).append(",\"user\":");
    user();
    json.append(",\"labels\":[");
    labels();
    json.append("],\"assignees\":[");
    users(random.nextInt(3));
    json.append("],\"reactions\":{\"total_count\":0,\"+1\":0,\"-1\":0,\"heart\":")
        .append(random.nextInt(3))
        .append("}}");
  }

  private void repository(boolean topical) {
    json.append("{\"id\":")
        .append(random.nextInt(1 << 30))
        .append(",\"name\":\"")
        .append(word())
        .append("\",\"private\":false,\"owner\":");
    user();
    json.append(",\"fork\":")
        .append(random.nextBoolean())
        .append(",\"stargazers_count\":")
        .append(random.nextInt(100_000))
        .append(",\"homepage\":null,\"license\":")
        .append(random.nextBoolean() ? "null" : "{\"key\":\"mit\",\"name\":\"MIT\"}");
    for (String part : URLS) {
      json.append(",\"").append(part).append("_url\":\"");
      url(part);
      json.append('"');
    }
    if (topical) {
      json.append(",\"topics\":[");
      topics();
      json.append(']');
    }
    json.append('}');
  }

  private void topics() {
    int topics = random.nextInt(4);
    for (int t = 0; t < topics; t++) {
      json.append(t > 0 ? ",\"" : "\"").append(word()).append('"');
    }
  }

  private void release() {
    json.append("\"action\":\"published\",\"release\":{\"id\":")
        .append(random.nextInt(1 << 28))
        .append(",\"tag_name\":\"v")
        .append(random.nextInt(20))
        .append(".0\",\"name\":\"");
    sentence(3);
    json.append("\",\"draft\":false,\"prerelease\":")
        .append(random.nextBoolean())
        .append(",\"assets_count\":")
        .append(random.nextInt(9))
        .append(",\"author\":");
    user();
    json.append(",\"created_at\":\"");
    instant();
    json.append("\",\"published_at\":\"");
    instant();
    json.append("\",\"body\":\"");
    sentence(20);
    json.append("\"}");
  }

  private void user() {
    json.append("{\"id\":")
        .append(random.nextInt(1 << 28))
        .append(",\"login\":\"")
        .append(word())
        .append(random.nextInt(9999))
        .append("\",\"display_login\":\"")
        .append(word())
        .append("\",\"gravatar_id\":\"\",\"avatar_url\":\"");
    url("users");
    json.append("\",\"site_admin\":").append(random.nextInt(50) == 0).append('}');
  }

  private void users(int count) {
    for (int u = 0; u < count; u++) {
      json.append(u > 0 ? "," : "");
      user();
    }
  }

  private void labels() {
    int labels = random.nextInt(4);
    for (int l = 0; l < labels; l++) {
      json.append(l > 0 ? "," : "")
          .append("{\"id\":")
          .append(random.nextInt(1 << 20))
          .append(",\"name\":\"")
          .append(word())
          .append("\",\"color\":\"")
          .append(Integer.toHexString(0x100000 + random.nextInt(0xefffff)))
          .append("\",\"default\":false}");
    }
  }

  private void sentence(int words) {
    for (int w = 0; w < words; w++) {
      json.append(w > 0 ? " " : "").append(word());
    }
  }

  private void url(String what) {
    json.append("https://api.example.org/")
        .append(what)
        .append('/')
        .append(random.nextInt(1 << 24));
  }

  private void sha() {
    for (int part = 0; part < 5; part++) {
      json.append(Integer.toHexString(0x10000000 + random.nextInt(0x6fffffff)));
    }
  }

  private void instant() {
    json.append("2026-")
        .append(two(1 + random.nextInt(12)))
        .append('-')
        .append(two(1 + random.nextInt(28)))
        .append('T')
        .append(two(random.nextInt(24)))
        .append(':')
        .append(two(random.nextInt(60)))
        .append(':')
        .append(two(random.nextInt(60)))
        .append('Z');
  }

  private static String two(int n) {
    return n < 10 ? "0" + n : Integer.toString(n);
  }

  private String word() {
    return WORDS[random.nextInt(WORDS.length)];
  }
}
