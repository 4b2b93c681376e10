package io.millrace.activities.normalize.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.Failure;
import io.millrace.MillraceException;
import java.io.InputStream;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamingTest {
  private static final int UNLIMITED = 65536;
  private static final Naming SNAKE = Naming.of("snake_case", UNLIMITED, true);

  /** Vectors of the reference: {@code raw→name}, separated by blanks. */
  private static final String VECTORS =
      "camelCase→camel_case CamelCase→camel_case HTTPServer→http_server"
          + " getHTTPResponseCode→get_http_response_code userID→user_id UserIDs→user_i_ds ABC→abc"
          + " aBC→a_bc ABc→a_bc iPhone12Pro→i_phone12_pro Area51Controller→area51_controller"
          + " SHA256Hash→sha256_hash x1Y2→x1_y2 V2ApiKey→v2_api_key IP4Address→ip4_address"
          + " fooBARbaz→foo_ba_rbaz ABCd1E→ab_cd1_e a1b2C3→a1b2_c3 1stPlace→_1st_place 123→_123"
          + " 0A→_0_a 00a→_00a trailing_→trailingx a_-→axx price($)→pricex 100%→_100x a-b→a_b"
          + " a+b→axb a*b→axb a@b→aab a|b→alb a.b→a_b a/b\\c→a_b_c content-type→content_type"
          + " X-Request-Id→x_request_id ümläut→_ml_ut naïveCafé→na_ve_cafx ßtraße→_tra_e"
          + " İstanbul→_stanbul 日本語→x 日本語abc→_abc emoji😀key→emoji_key a😀→ax 😀→x ٣abc→_٣abc"
          + " a٣→a٣ Ⅷ→x ²x→_x !!!→x -→x _→x +→x @→a |→l *→x ---→xxx +++→xxx |||→lll @@@→aaa #→x"
          + " ~→x id#→idx a.→ax -A→_a _aB→_a_b $id→_id Some__Weird___Path→some__weird___path"
          + " SELECT→select a__b→a__b a___b→a___b a____b→a__b __a→a a__→a trailing___→trailing__x"
          + " ___→x";

  static Stream<String[]> vectors() {
    return Stream.of(VECTORS.split(" ")).map(v -> v.split("→"));
  }

  static Stream<String[]> golden() throws Exception {
    try (InputStream in =
        NamingTest.class.getResourceAsStream("/normalize/value/naming-golden.json")) {
      return Stream.of(new ObjectMapper().readValue(in, String[][].class));
    }
  }

  @ParameterizedTest
  @MethodSource({"vectors", "golden"})
  void snakeCaseNamesAreThoseOfDlt(String raw, String name) {
    assertThat(SNAKE.key(raw)).isEqualTo(name);
    assertThat(SNAKE.table(raw)).isEqualTo(name);
  }

  @Test
  void blanksSeparateWords() {
    assertThat(SNAKE.key("a - b")).isEqualTo("a_b");
    assertThat(SNAKE.key("a b")).isEqualTo("a_b");
    assertThat(SNAKE.key("MyTable Name!")).isEqualTo("my_table_namex");
    assertThat(SNAKE.key("\u2007\u0085 padded \u00a0")).isEqualTo("padded");
    assertThat(SNAKE.key("\u200bx")).as("not whitespace in Python").isEqualTo("_x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t\n", "__", "____", "__ __"})
  void nothingIsLeftOfSeparatorsAndWhitespace(String raw) {
    assertThat(SNAKE.key(raw)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"a__b, a_b", "__, xx", "trailing___, trailingxxx", "a____b, a_b", "__a, _a"})
  void withoutBreakingTheSeparatorIsAnOrdinaryCharacter(String raw, String name) {
    assertThat(Naming.of("snake_case", UNLIMITED, false).key(raw)).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({
    "snake_case, camel_case, upper, with_space, trailx, a__b, _1st, _mlaut, quo_te, dash_ed, false",
    "sql_ci_v1, camelcase, upper, with_space, trail, a__b, _1st, _mlaut, quo_te, dash_ed, false",
    "sql_cs_v1, camelCase, UPPER, with_space, trail, a__b, _1st, _mlaut, quo_te, dash_ed, true",
    "duck_case, camelCase, UPPER, with space, trail_, a__b, 1st, ümlaut, quo_te, dash-ed, true",
    "direct, camelCase, UPPER, with space, trail_, a__b, 1st, ümlaut, quo_te, dash-ed, true",
  })
  void everyConventionHasItsOwnRules(
      String convention,
      String camel,
      String upper,
      String space,
      String trail,
      String path,
      String first,
      String umlaut,
      String quote,
      String dash,
      boolean caseSensitive) {
    Naming naming = Naming.of(convention, UNLIMITED, true);
    assertThat(
            Stream.of(
                    "camelCase",
                    "UPPER",
                    "with space",
                    "trail_",
                    "a__b",
                    "1st",
                    "ümlaut",
                    "quo\"te",
                    "dash-ed")
                .map(naming::key))
        .containsExactly(camel, upper, space, trail, path, first, umlaut, quote, dash);
    assertThat(naming.caseSensitive()).isEqualTo(caseSensitive);
    assertThat(naming.separator()).isEqualTo(convention.equals("direct") ? "▶" : "__");
    assertThat(naming.join("a", "v_text")).isEqualTo("a" + naming.separator() + "v_text");
  }

  @ParameterizedTest
  @ValueSource(strings = {"snake_case", "sql_ci_v1", "sql_cs_v1", "duck_case", "direct"})
  void noNameHoldsNul(String convention) {
    Naming naming = Naming.of(convention, UNLIMITED, true);
    assertThat(naming.key("a\0b")).isEqualTo("a_b");
    assertThat(naming.table("\0")).isNotEmpty().doesNotContain("\0");
  }

  @Test
  void refusesAConventionThatDoesNotExist() {
    assertThatThrownBy(() -> Naming.of("camel", 63, true))
        .isInstanceOf(MillraceException.class)
        .hasMessage(
            "Cannot normalize names: no such naming convention: camel"
                + " (use snake_case, direct, duck_case, sql_ci_v1 or sql_cs_v1)")
        .extracting(e -> ((MillraceException) e).failure())
        .isEqualTo(Failure.CONFIG_INVALID);
    assertThatThrownBy(() -> Naming.of("direct", 5, true))
        .hasMessage(
            "Cannot shorten names: the longest name is too short: 5"
                + " (allow at least 6 characters)");
  }

  @Test
  void tagsAreThoseOfDlt() {
    assertThat(Naming.tag("a")).isEqualTo("hcjeia");
    assertThat(Naming.tag("hello world")).isEqualTo("opfz8a");
    assertThat(Naming.tag("x".repeat(70))).isEqualTo("uaqhmq");
    assertThat(Naming.tag("Y".repeat(64))).isEqualTo("1cwt9q");
  }

  @Test
  void longNamesKeepBothEndsAndATag() {
    Naming sixtyThree = Naming.of("snake_case", 63, true);
    assertThat(sixtyThree.key("x".repeat(63))).isEqualTo("x".repeat(63));
    assertThat(sixtyThree.key("x".repeat(70)))
        .isEqualTo("x".repeat(29) + "uaqhmq" + "x".repeat(28));
    assertThat(sixtyThree.key("Y".repeat(64)))
        .isEqualTo("y".repeat(29) + "1cwt9q" + "y".repeat(28));
    assertThat(
            sixtyThree.key(
                "thisIsAVeryLongColumnNameThatIsCamelCasedAndGoesBeyondTheLimitOfPostgres"))
        .isEqualTo("this_is_a_very_long_column_na8mitlgbeyond_the_limit_of_postgres");
    Naming sixteen = Naming.of("snake_case", 16, true);
    assertThat(sixteen.key("abcdefghijklmnopqrstuvwxyz")).isEqualTo("abcdelhyrnavwxyz");
    assertThat(sixteen.key("aaaaaaaaaa__bbbbbbbbbb__cccccccccc")).isEqualTo("aaaaarannlaccccc");
    assertThat(Naming.of("snake_case", 10, true).key("abcdefghijklmnopqrstuvwxyz"))
        .isEqualTo("ablhyrnayz");
  }

  @Test
  void joinedNamesAreShortenedOnceFromTheWholePath() {
    Naming n = Naming.of("snake_case", 63, true);
    assertThat(n.join("tt__" + "a".repeat(40), "b".repeat(40)))
        .isEqualTo("tt__" + "a".repeat(25) + "ni40ig" + "b".repeat(28));
    assertThat(n.join("p".repeat(61), "q"))
        .isEqualTo("p".repeat(29) + "mia95a" + "p".repeat(25) + "__q");
    assertThat(n.join("v".repeat(60), "v_text"))
        .isEqualTo("v".repeat(29) + "uscbzq" + "v".repeat(20) + "__v_text");
    String w = "w".repeat(30);
    assertThat(n.join(w + "__" + w, w)).isEqualTo("w".repeat(29) + "akvqxq" + "w".repeat(28));
    Naming twenty = Naming.of("snake_case", 20, true);
    assertThat(twenty.join("t__list_of_things", "inner_list_of_things"))
        .isEqualTo("t__listvqdncg_things");
    assertThat(twenty.join("t__list_of_things__inner_list_of_things", "deep"))
        .isEqualTo("t__list83vwbqs__deep");
  }

  @Test
  void lengthsCountCodePoints() {
    Naming direct = Naming.of("direct", 10, true);
    assertThat(direct.key("😀".repeat(10))).isEqualTo("😀".repeat(10));
    String cut = direct.key("😀".repeat(11));
    assertThat(cut.codePointCount(0, cut.length())).isEqualTo(10);
    assertThat(cut).startsWith("😀😀").endsWith("😀😀");
  }

  @Test
  void normalizedNamesStayAsTheyAreAndNothingThrows() {
    Random random = new Random(42);
    String alphabet = "aB_1-+ é\t$😀٣Z__.\ud800";
    for (int i = 0; i < 50_000; i++) {
      StringBuilder raw = new StringBuilder();
      for (int n = random.nextInt(30); n > 0; n--) {
        raw.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      for (String convention : new String[] {"snake_case", "sql_ci_v1", "duck_case", "direct"}) {
        for (int max : new int[] {8, 20, UNLIMITED}) {
          Naming naming = Naming.of(convention, max, i % 2 == 0);
          String once = naming.key(raw.toString());
          assertThat(once.codePointCount(0, once.length())).isLessThanOrEqualTo(max);
          if (max == UNLIMITED
              && convention.equals("snake_case")
              && i % 2 == 0
              && !once.contains("___")) {
            assertThat(naming.key(once)).as("%s", raw).isEqualTo(once);
          }
        }
      }
    }
  }
}
