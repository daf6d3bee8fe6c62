package io.unfreed.streams.window;

/**
 * A half-open stretch of event time: from A, and before B.
 *
 * @param fromNanos session time A; {@link Long#MIN_VALUE} for the beginning
 * @param toNanos session time B; {@link Long#MAX_VALUE} for no end
 */
public record Window(long fromNanos, long toNanos) {
  /** Any time. */
  public static final Window ALWAYS = new Window(Long.MIN_VALUE, Long.MAX_VALUE);

  public Window {
    if (toNanos < fromNanos) {
      throw new IllegalArgumentException("window ends at " + toNanos + " before " + fromNanos);
    }
  }

  /** Whether a moment lies in it. */
  public boolean contains(long nanos) {
    return nanos >= fromNanos && (nanos < toNanos || toNanos == Long.MAX_VALUE);
  }
}
