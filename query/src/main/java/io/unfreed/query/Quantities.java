package io.unfreed.query;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and sizes as people write them. */
public final class Quantities {
  private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,18})([kmgt]?)(?:i?b)?");

  private Quantities() {}

  /**
   * Nanoseconds of a duration like 250ms, 5s, 10m; with a unit, may have a fraction.
   *
   * @throws UsageException when it is none
   */
  public static long nanos(String text) {
    Matcher form = DURATION.matcher(text);
    if (!form.matches()) {
      throw new UsageException("'" + text + "' is no duration: write it like 250ms, 5s or 10m");
    }
    long unit =
        switch (form.group(2)) {
          case "ns" -> 1L;
          case "us" -> 1_000L;
          case "ms" -> 1_000_000L;
          case "s" -> 1_000_000_000L;
          case "m" -> 60_000_000_000L;
          case "h" -> 3_600_000_000_000L;
          default -> 86_400_000_000_000L;
        };
    try {
      return new BigDecimal(form.group(1)).multiply(BigDecimal.valueOf(unit)).longValueExact();
    } catch (ArithmeticException e) {
      throw new UsageException("'" + text + "' is too long or finer than a nanosecond");
    }
  }

  /**
   * Bytes of a size like 4096, 64k, 1m, 2g (powers of 1024).
   *
   * @throws UsageException when it is none
   */
  public static long bytes(String text) {
    Matcher form = SIZE.matcher(text.toLowerCase(Locale.ROOT));
    if (!form.matches()) {
      throw new UsageException("'" + text + "' is no size: write it like 4096, 64k or 1m");
    }
    long unit = 1L << (10 * "kmgt".indexOf(form.group(2)) + 10);
    try {
      return Math.multiplyExact(Long.parseLong(form.group(1)), form.group(2).isEmpty() ? 1 : unit);
    } catch (ArithmeticException e) {
      throw new UsageException("'" + text + "' is larger than any size");
    }
  }
}
