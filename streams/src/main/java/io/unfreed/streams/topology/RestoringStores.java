package io.unfreed.streams.topology;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/** How much is left of the stores that are being restored. Thread-safe. */
final class RestoringStores implements StateRestoreListener {
  private record Store(TopicPartition partition, String name) {}

  /** Records of each that are left. */
  private final Map<Store, Long> left = new ConcurrentHashMap<>();

  @Override
  public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
    left.put(new Store(partition, store), Math.max(0, to - from));
  }

  @Override
  public void onBatchRestored(
      TopicPartition partition, String store, long endOffset, long restored) {
    left.computeIfPresent(
        new Store(partition, store), (key, records) -> Math.max(0, records - restored));
  }

  @Override
  public void onRestoreEnd(TopicPartition partition, String store, long restored) {
    left.remove(new Store(partition, store));
  }

  @Override
  public void onRestoreSuspended(TopicPartition partition, String store, long restored) {
    left.remove(new Store(partition, store));
  }

  int stores() {
    return left.size();
  }

  long records() {
    return left.values().stream().mapToLong(Long::longValue).sum();
  }
}
