package io.unfreed.streams.topology;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.ThreadMetadata;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreType;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.internals.StateStoreProvider;

/** What the tasks of this instance know, asked of Kafka Streams while their threads go on. */
final class LocalShares {
  /** The ledgers are no store of Kafka's own. */
  private static final class LedgersType implements QueryableStoreType<LedgerStore> {
    @Override
    public boolean accepts(StateStore store) {
      return store instanceof LedgerStore;
    }

    @Override
    public LedgerStore create(StateStoreProvider provider, String name) {
      List<LedgerStore> stores = provider.stores(name, this);
      if (stores.isEmpty()) {
        throw new InvalidStateStoreException("the task has left");
      }
      return stores.getFirst();
    }
  }

  private final KafkaStreams streams;
  private final TaskLocks locks;

  LocalShares(KafkaStreams streams, TaskLocks locks) {
    this.streams = streams;
    this.locks = locks;
  }

  /** Of every task that runs here now; those that come or go are left out. */
  List<TaskShare> of(String session) {
    List<TaskShare> shares = new ArrayList<>();
    for (int partition : partitions()) {
      try {
        shares.add(of(session, partition));
      } catch (InvalidStateStoreException e) {
        // It is restored, or another instance's by now: who asks knows what is missing.
      }
    }
    return shares;
  }

  /** How far every task that runs here now has come, by partition of the events. */
  Map<Integer, Long> reached() {
    Map<Integer, Long> reached = new TreeMap<>();
    for (int partition : partitions()) {
      try {
        reached.put(partition, ledgers(partition).reached());
      } catch (InvalidStateStoreException e) {
        // As for its share.
      }
    }
    return reached;
  }

  private LedgerStore ledgers(int partition) {
    return streams.store(
        StoreQueryParameters.fromNameAndType(Nodes.LEDGERS, new LedgersType())
            .withPartition(partition));
  }

  private TaskShare of(String session, int partition) {
    TaskShare lanes = ledgers(partition).share(session);
    ReadOnlyKeyValueStore<String, byte[]> reports =
        streams.store(
            StoreQueryParameters.fromNameAndType(
                    Nodes.REPORT_STORE, QueryableStoreTypes.<String, byte[]>keyValueStore())
                .withPartition(partition));
    Map<String, byte[]> merged = new LinkedHashMap<>();
    synchronized (locks.of(partition)) {
      try (KeyValueIterator<String, byte[]> entries =
          reports.prefixScan(StoreKeys.of(session + "/"), new StringSerializer())) {
        entries.forEachRemaining(entry -> merged.put(entry.key, entry.value));
      }
    }
    return lanes.withMerged(merged);
  }

  private Iterable<Integer> partitions() {
    TreeSet<Integer> partitions = new TreeSet<>();
    for (ThreadMetadata thread : streams.metadataForLocalThreads()) {
      for (TaskMetadata task : thread.activeTasks()) {
        partitions.add(task.taskId().partition());
      }
    }
    return partitions;
  }
}
