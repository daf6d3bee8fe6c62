package io.unfreed.streams.lane;

import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.streams.ledger.Sums;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.TreeMap;

/**
 * Which batches of a lane arrived: sequence numbers rise by one, a repeat is dropped, a gap is
 * loss. Not thread-safe.
 */
final class SequenceTracker {
  private static final int SNAPSHOT_VERSION = 1;

  /** What a batch is to the lane. */
  enum Verdict {
    NEXT,
    REPEATED,
    LATE
  }

  /** Lost ranges, first to last sequence. */
  private final TreeMap<Long, Long> lost = new TreeMap<>();

  private long nextSequence;
  private long nextOrdinal;
  private long lastGapEvents;
  private long missingEvents;

  Verdict accept(BatchHeader header, int eventCount) {
    long sequence = header.sequence();
    if (sequence < nextSequence) {
      var range = lost.floorEntry(sequence);
      return range != null && sequence <= range.getValue() ? Verdict.LATE : Verdict.REPEATED;
    }
    if (sequence > nextSequence) {
      lost.put(nextSequence, sequence - 1);
    }
    lastGapEvents = sequence > nextSequence ? Math.max(0, header.firstOrdinal() - nextOrdinal) : 0;
    missingEvents = Sums.of(missingEvents, lastGapEvents);
    nextSequence = sequence + 1;
    nextOrdinal = Sums.of(header.firstOrdinal(), eventCount);
    return Verdict.NEXT;
  }

  /** Whether the lane's first batches never arrived. */
  boolean isHeadMissing() {
    return lost.containsKey(0L);
  }

  /** Events up to the end of the last batch, missing ones included. */
  long events() {
    return nextOrdinal;
  }

  /** Events missing right before the batch accepted last. */
  long lastGapEvents() {
    return lastGapEvents;
  }

  long missingEvents() {
    return missingEvents;
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(nextSequence);
    out.put(nextOrdinal);
    out.put(lastGapEvents);
    out.put(missingEvents);
    out.put(lost.size());
    lost.forEach((first, last) -> {
      out.put(first);
      out.put(last);
    });
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "sequences");
    nextSequence = in.getLong();
    nextOrdinal = in.getLong();
    lastGapEvents = in.getLong();
    missingEvents = in.getLong();
    for (int count = in.getCount(); count > 0; count--) {
      lost.put(in.getLong(), in.getLong());
    }
  }
}
