package io.unfreed.streams.lane;

import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Ticks in which nothing of a lane changed. Where many lanes are silent, such ticks are held back
 * and stated together, one behind the other, as soon as there is anything else to say, and after a
 * minute at the latest: what each of them costs is a batch that is read. Which are held back
 * depends on the lanes and their batches only, so a restart knows it again.
 *
 * <p>Not thread-safe.
 */
public final class QuietTicks {
  /** Ticks that are stated together at most; readers trust no record that claims more. */
  public static final int MOST = 64;

  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(60);

  /**
   * The first tick behind a batch with events has their numbers, the second nothing new: verdicts
   * may change with it. Nothing changes any more in those that follow.
   */
  private static final int STATED = 2;

  private static final int SNAPSHOT_VERSION = 1;

  private BooleanSupplier areHeldBack = () -> false;

  /** Of the batch that is being applied. */
  private boolean isSilent;

  /** Ticks that passed since something last happened, up to one more than are stated. */
  private int passed;

  /** Of those held back; 0 when there are none. */
  private long first;

  private long last;

  QuietTicks() {}

  /** Whether there are lanes enough to hold ticks back, asked at each. */
  void holdBackIf(BooleanSupplier areMany) {
    areHeldBack = areMany;
  }

  /** Something is about to happen; ticks that were held back have been stated. */
  void interrupt() {
    isSilent = false;
    passed = 0;
    first = 0;
    last = 0;
  }

  /** A batch is applied that only says that time has passed. */
  void silence() {
    isSilent = true;
  }

  /**
   * Whether a batch without events, and without missing ones before it, says nothing but the time.
   * Ticks of several lanes wait for one another, so those are stated as they pass.
   */
  static boolean isSilent(BatchHeader before, BatchHeader batch) {
    return before != null
        && batch.laneCount() == 1
        && before.laneCount() == 1
        && before.filtered() == batch.filtered()
        && before.process().equals(batch.process());
  }

  /** A tick passes: whether it can be held back. */
  boolean pass() {
    if (!isSilent) {
      return false;
    }
    passed = Math.min(passed, STATED) + 1;
    return passed > STATED && areHeldBack.getAsBoolean();
  }

  /** Whether a tick is the next behind those held back: a boundary that was skipped is no tick. */
  boolean isNext(long tick) {
    return first == 0 || tick == last + 1;
  }

  void hold(long tick) {
    first = first == 0 ? tick : first;
    last = tick;
  }

  boolean isFull(long tickNanos) {
    long count = last - first + 1;
    return count >= MOST || count >= MOST_NANOS / tickNanos;
  }

  /** The first tick that is held back; 0 when none is. */
  long first() {
    return first;
  }

  /** The last tick that is held back. */
  long last() {
    return last;
  }

  /** Those held back are stated. */
  void stated() {
    first = 0;
    last = 0;
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(passed);
    out.put(first);
    out.put(last);
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "quiet ticks");
    passed = in.getInt();
    first = in.getLong();
    last = in.getLong();
  }
}
