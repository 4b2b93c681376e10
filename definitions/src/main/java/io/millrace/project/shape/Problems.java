package io.millrace.project.shape;

import io.millrace.project.ConfigProblem;
import io.millrace.project.EnvironmentVariable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Collects what is wrong with one file while it is read, and knows where each object that was made
 * came from. For one thread and one reading.
 */
public final class Problems {
  private static final Comparator<ConfigProblem> IN_ORDER =
      Comparator.comparingInt(ConfigProblem::line).thenComparingInt(ConfigProblem::column);

  private final String file;
  private final Quotes quotes;
  private final List<ConfigProblem> problems = new ArrayList<>();
  private final List<ConfigProblem> warnings = new ArrayList<>();
  private final List<EnvironmentVariable> environment = new ArrayList<>();
  private final Set<String> told = new HashSet<>();
  private final Set<Place> spoiled = new HashSet<>();
  private final Map<Object, Spot> origins = new IdentityHashMap<>();

  public Problems(String file, String text) {
    this.file = file;
    this.quotes = new Quotes(text);
  }

  public void add(Place place, String message, String advice) {
    add(problems, place, message, message, advice);
  }

  /** The same mistake at the same place is told once, by whatever path it was reached. */
  void add(Place place, String message, String why, String advice) {
    add(problems, place, message, why, advice);
  }

  void warn(Place place, String message, String advice) {
    add(warnings, place, message, message, advice);
  }

  /** What stands there needs the environment variable. */
  public void needs(Place place, String variable) {
    String message = "Cannot use ${env:" + variable + "}: the environment variable has no value";
    String advice =
        "export "
            + variable
            + "=…, where the workers run, or write ${env:"
            + variable
            + ":-default}";
    String quoted = quotes.line(place);
    environment.add(
        new EnvironmentVariable(
            variable,
            new ConfigProblem(file, place.line(), place.column(), quoted, message, advice)));
  }

  private void add(
      List<ConfigProblem> list, Place place, String message, String why, String advice) {
    if (!spoiled.contains(place) && told.add(place.line() + ":" + place.column() + ":" + why)) {
      String quoted = quotes.line(place);
      list.add(new ConfigProblem(file, place.line(), place.column(), quoted, message, advice));
    }
  }

  /** From now on nothing is told of that place: what stands there is not what was written. */
  public void spoil(Place place) {
    spoiled.add(place);
  }

  /** From now on no literal secret of the tree is quoted. */
  public void hideSecrets(Node root) {
    quotes.hideSecrets(root);
  }

  boolean hidden(Place place) {
    return quotes.hidden(place);
  }

  void remember(Object made, Spot spot) {
    origins.put(made, spot);
  }

  /** Where an object that {@link Keys} made was written. */
  public Spot origin(Object made) {
    return origins.get(made);
  }

  /** All problems in the order of the file. */
  public List<ConfigProblem> problems() {
    return sorted(problems);
  }

  public List<ConfigProblem> warnings() {
    return sorted(warnings);
  }

  /** Each variable once, at its first place, in the order of the file. */
  public List<EnvironmentVariable> environment() {
    Set<String> seen = new HashSet<>();
    return environment.stream()
        .sorted(Comparator.comparing(EnvironmentVariable::unset, IN_ORDER))
        .filter(variable -> seen.add(variable.name()))
        .toList();
  }

  private static List<ConfigProblem> sorted(List<ConfigProblem> list) {
    return list.stream().sorted(IN_ORDER).toList();
  }
}
