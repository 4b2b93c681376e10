package io.millrace.activities.destination;

/**
 * Named places where a test can make the process die as if the power went: {@code
 * -Dmillrace.fault=before-commit}, or {@code mid-rows:3} for the third time. Costs one comparison
 * when off.
 */
public final class FaultPoint {
  public static final String AFTER_REMOVAL = "after-removal";
  public static final String AFTER_DDL = "after-ddl";
  public static final String MID_ROWS = "mid-rows";
  public static final String DURING_STATE = "during-state";
  public static final String BEFORE_COMMIT = "before-commit";
  public static final String AFTER_COMMIT = "after-commit";

  /** The exit code of a process that died here: the one of a process killed with -9. */
  public static final int EXIT_CODE = 137;

  private static final String WANTED = System.getProperty("millrace.fault");
  private static int hits;

  private FaultPoint() {}

  /** Ends the process at once, without any cleaning up, when this point is the one asked for. */
  public static void hit(String point) {
    if (WANTED != null) {
      count(point);
    }
  }

  private static synchronized void count(String point) {
    int colon = WANTED.indexOf(':');
    String name = colon < 0 ? WANTED : WANTED.substring(0, colon);
    int wantedHit = colon < 0 ? 1 : Integer.parseInt(WANTED.substring(colon + 1));
    if (name.equals(point) && ++hits == wantedHit) {
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }
}
