package io.unfreed.streams.topology;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Puts what a task writes into the partition of its own number: as many partitions as the topic of
 * statements has are used, and that one cannot grow, since the task's store would not grow with it.
 * So a key stays in its partition however many the topic is given later, and compaction finds its
 * former values. A task runs on one thread at a time, which tells its number before it forwards.
 */
final class TaskPlacement implements StreamPartitioner<byte[], byte[]> {
  private final ThreadLocal<Integer> partition = new ThreadLocal<>();

  /** What this thread forwards next is written by that task. */
  void of(ProcessorContext<?, ?> context) {
    partition.set(context.taskId().partition());
  }

  @Override
  public Optional<Set<Integer>> partitions(String topic, byte[] key, byte[] value, int partitions) {
    Integer own = partition.get();
    return own == null ? Optional.empty() : Optional.of(Set.of(own % partitions));
  }
}
