package io.millrace.project;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.parser.CronParser;
import io.millrace.project.shape.Keys;
import io.millrace.project.shape.Nearest;
import io.millrace.project.shape.Shapes;
import io.millrace.project.shape.Spot;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.function.Function;

/** The keys of a schedule. */
final class ScheduleKeys {
  static final Keys<Function<String, Schedule>> SCHEDULE =
      Keys.of(
          "schedule",
          "When a selection runs by itself.",
          k -> {
            k.lenient();
            var select = k.required("select", Shapes.TEXT, "What runs, for example `shop.*`.");
            var cron =
                k.required(
                    "cron",
                    Shapes.TEXT.checked(ScheduleKeys::cron),
                    "When: minute, hour, day, month, day of the week.");
            var timezone =
                k.key(
                    "timezone",
                    Shapes.TEXT.checked(ScheduleKeys::zone),
                    "UTC",
                    "IANA name, for example `Europe/Paris`.");
            var overlap =
                k.key(
                    "overlap",
                    Shapes.words(
                        "skip",
                        "buffer_one",
                        "buffer_all",
                        "cancel_other",
                        "terminate_other",
                        "allow_all"),
                    "skip",
                    "What happens while the last run is not done.");
            var catchup =
                k.key(
                    "catchup",
                    Shapes.words("latest", "all", "none"),
                    "latest",
                    "What happens to times that passed while no server ran.");
            var jitter =
                k.key("jitter", Shapes.DURATION, "none", "Starts later by up to that long.");
            return v ->
                name ->
                    new Schedule(
                        name,
                        v.get(select),
                        v.get(cron),
                        v.get(timezone),
                        v.get(overlap),
                        v.get(catchup),
                        v.get(jitter));
          });

  private ScheduleKeys() {}

  private static boolean cron(String cron, Spot spot) {
    try {
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX))
          .parse(cron)
          .validate();
      return true;
    } catch (IllegalArgumentException e) {
      spot.refuse(
          "no cron expression: " + e.getMessage(),
          "five fields: minute, hour, day, month, day of the week, for example \"0 2 * * *\"");
      return false;
    }
  }

  private static boolean zone(String zone, Spot spot) {
    try {
      ZoneId.of(zone);
      return true;
    } catch (DateTimeException e) {
      spot.refuse(
          "no timezone of that name: found " + spot.found(),
          Nearest.to(zone, ZoneId.getAvailableZoneIds().stream().sorted().toList())
              .map(near -> "did you mean " + near + "?")
              .orElse("an IANA name, for example Europe/Paris"));
      return false;
    }
  }
}
