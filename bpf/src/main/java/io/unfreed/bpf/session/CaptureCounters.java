package io.unfreed.bpf.session;

/**
 * The kernel side's counters, summed over CPUs, in the order of unfreed.h, and the programs the
 * kernel skipped. Exact after {@link LiveSession#detach} and a full drain.
 */
public final class CaptureCounters {
  /** One counter of unfreed.h; the order is the layout. */
  public enum Counter {
    PRODUCED,
    SUBMITTED,
    RESERVE_FAILED,
    LIVE_MAP_FULL,
    STATE_FAILED,
    READ_FAILED,
    EXIT_WITHOUT_ENTER,
    MISSING_OUTCOME,
    STALE,
    NESTED,
    EXCLUDED,
    FILTERED,
    STACK_SENT,
    STACK_SEND_FAILED,
    STACK_FAILED,
    STACK_MAP_FULL,
    STACK_SHORT,
    STACK_DEEP,
    STACK_CUT,
    PROCESS_FAILED,
    STACK_NO_MAPPING,
    STACK_NO_TABLE,
    STACK_NO_RULE,
    STACK_READ_FAULT,
    STACK_TOO_DEEP,
    STACK_MAPPINGS_BUSY
  }

  private final long[] values;
  private final long recursionMisses;

  CaptureCounters(long[] values, long recursionMisses) {
    this.values = values;
    this.recursionMisses = recursionMisses;
  }

  public long get(Counter counter) {
    return values[counter.ordinal()];
  }

  /** Programs the kernel skipped because they were already running on that CPU. */
  public long recursionMisses() {
    return recursionMisses;
  }

  /** Events that came about on the kernel side: produced = received + {@link #lost}. */
  public long produced() {
    return get(Counter.PRODUCED) + neverDecided();
  }

  /** Events that will never be received. */
  public long lost() {
    return get(Counter.RESERVE_FAILED) + get(Counter.LIVE_MAP_FULL) + neverDecided();
  }

  /** Calls that failed before the decision to emit could be taken; each may have been an event. */
  private long neverDecided() {
    return get(Counter.STATE_FAILED)
        + get(Counter.READ_FAILED)
        + get(Counter.EXIT_WITHOUT_ENTER)
        + recursionMisses;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Counter counter : Counter.values()) {
      if (get(counter) != 0) {
        text.append(counter).append('=').append(get(counter)).append(' ');
      }
    }
    return text.append("RECURSION_MISSES=").append(recursionMisses).toString();
  }
}
