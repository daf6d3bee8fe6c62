package io.unfreed.streams.query;

import java.util.Comparator;

/**
 * A named moment of an incarnation.
 *
 * @param incarnationKey session and incarnation
 * @param label the name
 * @param atNanos session time, as stamped; a stamp before the start is the start
 */
public record Mark(String incarnationKey, String label, long atNanos) {
  /** By time, then name, then incarnation; a mark that several lanes have is one. */
  public static final Comparator<Mark> ORDER =
      Comparator.comparingLong(Mark::atNanos)
          .thenComparing(Mark::label)
          .thenComparing(Mark::incarnationKey);

  public Mark {
    atNanos = Math.max(0, atNanos);
  }
}
