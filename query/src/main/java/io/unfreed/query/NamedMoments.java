package io.unfreed.query;

import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.Mark;
import java.util.HashMap;
import java.util.Map;

/** The marks of recorded sessions by their names; of several with one name the first counts. */
public final class NamedMoments {
  private NamedMoments() {}

  /** The marks of what was read. */
  public static MomentText.MarkTimes of(LedgerSink read) {
    Map<String, Map<String, Long>> times = new HashMap<>();
    for (String session : read.sessions().keySet()) {
      LedgerRun run = read.run(session);
      Map<String, Long> ofSession = times.computeIfAbsent(session, id -> new HashMap<>());
      for (Mark mark : run.marks()) {
        ofSession.merge(mark.label(), mark.atNanos(), Math::min);
      }
    }
    return (session, label) -> times.getOrDefault(session, Map.of()).get(label);
  }
}
