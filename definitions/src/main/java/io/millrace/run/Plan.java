package io.millrace.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;

/**
 * Resolves the worker's definitions into a staged manifest and a selection into assets in order.
 */
@ActivityInterface
public interface Plan {
  @ActivityMethod(name = "plan")
  Result plan(Request request);

  /**
   * @param manifest the definitions as the client sees them; {@code null} when it did not say
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Request(String project, String select, String exclude, String manifest) {}

  /**
   * @param manifest sha256 of the definitions, staged under that name
   * @param assets upstream before downstream, ties by key
   * @param notes sentences for a person
   */
  record Result(String manifest, List<Step> assets, List<String> notes) {}

  /**
   * @param upstream assets of this plan that must have ended well before
   * @param summary one line for the Temporal UI
   */
  record Step(String asset, List<String> upstream, String summary) {}
}
