package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SearchAttributesTest {
  @Test
  void areSpeltAsTemporalSpellsThem() {
    assertThat(SearchAttributes.typeName(SearchAttributes.ALL.get("MillraceAsset")))
        .isEqualTo("Keyword");
    assertThat(SearchAttributes.typeName(SearchAttributes.ALL.get("MillraceRows")))
        .isEqualTo("Int");
  }
}
