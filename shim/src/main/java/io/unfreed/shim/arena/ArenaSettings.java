package io.unfreed.shim.arena;

/**
 * How an arena is used.
 *
 * @param followChildren children register too
 * @param freeStacks the stack of each free is recorded
 * @param dropWhenFull a full ring drops at once instead of waiting
 * @param waitNanos how long a full ring is waited for
 * @param backlogBytes memory at most for what has been recorded and not been read yet, beyond a
 *     ring for each thread
 * @param attached made for one process that runs already
 */
public record ArenaSettings(
    boolean followChildren,
    boolean freeStacks,
    boolean dropWhenFull,
    long waitNanos,
    long backlogBytes,
    boolean attached) {
  public static final long DEFAULT_WAIT_NANOS = 10_000_000_000L;
  public static final long DEFAULT_BACKLOG_BYTES = 256L << 20;

  public ArenaSettings {
    if (waitNanos < 0) {
      throw new IllegalArgumentException("a wait of " + waitNanos + " ns");
    }
  }

  int flags(boolean tsc, boolean membarrier) {
    return (followChildren ? ArenaLayout.FLAG_FOLLOW : 0)
        | (freeStacks ? ArenaLayout.FLAG_FREE_STACKS : 0)
        | (dropWhenFull ? ArenaLayout.FLAG_DROP : 0)
        | (tsc ? ArenaLayout.FLAG_TSC : 0)
        | (membarrier ? 0 : ArenaLayout.FLAG_NO_MEMBARRIER)
        | (attached ? ArenaLayout.FLAG_ATTACHED : 0);
  }
}
