package io.unfreed.collector.live;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * How a recording goes, as of half a second ago at most.
 *
 * @param events events that reached a batch
 * @param lost events that were produced and did not
 * @param bufferUsed of the memory for what is unread, the part in use; null where that is not known
 * @param queuedBytes batches that wait for who writes or sends them
 * @param processes who is recorded now, those with most events first, no more than are listed
 * @param processCount all of them
 */
public record RecorderNumbers(
    long events,
    long lost,
    Double bufferUsed,
    long queuedBytes,
    List<OfProcess> processes,
    int processCount) {
  /** Before anything was recorded. */
  static final RecorderNumbers NONE = new RecorderNumbers(0, 0, null, 0, List.of(), 0);

  /** Of a whole host's processes only those with most events are told apart. */
  private static final int MOST_PROCESSES = 200;

  /**
   * One of them.
   *
   * @param events of its in batches that were given to the sink
   */
  public record OfProcess(int tgid, String command, long events) {}

  static RecorderNumbers of(
      long events, long lost, Double bufferUsed, long queuedBytes, Collection<LiveLane> alive) {
    List<OfProcess> processes =
        alive.stream()
            .map(lane -> new OfProcess(lane.tgid, lane.command(), lane.sentEvents))
            .sorted(Comparator.comparingLong(OfProcess::events).reversed())
            .limit(MOST_PROCESSES)
            .toList();
    return new RecorderNumbers(events, lost, bufferUsed, queuedBytes, processes, alive.size());
  }
}
