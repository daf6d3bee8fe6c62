package io.unfreed.render;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Small plots in ASCII, which every locale can show. */
final class CharacterPlot {
  /** Columns of a plot. */
  static final int WIDTH = 64;

  private static final int HEIGHT = 5;

  private CharacterPlot() {}

  /** Columns as high as their numbers, with the highest at its row. */
  static List<String> columns(long... numbers) {
    long most = 1;
    for (long number : numbers) {
      most = Math.max(most, number);
    }
    List<String> rows = new ArrayList<>();
    for (int row = HEIGHT; row > 0; row--) {
      StringBuilder line = new StringBuilder();
      for (long number : numbers) {
        double height = (double) number * HEIGHT / most;
        line.append(height >= row ? '#' : row == 1 && number > 0 ? '.' : ' ');
      }
      rows.add(row(row == HEIGHT ? String.format(Locale.ROOT, "%,d", most) : "", line));
    }
    rows.add(row("0", axis(numbers.length)));
    return rows;
  }

  /** Shares, from 0 to 1; a colon is less than a tenth, but not nothing. */
  static List<String> shares(double... shares) {
    List<String> rows = new ArrayList<>();
    for (int row = HEIGHT; row > 0; row--) {
      double least = (row - 0.5) / HEIGHT;
      StringBuilder line = new StringBuilder();
      for (double share : shares) {
        line.append(share >= least ? '#' : row == 1 && share > 0 ? ':' : ' ');
      }
      rows.add(row(row == HEIGHT ? "100 %" : "", line));
    }
    rows.add(row("0 %", axis(shares.length)));
    return rows;
  }

  /** What stands below a plot: its first and its last value. */
  static String below(String first, String last) {
    return " ".repeat(10)
        + first
        + " ".repeat(Math.max(1, WIDTH - first.length() - last.length()))
        + last;
  }

  private static StringBuilder axis(int width) {
    return new StringBuilder().repeat("-", width);
  }

  private static String row(String label, StringBuilder line) {
    String text = String.format(Locale.ROOT, "%8s |%s", label, line);
    return text.stripTrailing();
  }
}
