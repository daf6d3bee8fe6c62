package io.unfreed.server.answer;

import java.util.LinkedHashMap;
import java.util.Map;

/** The last answers that took passes, for who can do with one that is not of now. Thread-safe. */
final class RecentReadings {
  /** What is drawn over time while it is recorded may be as old as so many passes take. */
  private static final int PASSES_OLD = 10;

  private static final int MOST_RECENT = 4;

  private final Map<Asked.Key, Recent> recent = new LinkedHashMap<>(16, 0.75f, true);

  /** The last answer to a question, when it was there and how long it took. */
  private record Recent(Reading reading, long doneNanos, long tookNanos) {
    boolean isRecent(long nowNanos) {
      return nowNanos - doneNanos < PASSES_OLD * tookNanos;
    }
  }

  /** Null when there is none that is recent enough. */
  synchronized Reading find(Asked.Key key) {
    Recent last = recent.get(key);
    return last != null && last.isRecent(System.nanoTime()) ? last.reading() : null;
  }

  /** An answer that took until now. */
  synchronized void add(Asked.Key key, Reading reading, long beganNanos) {
    long nowNanos = System.nanoTime();
    recent.put(key, new Recent(reading, nowNanos, nowNanos - beganNanos));
    if (recent.size() > MOST_RECENT) {
      recent.remove(recent.keySet().iterator().next());
    }
  }
}
