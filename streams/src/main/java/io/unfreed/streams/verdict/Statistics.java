package io.unfreed.streams.verdict;

import java.util.Arrays;

/** The few statistics that a judgement needs; each is tested against known values. */
final class Statistics {
  /** 95 % of a normal distribution lies below so many deviations: 90 % between both sides. */
  static final double NINETY_PERCENT = 1.6448536269514722;

  private static final long EXACT_TRIALS = 2000;

  private Statistics() {}

  /** The probability of at most {@code successes} in so many throws of a fair coin. */
  static double binomialTail(long trials, long successes) {
    if (successes >= trials) {
      return 1;
    }
    if (successes < 0) {
      return 0;
    }
    if (trials > EXACT_TRIALS) { // with a half: between k and k + 1
      return normalTail((trials / 2.0 - successes - 0.5) / Math.sqrt(trials / 4.0));
    }
    double log = -trials * Math.log(2);
    double sum = Math.exp(log);
    for (long k = 1; k <= successes; k++) {
      log += Math.log((double) (trials - k + 1) / k);
      sum += Math.exp(log);
    }
    return Math.min(1, sum);
  }

  /** The probability of at least {@code successes}, each of which has the given probability. */
  static double binomialHead(int trials, int successes, double probability) {
    if (successes <= 0 || probability >= 1) {
      return 1;
    }
    if (probability <= 0) {
      return 0;
    }
    double odds = Math.log(probability) - Math.log1p(-probability);
    double log = trials * Math.log1p(-probability);
    double sum = 0;
    for (int k = 1; k <= trials; k++) {
      log += odds + Math.log((double) (trials - k + 1) / k);
      sum += k < successes ? 0 : Math.exp(log);
    }
    return Math.min(1, sum);
  }

  /** The probability of a standard normal value above z. */
  static double normalTail(double z) {
    if (z < 0) {
      return 1 - normalTail(-z);
    }
    // Abramowitz and Stegun, 26.2.17: wrong by less than 7.5e-8
    double t = 1 / (1 + 0.2316419 * z);
    double poly =
        t
            * (0.319381530
                + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * poly;
  }

  /**
   * Mann-Kendall: how probable a series without a trend would rise as clearly as this one. The
   * normal approximation, with the correction for ties; 1 where nothing rises.
   */
  static double risingProbability(double... series) {
    long s = 0;
    for (int i = 0; i < series.length; i++) {
      for (int k = i + 1; k < series.length; k++) {
        s += (long) Math.signum(series[k] - series[i]);
      }
    }
    double variance = kendallVariance(series);
    return s <= 0 || variance <= 0 ? 1 : normalTail((s - 1) / Math.sqrt(variance));
  }

  /** The same for a fall. */
  static double fallingProbability(double... series) {
    double[] mirrored = new double[series.length];
    for (int i = 0; i < series.length; i++) {
      mirrored[i] = -series[i];
    }
    return risingProbability(mirrored);
  }

  /** A slope, and where it lies with 90 % confidence. */
  record Slope(double low, double middle, double high) {}

  /** Theil-Sen: the median of the slopes between all pairs, with Kendall's interval. */
  static Slope slope(double[] x, double[] y) {
    int n = x.length;
    double[] slopes = new double[n * (n - 1) / 2];
    int count = 0;
    for (int i = 0; i < n; i++) {
      for (int k = i + 1; k < n; k++) {
        slopes[count++] = (y[k] - y[i]) / (x[k] - x[i]);
      }
    }
    Arrays.sort(slopes);
    double middle =
        count % 2 == 1 ? slopes[count / 2] : (slopes[count / 2 - 1] + slopes[count / 2]) / 2;
    double ranks = NINETY_PERCENT * Math.sqrt(n * (n - 1.0) * (2.0 * n + 5) / 18);
    int low = (int) Math.clamp(Math.round((count - ranks) / 2) - 1, 0L, count - 1L);
    int high = (int) Math.clamp(Math.round((count + ranks) / 2), 0L, count - 1L);
    return new Slope(slopes[low], middle, slopes[high]);
  }

  /**
   * How far the mean of half as many values to come may lie from the mean of these, in 9 of 10
   * cases: what is foretold is mostly nearer than what was seen is long. Student's quantile by its
   * expansion, which is right to 2 % from 4 values on.
   */
  static double spread(double... values) {
    int n = values.length;
    double mean = Arrays.stream(values).average().orElse(0);
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    double z = NINETY_PERCENT;
    double f = n - 1.0;
    double student =
        z
            + (z * z * z + z) / (4 * f)
            + (5 * Math.pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * f * f);
    return student * Math.sqrt(squares / f * 3 / n);
  }

  /** The probability that a chi-square value with so many degrees of freedom is at most x. */
  static double chiSquareBelow(double x, int freedom) {
    if (x <= 0) {
      return 0;
    }
    double a = freedom / 2.0;
    double half = x / 2;
    if (half > a + 50 + 10 * Math.sqrt(a)) {
      return 1;
    }
    // the series of the lower incomplete gamma function
    double term = Math.exp(a * Math.log(half) - half - logGammaOfHalves(freedom + 2));
    double sum = term;
    for (int n = 1; n < 100_000 && term > sum * 1e-12; n++) {
      term *= half / (a + n);
      sum += term;
    }
    return Math.min(1, sum);
  }

  /** Logarithm of gamma(n / 2). */
  private static double logGammaOfHalves(int n) {
    double log = n % 2 == 0 ? 0 : Math.log(Math.PI) / 2;
    for (int k = n % 2 == 0 ? 2 : 1; k < n; k += 2) {
      log += Math.log(k / 2.0);
    }
    return log;
  }

  private static double kendallVariance(double... series) {
    int n = series.length;
    double variance = n * (n - 1.0) * (2.0 * n + 5);
    double[] sorted = series.clone();
    Arrays.sort(sorted);
    int run = 1;
    for (int i = 1; i <= n; i++) {
      if (i < n && sorted[i] == sorted[i - 1]) {
        run++;
      } else {
        variance -= run * (run - 1.0) * (2.0 * run + 5);
        run = 1;
      }
    }
    return variance / 18;
  }
}
