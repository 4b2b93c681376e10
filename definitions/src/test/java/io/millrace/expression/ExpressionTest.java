package io.millrace.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionTest {
  private static final Map<String, Object> RECORD = record();

  private static Map<String, Object> record() {
    Map<String, Object> record = new HashMap<>();
    record.put("id", 7L);
    record.put("status", "open");
    record.put("amount", new BigDecimal("10.10"));
    record.put("big", new BigInteger("9223372036854775808"));
    record.put("address", Map.of("city", "Köln", "zip", "050"));
    record.put("items", List.of(Map.of("sku", "a"), Map.of("sku", "b")));
    record.put("active", true);
    record.put("none", null);
    record.put("odd key", "x");
    record.put("first", "1");
    record.put("last", "2");
    return record;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          status == 'open' and amount > 10   | true
          status == 'open' && !(amount > 10) | false
          amount == 10.1                     | true
          big == 9223372036854775808         | true
          big > 9223372036854775807          | true
          address.city == 'Köln'             | true
          address['zip']                     | 050
          items[1].sku                       | b
          size(items)                        | 2
          record['odd key']                  | x
          missing == null                    | true
          missing > 1                        | false
          missing.deep.deeper == null        | true
          none and true                      | false
          active ? 'yes' : 'no'              | yes
          status =~ 'op.*'                   | true
          status =~ ['open', 'new']          | true
          status =^ 'op'                     | true
          not active                         | false
          first + ' ' + last                 | 1 2
          first + last                       | 12
          amount + 1                         | 11.10
          amount * 3                         | 30.30
          0.1 + amount                       | 10.20
          id / 2                             | 3
          upper(trim(' a '))                 | A
          substring(status, 1, 99)           | pen
          replace('a.b.c', '.', '-')         | a-b-c
          split('a,b,', ',')                 | [a, b, ]
          coalesce(none, status)             | open
          none ?? 'x'                        | x
          lower(none)                        | null
          """)
  void evaluates(String expression, String value) {
    assertThat(String.valueOf(Expression.parse(expression).evaluate(RECORD))).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status = 'open'",
        "id += 1",
        "record.id = 3",
        "var x = 1; x",
        "a; b",
        "for (x : items) { x }",
        "while (true) {}",
        "() -> { 1 }",
        "new('java.io.File', 'x')",
        "status.length()",
        "status.getClass()",
        "items.stream()",
        "#pragma x y\n1",
        "status ==",
        "'unclosed",
        "",
        "@x 1",
      })
  void refusesWhatIsNoPlainExpression(String text) {
    assertThatIllegalArgumentException().as(text).isThrownBy(() -> Expression.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status.class",
        "record.class.name.x",
        "items.class",
        "System.exit(1)",
        "exit(1)",
        "'x' - 1",
        "(1..1000000000) =~ 5",
        "big % 0",
      })
  void hasNoValueWhereItLeavesTheRecord(String text) {
    Object value = null;
    try {
      value = Expression.parse(text).evaluate(RECORD);
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("commons");
    }
    assertThat(value).as(text).isNull();
  }

  @Test
  @Timeout(20)
  void givesUpAPatternThatTriesForEver() {
    Map<String, Object> record = Map.of("a", "1,".repeat(40));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Expression.parse("a =~ '(.*,){12}P'").evaluate(record))
        .withMessageContaining("a pattern takes too long on its text");
    Map<String, Object> deep = Map.of("a", "x", "p", "(".repeat(400));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Expression.parse("a =~ p").evaluate(deep));
  }

  @Test
  @Timeout(20)
  void doesNotMakeTextsOrNumbersOfAnySize() {
    Map<String, Object> record =
        Map.of("a", "x".repeat(6_000_000), "n", new BigDecimal("1e999999"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Expression.parse("a + a").evaluate(record))
        .withMessageContaining("more than 10000000 characters");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Expression.parse("replace(a, 'x', 'yyy')").evaluate(record))
        .withMessageContaining("more than 10000000 characters");
    assertThat(Expression.parse("n + 1").evaluate(record)).isNotNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Expression.parse("1" + " + 1".repeat(600)))
        .withMessageContaining("longer than 2000 characters");
  }
}
