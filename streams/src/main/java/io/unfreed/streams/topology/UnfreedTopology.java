package io.unfreed.streams.topology;

import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.WriterSchemas;
import io.unfreed.streams.lane.LaneBudget;
import io.unfreed.streams.snapshot.SnapshotRecords;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Builds the topology. Two stages for allocations: match, by lane; report, by incarnation. Apart
 * from them one for traces: window, by key.
 */
public final class UnfreedTopology {
  private UnfreedTopology() {}

  /**
   * The topology.
   *
   * @param stateOnDisk report states are kept in RocksDB instead of memory; for services that see
   *     more sessions than fit into memory
   */
  public static Topology build(boolean stateOnDisk) {
    return build(
        stateOnDisk,
        WriterSchemas.NONE,
        null,
        new RetainedEvents(),
        new InstanceNumbers(LaneBudget.ofBytes(LaneBudget.defaultBytes())),
        new TaskLocks());
  }

  /**
   * The same, which also reads what later versions wrote.
   *
   * @param later where their schemas are found
   * @param snapshots where the ledgers are written down; null when they are not
   * @param retained what of the events is retained
   * @param numbers what the tasks tell of themselves, and share
   * @param locks others read the report stores while they hold these
   */
  static Topology build(
      boolean stateOnDisk,
      WriterSchemas later,
      LedgerSnapshots snapshots,
      RetainedEvents retained,
      InstanceNumbers numbers,
      TaskLocks locks) {
    Deserializer<byte[]> in = Serdes.ByteArray().deserializer();
    Serializer<byte[]> out = Serdes.ByteArray().serializer();
    ThreadLocal<CommitPace> paces = ThreadLocal.withInitial(CommitPace::new);
    TaskPlacement placement = new TaskPlacement();
    Topology topology = new Topology();
    topology.addReadOnlyStateStore(
        new LedgerStore.Builder(later, snapshots, retained, numbers),
        Nodes.EVENTS,
        in,
        in,
        Topics.EVENTS.topicName(),
        Nodes.LEDGER_UPDATE,
        LedgerUpdateProcessor::new);
    topology.addProcessor(
        Nodes.MATCH, () -> new MatchProcessor(paces, numbers.deadLetters()), Nodes.EVENTS);
    topology.connectProcessorAndStateStores(Nodes.MATCH, Nodes.LEDGERS);
    topology.addSink(Nodes.STATEMENTS_OUT, Topics.STATEMENTS.topicName(), out, out, Nodes.MATCH);
    topology.addSink(
        Nodes.SNAPSHOTS_OUT,
        Topics.SNAPSHOTS.topicName(),
        out,
        out,
        byEventPartition(),
        Nodes.MATCH);
    topology.addSource(Nodes.STATEMENTS_IN, in, in, Topics.STATEMENTS.topicName());
    topology.addProcessor(
        Nodes.REPORT,
        () -> new ReportProcessor(paces, later, placement, locks, numbers.deadLetters()),
        Nodes.STATEMENTS_IN);
    topology.addStateStore(store(Nodes.REPORT_STORE, stateOnDisk), Nodes.REPORT);
    topology.addSink(
        Nodes.REPORTS_OUT, Topics.REPORTS.topicName(), out, out, placement, Nodes.REPORT);
    topology.addSink(
        Nodes.OUTSTANDING_OUT, Topics.OUTSTANDING.topicName(), out, out, placement, Nodes.REPORT);
    topology.addSink(
        Nodes.DEAD_LETTERS, Topics.DEAD_LETTERS.topicName(), out, out, Nodes.MATCH, Nodes.REPORT);
    addTraces(topology, stateOnDisk, later, numbers.deadLetters());
    return topology;
  }

  private static void addTraces(
      Topology topology, boolean stateOnDisk, WriterSchemas later, DeadLetters deadLetters) {
    Deserializer<byte[]> in = Serdes.ByteArray().deserializer();
    Serializer<byte[]> out = Serdes.ByteArray().serializer();
    topology.addSource(Nodes.HISTOGRAMS, in, in, Topics.HISTOGRAMS.topicName());
    topology.addProcessor(
        Nodes.WINDOW, () -> new WindowProcessor(later, deadLetters), Nodes.HISTOGRAMS);
    topology.addStateStore(store(Nodes.WINDOW_STORE, stateOnDisk), Nodes.WINDOW);
    topology.addSink(Nodes.WINDOWS_OUT, Topics.WINDOWS.topicName(), out, out, Nodes.WINDOW);
    topology.addSink(
        Nodes.WINDOW_DEAD_LETTERS, Topics.DEAD_LETTERS.topicName(), out, out, Nodes.WINDOW);
  }

  private static StreamPartitioner<byte[], byte[]> byEventPartition() {
    return (topic, key, value, partitions) ->
        Optional.of(Set.of(SnapshotRecords.partition(key) % partitions));
  }

  private static StoreBuilder<KeyValueStore<String, byte[]>> store(String name, boolean onDisk) {
    return Stores.keyValueStoreBuilder(
            onDisk ? Stores.persistentKeyValueStore(name) : Stores.inMemoryKeyValueStore(name),
            Serdes.String(),
            Serdes.ByteArray())
        .withCachingDisabled()
        .withLoggingEnabled(Map.of());
  }
}
