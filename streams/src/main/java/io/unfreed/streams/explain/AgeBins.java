package io.unfreed.streams.explain;

/** Ages by four bins to each power of two, so that a bin's end is at most a quarter off. */
public final class AgeBins {
  private static final int PER_OCTAVE = 4;
  private static final int BITS = 2;

  /** So many bins hold every age. */
  public static final int COUNT = (Long.SIZE - BITS) * PER_OCTAVE;

  private AgeBins() {}

  /** The bin of an age; below 0 counts as 0. */
  public static int of(long nanos) {
    if (nanos < PER_OCTAVE) {
      return (int) Math.max(0, nanos);
    }
    int octave = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
    int within = (int) (nanos >>> (octave - BITS)) & (PER_OCTAVE - 1);
    return (octave - BITS + 1) * PER_OCTAVE + within;
  }

  /** The least age of a bin. */
  public static long from(int bin) {
    if (bin < PER_OCTAVE) {
      return bin;
    }
    int octave = bin / PER_OCTAVE + BITS - 1;
    return (long) (PER_OCTAVE + bin % PER_OCTAVE) << (octave - BITS);
  }
}
