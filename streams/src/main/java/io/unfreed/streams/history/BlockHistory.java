package io.unfreed.streams.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * What became of the blocks of one process that are asked for, by time. Moves of several lanes in
 * one microsecond are in no particular order.
 *
 * @param lanes its lanes' histories
 */
public record BlockHistory(List<LaneHistory> lanes) {

  /** Copies the list. */
  public BlockHistory {
    lanes = List.copyOf(lanes);
  }

  /** How many moves there are. */
  public long moves() {
    return lanes.stream().mapToLong(LaneHistory::moves).sum();
  }

  /** Calls for every move, by time. */
  public void forEach(Consumer<BlockMove> visitor) {
    List<LaneHistory.Reader> readers = new ArrayList<>();
    lanes.forEach(lane -> readers.add(lane.reader()));
    PriorityQueue<LaneHistory.Reader> first =
        new PriorityQueue<>(
            Math.max(1, readers.size()), Comparator.comparingLong(r -> r.next().timeMicros()));
    readers.stream().filter(reader -> reader.next() != null).forEach(first::add);
    while (!first.isEmpty()) {
      LaneHistory.Reader reader = first.poll();
      reader.take(visitor);
      if (reader.next() != null) {
        first.add(reader);
      }
    }
  }
}
