package io.unfreed.collector.importer;

import java.util.Objects;

/**
 * How to import.
 *
 * @param lenient count and skip malformed lines instead of failing at the first
 * @param tickNanos tick of the session in event time; a source without time (mtrace) has none
 * @param symbolizer adds names to addresses; never changes the identity of a stack
 */
public record ImportOptions(boolean lenient, long tickNanos, Symbolizer symbolizer) {
  /** The tick of docs/contract.md: 5 s. */
  public static final long DEFAULT_TICK_NANOS = 5_000_000_000L;

  public ImportOptions {
    Objects.requireNonNull(symbolizer, "symbolizer");
    if (tickNanos <= 0) {
      throw new IllegalArgumentException("tick of " + tickNanos + " ns is not positive");
    }
  }

  /** Strict, default tick, no names. */
  public static ImportOptions defaults() {
    return new ImportOptions(false, DEFAULT_TICK_NANOS, Symbolizer.none());
  }

  /** The same, but lenient or not. */
  public ImportOptions withLenient(boolean value) {
    return new ImportOptions(value, tickNanos, symbolizer);
  }

  /** The same with another tick. */
  public ImportOptions withTickNanos(long value) {
    return new ImportOptions(lenient, value, symbolizer);
  }

  /** The same with another source of names. */
  public ImportOptions withSymbolizer(Symbolizer value) {
    return new ImportOptions(lenient, tickNanos, value);
  }
}
