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
  public TaskShare {
    lanes = List.copyOf(lanes);
    endedLanes = List.copyOf(endedLanes);
    marks = marks == null ? null : List.copyOf(marks);
  }

  TaskShare withMerged(Map<String, byte[]> entries) {
    return new TaskShare(partition, nextOffset, lanes, endedLanes, marks, entries);
  }
}
