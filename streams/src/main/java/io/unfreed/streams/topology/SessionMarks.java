package io.unfreed.streams.topology;

import io.unfreed.streams.query.Mark;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Named moments of the lanes of a partition, by session. The stages do not need them: they are kept
 * for whoever asks, so that no events have to be read for them. Not thread-safe.
 */
final class SessionMarks {
  private static final int SNAPSHOT_VERSION = 1;

  /** A program that marks each of its requests is answered from the events. */
  static final int MOST = 1000;

  /** One that has too many has one more than that. */
  private final Map<String, Set<Mark>> marks = new HashMap<>();

  /** False when marks may have passed that are not here. */
  private boolean isWhole = true;

  void add(String session, Mark mark) {
    Set<Mark> known = marks.computeIfAbsent(session, id -> new TreeSet<>(Mark.ORDER));
    if (known.size() <= MOST) {
      known.add(mark);
    }
  }

  /** The session's marks by time; null when some may be missing. */
  List<Mark> of(String session) {
    Set<Mark> known = marks.getOrDefault(session, Set.of());
    return isWhole && known.size() <= MOST ? List.copyOf(known) : null;
  }

  /** Forgets the sessions that are not known any more. */
  void retain(Predicate<String> isKnown) {
    marks.keySet().removeIf(isKnown.negate());
  }

  /** Lanes are known of whose marks nothing is. */
  void areUnknown() {
    isWhole = false;
  }

  void clear() {
    isWhole = true;
    marks.clear();
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(isWhole);
    out.put(marks.size());
    marks.forEach((session, ofSession) -> {
      out.put(session);
      out.put(ofSession.size());
      ofSession.forEach(mark -> {
        out.put(mark.incarnationKey());
        out.put(mark.label());
        out.put(mark.atNanos());
      });
    });
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "marks");
    clear();
    isWhole = in.getBoolean();
    for (int sessions = in.getCount(); sessions > 0; sessions--) {
      String session = in.getText();
      for (int count = in.getCount(); count > 0; count--) {
        add(session, new Mark(in.getText(), in.getText(), in.getLong()));
      }
    }
  }
}
