package io.unfreed.streams.topology;

import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.query.Mark;
import java.util.List;
import java.util.Map;

/**
 * What one task of the service knows of a session.
 *
 * @param partition the task's, of the events and of the statements
 * @param nextOffset the events before it are in this
 * @param lanes lanes that go on, with every stack, as of their last event
 * @param endedLanes those whose end the match stage has seen, by {@link EndedLanes#laneHash}
 * @param marks named moments of both; null when some may be missing
 * @param merged entries of the report store, by key
 */
public record TaskShare(
    int partition,
    long nextOffset,
    List<LaneStatement> lanes,
    List<Long> endedLanes,
    List<Mark> marks,
    Map<String, byte[]> merged) {
  /** An entry's key, and its places in tables; its value comes on top, read it is four times it. */
  private static final long BYTES_PER_ENTRY = 200;

  private static final int READ = 4;

  public TaskShare {
    lanes = List.copyOf(lanes);
    endedLanes = List.copyOf(endedLanes);
    marks = marks == null ? null : List.copyOf(marks);
  }

  /** Memory that an answer needs which is made of this, roughly. */
  public long heldBytes() {
    long bytes = (endedLanes.size() + (marks == null ? 0 : marks.size())) * BYTES_PER_ENTRY;
    for (LaneStatement lane : lanes) {
      bytes += lane.heldBytes();
    }
    for (byte[] value : merged.values()) {
      bytes += BYTES_PER_ENTRY + READ * (long) value.length;
    }
    return bytes;
  }

  TaskShare withMerged(Map<String, byte[]> entries) {
    return new TaskShare(partition, nextOffset, lanes, endedLanes, marks, entries);
  }
}
