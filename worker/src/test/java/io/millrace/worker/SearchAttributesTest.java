package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SearchAttributesTest {
  @Test
  void holdAllThatWorkflowsSetWithTheSameTypes() {
    for (var key : io.millrace.run.SearchAttributes.ALL) {
      assertThat(SearchAttributes.ALL)
          .as(key.getName())
          .containsEntry(key.getName(), key.getValueType());
    }
  }

  @Test
  void areSpeltAsTemporalSpellsThem() {
    assertThat(SearchAttributes.typeName(SearchAttributes.ALL.get("MillraceTags")))
        .isEqualTo("KeywordList");
    assertThat(SearchAttributes.typeName(SearchAttributes.ALL.get("MillraceRows")))
        .isEqualTo("Int");
  }
}
