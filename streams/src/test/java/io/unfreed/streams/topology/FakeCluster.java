package io.unfreed.streams.topology;

import io.unfreed.streams.snapshot.Snapshot;
import io.unfreed.streams.snapshot.SnapshotHeader;
import io.unfreed.streams.snapshot.SnapshotRecords;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.errors.TimeoutException;

/** The brokers of a test: what is retained and committed, and the compacted topic of snapshots. */
final class FakeCluster implements SnapshotCluster {
  UUID topicId = new UUID(7, 9);
  long begin;
  Long committed;
  boolean isAway;
  boolean isUnstable;
  boolean isTopicAway;
  final Map<String, byte[]> topic = new LinkedHashMap<>();

  void write(SnapshotRecords.Entry entry) {
    topic.put(entry.key(), entry.value());
  }

  @Override
  public EventLog eventLog(int partition) {
    if (isAway) {
      throw new IllegalStateException("no broker answers");
    }
    if (isUnstable) {
      throw new TimeoutException("a transaction is not done yet");
    }
    return new EventLog(topicId, begin, committed);
  }

  @Override
  public Stored newest(int partition) {
    if (isTopicAway) {
      throw new TimeoutException("the topic of snapshots has no leader");
    }
    byte[] manifest = topic.get(SnapshotRecords.manifestKey(partition));
    return manifest == null ? null : new OnTopic(topic, SnapshotHeader.of(manifest));
  }

  private record OnTopic(Map<String, byte[]> topic, SnapshotHeader header) implements Stored {
    @Override
    public Snapshot read() {
      SnapshotRecords.Assembly assembly = new SnapshotRecords.Assembly(header);
      topic.forEach(assembly::add);
      Snapshot whole = assembly.whole();
      if (whole == null) {
        throw new IllegalStateException("torn");
      }
      return whole;
    }
  }
}
