package io.unfreed.streams.topology;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One lock for each partition's report store: a statement changes many entries, and who reads them
 * from another thread must find those before it or those behind it. Thread-safe.
 */
final class TaskLocks {
  private final Map<Integer, Object> locks = new ConcurrentHashMap<>();

  /** What is held while the entries of the partition's task change, or are read together. */
  Object of(int partition) {
    return locks.computeIfAbsent(partition, p -> new Object());
  }
}
