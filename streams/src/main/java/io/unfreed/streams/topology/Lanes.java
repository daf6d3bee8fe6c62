package io.unfreed.streams.topology;

import io.unfreed.streams.lane.LaneBudget;
import io.unfreed.streams.lane.LaneOptions;
import io.unfreed.streams.lane.LaneState;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.query.Mark;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/**
 * The lanes of a partition, as long as records of them are retained: those that go on with their
 * ledgers, of those that have ended only that. Not thread-safe.
 */
final class Lanes {
  /** The offset of a record that is restored is not known. */
  static final long UNKNOWN = -1;

  /** The second has the marks behind the lanes. */
  private static final int SNAPSHOT_VERSION = 2;

  private static final int WITHOUT_MARKS = 1;

  /**
   * A silent lane is heard of once a minute when at least so many others are as lively as it: for
   * fewer it is not worth while that somebody who looks at one of them waits. Lanes of recorders
   * that were killed are retained, but not lively.
   */
  static final int FEW = 64;

  /** Every lane is heard of at once, however many there are. */
  static final int NEVER = Integer.MAX_VALUE;

  private static final class Live {
    final LaneState state;
    long lastOffset = UNKNOWN;

    /** When it was last heard of, as a number that rises with every record. */
    long heard;

    /** When it was heard of the time before. */
    long heardBefore;

    Live(LaneState state) {
      this.state = state;
    }
  }

  private final LaneStatement.Listener listener;
  private final LaneBudget budget;
  private final int few;

  /** Those heard of last at the end. They are written down in this order, and come back in it. */
  private final LinkedHashMap<String, Live> live = new LinkedHashMap<>(16, 0.75f, true);

  private final EndedLanes ended = new EndedLanes();
  private final SessionMarks marks = new SessionMarks();

  /** Behind the records that had come when the lanes were tidied last. */
  private long tidiedOffset = UNKNOWN;

  /** Of the lane that was heard of last. */
  private long lastHeard;

  /** No lanes; {@code listener} hears what they state. */
  Lanes(LaneStatement.Listener listener) {
    this(listener, LaneBudget.unlimited(), FEW);
  }

  /**
   * The same with a budget that the lanes share with others.
   *
   * @param few with at least so many others, silent lanes are heard of once a minute
   */
  Lanes(LaneStatement.Listener listener, LaneBudget budget, int few) {
    this.listener = listener;
    this.budget = budget;
    this.few = few;
  }

  /** A lane that goes on, or begins with the record at an offset; null when it has ended. */
  LaneState going(String key, long offset) {
    Live known = live.get(key);
    if (known == null) {
      if (ended.holds(key)) {
        ended.add(key, offset);
        return null;
      }
      known = newLane(key);
      live.put(key, known);
    }
    known.lastOffset = offset;
    known.heardBefore = known.heard;
    known.heard = ++lastHeard;
    return known.state;
  }

  /** What each lane of a session that goes on amounts to; by the session's id and a slash. */
  List<LaneStatement> goingOn(String sessionPrefix) {
    List<LaneStatement> whole = new ArrayList<>();
    live.forEach((key, lane) -> {
      LaneStatement statement = key.startsWith(sessionPrefix) ? lane.state.whole() : null;
      if (statement != null) {
        whole.add(statement);
      }
    });
    return whole;
  }

  /** Hashes of the lanes of a session that have ended, see {@link EndedLanes#laneHash}. */
  List<Long> endedOf(String sessionPrefix) {
    return ended.ofSession(sessionPrefix);
  }

  /** Named moments of the lanes here. */
  SessionMarks marks() {
    return marks;
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

  /** Forgets the lanes of a session: what comes of them begins anew. */
  void forget(String sessionPrefix) {
    live.entrySet()
        .removeIf(lane -> {
          boolean isForgotten = lane.getKey().startsWith(sessionPrefix);
          if (isForgotten) {
            lane.getValue().state.release();
          }
          return isForgotten;
        });
    ended.forgetSession(sessionPrefix);
    marks.retain(session -> !sessionPrefix.equals(session + "/"));
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
    live.values().removeIf(lane -> isForgotten(lane, beginOffset));
    Set<String> going = new HashSet<>();
    live.keySet().forEach(key -> going.add(key.substring(0, Math.max(0, key.indexOf('/')))));
    marks.retain(session -> going.contains(session) || !ended.ofSession(session + "/").isEmpty());
    tidiedOffset = nextOffset;
  }

  private static boolean isForgotten(Live lane, long beginOffset) {
    if (lane.lastOffset >= beginOffset) {
      return false;
    }
    lane.state.release();
    return true;
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
    live.values().forEach(lane -> lane.state.release());
    live.clear();
    ended.clear();
    marks.clear();
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
    marks.snapshotTo(out);
  }

  void restoreFrom(SnapshotIn in) {
    int version = in.getVersion(SNAPSHOT_VERSION, "lanes");
    for (int count = in.getCount(); count > 0; count--) {
      String key = in.getText();
      Live lane = newLane(key);
      lane.lastOffset = in.getLong();
      lane.heard = ++lastHeard;
      lane.state.restoreFrom(in);
      live.put(key, lane);
    }
    ended.restoreFrom(in);
    if (version > WITHOUT_MARKS) {
      marks.restoreFrom(in);
    } else if (!live.isEmpty() || ended.size() > 0) {
      marks.areUnknown();
    }
  }

  private Live newLane(String key) {
    LaneState state = new LaneState(LaneOptions.TOPOLOGY, listener, budget);
    int slash = key.indexOf('/');
    String session = slash < 0 ? key : key.substring(0, slash);
    int second = key.indexOf('/', slash + 1);
    String incarnation = second < 0 ? key : key.substring(0, second);
    Live lane = new Live(state);
    state.holdBackQuietTicks(() -> isOneOfMany(lane));
    state.hearMarks((label, atNanos) -> marks.add(session, new Mark(incarnation, label, atNanos)));
    return lane;
  }

  /**
   * Whether many others were heard of between the last two records of a lane. It depends on the
   * records since the first of these only, so that a restart knows it again, whatever is retained.
   */
  private boolean isOneOfMany(Live lane) {
    if (live.size() <= few) {
      return false;
    }
    int others = 0;
    for (Live other : live.sequencedValues().reversed()) {
      if (other.heard < lane.heardBefore) {
        return false;
      }
      if (other != lane && ++others == few) {
        return true;
      }
    }
    return false;
  }
}
