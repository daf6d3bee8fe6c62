package io.unfreed.render.trace;

import java.util.Locale;

/** Spans of time for people: three digits at least, in the unit that fits. */
final class Spans {
  private static final String[] UNITS = {"ns", "us", "ms", "s"};

  private Spans() {}

  static String text(long nanos) {
    double value = nanos;
    int unit = 0;
    while (value >= 1000 && unit < UNITS.length - 1) {
      value /= 1000;
      unit++;
    }
    int digits = unit == 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + digits + "f %s", value, UNITS[unit]);
  }
}
