package io.millrace.benchmarks;

import java.util.SplittableRandom;

/**
 * Messages in many scripts: two, three and four byte characters, escapes, surrogate pairs written
 * as escapes; hardly a text that is plain ASCII.
 */
final class UnicodeHeavy implements Generator {
  private static final String[] WORDS = {
    "水車",
    "Mühle",
    "мельница",
    "طاحونة",
    "מים",
    "風車",
    "물레방아",
    "नदी",
    "🏞",
    "👩‍🌾",
    "μύλος",
    "\\u6c34\\u8eca",
    "\\ud83c\\udfde",
    "caf\\u00e9",
    "\\n",
    "\\\"",
    "\\/",
    "água",
    "ⅷ",
    "mill"
  };

  private final SplittableRandom random;
  private final StringBuilder json = new StringBuilder(2048);

  UnicodeHeavy(SplittableRandom random) {
    this.random = random;
  }

  @Override
  public String record(long number) {
    json.setLength(0);
    json.append("{\"id\":").append(number).append(",\"von\":{\"naïve_name\":\"");
    text(2);
    json.append("\",\"straße\":\"");
    text(3);
    json.append("\"},\"text\":\"");
    text(25 + random.nextInt(20));
    json.append("\",\"título\":\"");
    text(6);
    json.append("\",\"tags\":[\"");
    text(1);
    json.append("\",\"");
    text(1);
    return json.append("\"]}").toString();
  }

  private void text(int words) {
    for (int w = 0; w < words; w++) {
      json.append(w > 0 ? " " : "").append(WORDS[random.nextInt(WORDS.length)]);
    }
  }
}
