package io.unfreed.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NamePatternTest {
  /** What it means, as a regular expression. */
  private static Pattern meaning(String text) {
    boolean begins = text.startsWith("^");
    String rest = begins ? text.substring(1) : text;
    boolean ends = rest.endsWith("$") && text.length() > 1;
    String middle = ends ? rest.substring(0, rest.length() - 1) : rest;
    String pieces =
        Stream.of(middle.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
    return Pattern.compile((begins ? "^" : "") + pieces + (ends ? "\\z" : ""), Pattern.DOTALL);
  }

  @Test
  void shouldFindWhatARegularExpressionFindsWhenBothAreRandom() {
    Random random = new Random(3);
    int found = 0;
    for (int i = 0; i < 200_000; i++) {
      String pattern = text(random, "ab*", 6);
      pattern = (random.nextInt(4) == 0 ? "^" : "") + pattern + (random.nextInt(4) == 0 ? "$" : "");
      String name = text(random, "abc", 9);
      boolean expected = meaning(pattern).matcher(name).find();
      assertThat(new NamePattern(pattern).isFoundIn(name))
          .as(pattern + " in " + name)
          .isEqualTo(expected);
      found += expected ? 1 : 0;
    }
    assertThat(found).isBetween(20_000, 180_000);
  }

  /** A regular expression tries every way to part such a name. */
  @Test
  void shouldGiveUpSoonWhenAPatternHasManyStars() {
    String pattern = "*a".repeat(40) + "!";
    assertThat(new NamePattern(pattern).isFoundIn("a".repeat(100_000))).isFalse();
  }

  private static String text(Random random, String letters, int most) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(most); i >= 0; i--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }
}
