package io.unfreed.streams.topology;

import io.unfreed.streams.lane.LaneOptions;
import io.unfreed.streams.lane.LaneState;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.HashMap;
import java.util.Map;

/**
 * The lanes of a partition, as long as records of them are retained: those that go on with their
 * ledgers, of those that have ended only that. Not thread-safe.
 */
final class Lanes {
  /** The offset of a record that is restored is not known. */
  static final long UNKNOWN = -1;

  private static final int SNAPSHOT_VERSION = 1;

  private static final class Live {
    final LaneState state;
    long lastOffset = UNKNOWN;

    Live(LaneState state) {
      this.state = state;
    }
  }

  private final LaneStatement.Listener listener;
  private final Map<String, Live> live = new HashMap<>();
  private final EndedLanes ended = new EndedLanes();

  /** Behind the records that had come when the lanes were tidied last. */
  private long tidiedOffset = UNKNOWN;

  /** No lanes; {@code listener} hears what they state. */
  Lanes(LaneStatement.Listener listener) {
    this.listener = listener;
  }

  /** A lane that goes on, or begins with the record at an offset; null when it has ended. */
  LaneState going(String key, long offset) {
    Live known = live.get(key);
    if (known == null) {
      if (ended.holds(key)) {
        ended.add(key, offset);
        return null;
      }
      known = new Live(newLane());
      live.put(key, known);
    }
    known.lastOffset = offset;
    return known.state;
  }

  /** A lane that goes on; null for any other. */
  LaneState known(String key) {
    Live known = live.get(key);
    return known == null ? null : known.state;
  }

  /** Of a lane that has ended by its last record, nothing but that is kept. */
  void forgetIfEnded(String key) {
    Live known = live.get(key);
    if (known != null && known.state.ended()) {
      ended.add(key, known.lastOffset);
      live.remove(key);
    }
  }

  /** Lanes of which a restart would find events that it has not seen: they state all again. */
  void restoredBehindRetention() {
    live.values().forEach(lane -> lane.state.restored(true));
  }

  /**
   * Forgets the lanes of which no record is retained any more, as a restart would, and lets those
   * rest that nothing came for since the last call: their recorder may have been killed.
   *
   * @param beginOffset of the oldest record that is retained
   * @param nextOffset behind the last record that came
   */
  void tidy(long beginOffset, long nextOffset) {
    ended.knownBefore(nextOffset);
    ended.forgetBefore(beginOffset);
    for (Live lane : live.values()) {
      lane.lastOffset = lane.lastOffset == UNKNOWN ? nextOffset - 1 : lane.lastOffset;
      if (lane.lastOffset < tidiedOffset) {
        lane.state.rest();
      }
    }
    live.values().removeIf(lane -> lane.lastOffset < beginOffset);
    tidiedOffset = nextOffset;
  }

  /** Lanes that go on. */
  int goingOn() {
    return live.size();
  }

  /** Lanes that are known to have ended. */
  int ended() {
    return ended.size();
  }

  void clear() {
    live.clear();
    ended.clear();
    tidiedOffset = UNKNOWN;
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(live.size());
    live.forEach((key, lane) -> {
      out.put(key);
      out.put(lane.lastOffset);
      lane.state.snapshotTo(out);
    });
    ended.snapshotTo(out);
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "lanes");
    for (int count = in.getCount(); count > 0; count--) {
      String key = in.getText();
      Live lane = new Live(newLane());
      lane.lastOffset = in.getLong();
      lane.state.restoreFrom(in);
      live.put(key, lane);
    }
    ended.restoreFrom(in);
  }

  private LaneState newLane() {
    return new LaneState(LaneOptions.TOPOLOGY, listener);
  }
}
