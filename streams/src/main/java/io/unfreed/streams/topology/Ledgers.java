package io.unfreed.streams.topology;

import io.unfreed.schemas.text.Printable;
import io.unfreed.schemas.topic.Forgetting;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.BatchVersions;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordKeys;
import io.unfreed.schemas.wire.WriterSchemas;
import io.unfreed.streams.lane.LaneBudget;
import io.unfreed.streams.lane.LaneState;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lanes of a partition, fed record by record. Not thread-safe. */
final class Ledgers {
  private static final Logger LOG = LoggerFactory.getLogger(Ledgers.class);
  private static final int SNAPSHOT_VERSION = 1;

  /** What restored records follow. */
  enum Since {
    /** The begin of what is retained: more may have been stated than is known now. */
    BEGIN,
    /** A snapshot, which knows everything that was stated before. */
    SNAPSHOT,
    /** A snapshot, but records are missing between. */
    GAP
  }

  private final List<LaneStatement> statements = new ArrayList<>();
  private final Lanes lanes;
  private final EventCursor cursor = new EventCursor();
  private final BatchVersions versions;
  private String rejection;

  /**
   * No lanes yet; batches of later versions are read by the schemas that are found there.
   *
   * @param few as {@link Lanes} takes it
   */
  Ledgers(WriterSchemas later, LaneBudget budget, int few) {
    lanes = new Lanes(statements::add, budget, few);
    versions = new BatchVersions(later);
  }

  /** The same of a record whose offset is not known. */
  void apply(String key, byte[] value) {
    apply(key, value, Lanes.UNKNOWN);
  }

  /**
   * Applies a record's batch; what the lane then states is kept for {@link #takeStatements}, why it
   * could not be read for {@link #takeRejection}.
   *
   * @param offset the record's; {@link Lanes#UNKNOWN} when it is restored
   */
  void apply(String key, byte[] value, long offset) {
    String forgotten = Forgetting.prefix(key, value);
    if (forgotten != null) {
      lanes.forget(forgotten);
      return;
    }
    try {
      versions.read(value, cursor);
      LaneKey lane = cursor.header().key();
      RecordKeys.check(key, cursor.header());
      LaneState state = lanes.going(key, offset);
      if (state == null) {
        repeated(cursor.header());
        return;
      }
      long missing = state.missingEvents();
      long bounded = state.boundedSizes();
      boolean understood = state.unknownEvents() == 0;
      boolean whole = !state.hasGivenUp();
      LaneState.Outcome outcome = state.accept(cursor);
      if (whole && state.hasGivenUp()) {
        LOG.warn(
            "lane {}: has more outstanding blocks than its share of the heap; its numbers stay as they"
                + " are, everything behind counts as lost, nothing of it is certain",
            printable(lane));
      }
      report(lane, state.missingEvents() - missing, outcome);
      if (state.boundedSizes() > bounded) {
        LOG.warn("lane {}: {} sizes were cut", printable(lane), state.boundedSizes() - bounded);
      }
      if (understood && state.unknownEvents() > 0) {
        LOG.warn(
            "lane {}: has events of kinds not known here, a newer Unfreed may know them: skipped;"
                + " those that may be about blocks are counted as lost",
            printable(lane));
      }
      lanes.forgetIfEnded(key);
    } catch (MalformedBatchException e) {
      rejection = e.getMessage();
    }
  }

  /** What comes for a lane that has ended changes nothing; somebody may have asked. */
  private void repeated(BatchHeader header) {
    if (header.isMarker()) {
      statements.add(LaneStatement.ofEnded(header));
    }
  }

  List<LaneStatement> takeStatements() {
    List<LaneStatement> taken = List.copyOf(statements);
    statements.clear();
    return taken;
  }

  /** Why the last record was no batch; null when it was one. */
  String takeRejection() {
    String taken = rejection;
    rejection = null;
    return taken;
  }

  /**
   * Applies a record whose statements were published before.
   *
   * @param since what the records follow
   */
  void restore(String key, byte[] value, Since since) {
    apply(key, value, Lanes.UNKNOWN);
    // A lane that was not heard of stays where it is among the others.
    LaneState lane = rejection == null ? lanes.known(key) : null;
    rejection = null;
    statements.clear();
    if (lane != null && since != Since.SNAPSHOT) {
      lane.restored(since == Since.GAP);
    }
  }

  /** Records are missing behind those that were applied: nobody knows which lanes they concern. */
  void areBehind() {
    lanes.restoredBehindRetention();
  }

  /** As {@link Lanes#tidy}. */
  void tidy(long beginOffset, long nextOffset) {
    lanes.tidy(beginOffset, nextOffset);
  }

  void clear() {
    lanes.clear();
    statements.clear();
  }

  /** The lanes, for what is done with all of them. */
  Lanes lanes() {
    return lanes;
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    lanes.snapshotTo(out);
  }

  /** Takes the lanes that were written; has none if they cannot be read. */
  void restoreFrom(SnapshotIn in) {
    clear();
    try {
      in.getVersion(SNAPSHOT_VERSION, "ledgers");
      lanes.restoreFrom(in);
    } catch (RuntimeException e) {
      clear();
      throw e;
    }
  }

  private static void report(LaneKey lane, long missing, LaneState.Outcome outcome) {
    if (missing > 0) {
      LOG.warn(
          "lane {}: {} events before a batch are missing and counted as lost",
          printable(lane),
          missing);
    }
    if (outcome == LaneState.Outcome.LATE) {
      LOG.warn(
          "lane {}: a batch that was counted as lost arrived late and stays lost", printable(lane));
    }
  }

  /** Whoever publishes chooses the names, and must not write lines of a log with them. */
  private static String printable(LaneKey lane) {
    return Printable.of(lane.toString());
  }
}
