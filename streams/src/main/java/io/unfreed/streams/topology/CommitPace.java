package io.unfreed.streams.topology;

/**
 * When a stream thread commits for those who wait. A commit holds the thread up for about 10 ms
 * however little it commits, and covers all tasks of the thread: so the first who waits is served
 * at once, and who comes soon after that shares one commit with all others of that time. Nobody
 * waits longer than the gap and one look of the task's clock. Used by one thread; time is the
 * task's wall clock.
 */
final class CommitPace {
  /** Between two commits of a thread that were asked for. */
  static final long GAP_MILLIS = 50;

  private long committedMillis;
  private boolean hasCommitted;

  /** Whether it is time to commit again; the caller does, then. A clock set back counts as time. */
  boolean take(long nowMillis) {
    long sinceMillis = nowMillis - committedMillis;
    if (hasCommitted && sinceMillis >= 0 && sinceMillis < GAP_MILLIS) {
      return false;
    }
    hasCommitted = true;
    committedMillis = nowMillis;
    return true;
  }
}
