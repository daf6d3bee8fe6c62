package io.unfreed.streams.topology;

import io.unfreed.schemas.wire.WriterSchemas;
import io.unfreed.streams.snapshot.Snapshot;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import io.unfreed.streams.snapshot.SnapshotRecords;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.apache.kafka.streams.processor.BatchingStateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.state.StoreBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledgers of a partition's lanes. The event topic is the changelog: restoring feeds the batches
 * through the same code and drops the statements, which were published before; it begins with the
 * newest snapshot. Owned by one thread at a time; others may only {@link #share}.
 */
final class LedgerStore implements StateStore, BatchingStateRestoreCallback {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerStore.class);

  /** What Kafka Streams itself commits for a store that begins at the log's first record. */
  private static final Long UNKNOWN = -4L;

  private final Ledgers ledgers;

  private final RetainedEvents retained;

  /** The answer about retention that was heeded last. */
  private long retentionRound;

  /** Null when nothing is written down. */
  private final LedgerSnapshots snapshots;

  private final SnapshotPace pace;
  private final InstanceNumbers numbers;

  /** Lanes that were told of last. */
  private int toldLedgers;

  private TaskId task;
  private boolean open;

  /** Null until the brokers said what the partition's log is. */
  private SnapshotCluster.EventLog log;

  /** The records before this offset were applied; unknown after a restore that began at nothing. */
  private long nextOffset = LedgerSnapshots.NOTHING;

  /** Records were applied because they were processed, not restored. */
  private boolean processes;

  private Ledgers.Since restoredSince = Ledgers.Since.BEGIN;

  /** Pieces of this partition's last snapshot in the topic. */
  private int topicPieces;

  /** Ledgers that are written down with others of this instance; null: that nobody writes down. */
  LedgerStore(
      WriterSchemas later,
      LedgerSnapshots snapshots,
      RetainedEvents retained,
      InstanceNumbers numbers) {
    this.ledgers = new Ledgers(later, numbers.budget(), numbers.few());
    this.numbers = numbers;
    this.retained = retained;
    this.snapshots = snapshots;
    this.pace = new SnapshotPace(snapshots == null ? 0 : snapshots.everyBytes());
  }

  /** Applies a record that is processed, not restored. */
  synchronized void apply(String key, byte[] value, long offset) {
    if (offset < nextOffset) {
      LOG.warn(
          "partition {}: record {} is processed, but the state has it in it: restored again",
          task.partition(),
          offset);
      if (snapshots != null) {
        snapshots.isAhead(task.partition(), offset);
      }
      throw new TaskCorruptedException(Set.of(task));
    }
    ledgers.apply(key, value, offset);
    nextOffset = offset + 1;
    processes = true;
    RetainedEvents.Known known = retained.known();
    if (known.round() != retentionRound) {
      retentionRound = known.round();
      ledgers.tidy(known.begin(task.partition()), nextOffset);
    }
    pace.applied(value == null ? 0 : value.length);
    tellLedgers();
  }

  private void tellLedgers() {
    int now = ledgers.lanes().goingOn();
    if (now != toldLedgers) {
      numbers.ledgersChanged(toldLedgers, now);
      toldLedgers = now;
    }
  }

  /** What is known of a session here, for who asks while the owner goes on. */
  synchronized TaskShare share(String session) {
    String prefix = session + "/";
    return new TaskShare(
        task.partition(),
        Math.max(0, nextOffset),
        ledgers.lanes().goingOn(prefix),
        ledgers.lanes().endedOf(prefix),
        ledgers.lanes().marks().of(session),
        Map.of());
  }

  /** Offset behind the last record that was applied; 0 when that is not known. */
  synchronized long reached() {
    return Math.max(0, nextOffset);
  }

  /** The lanes, fed with one record at a time. */
  Ledgers ledgers() {
    return ledgers;
  }

  @Override
  public synchronized void restoreAll(Collection<KeyValue<byte[], byte[]>> records) {
    for (KeyValue<byte[], byte[]> record : records) {
      ledgers.restore(EventKeys.text(record.key), record.value, restoredSince);
      pace.applied(record.value == null ? 0 : record.value.length);
    }
    tellLedgers();
  }

  /** Whether it is time to write the state down. */
  boolean isSnapshotDue() {
    return log != null && pace.isDue(System.nanoTime());
  }

  /** Whether one would be due but for the pause behind the last. */
  boolean isSnapshotWaiting() {
    return log != null && pace.isWaiting();
  }

  /** Writes the state down: on disk, and as records for {@code topic}. */
  synchronized void takeSnapshot(Consumer<SnapshotRecords.Entry> topic) {
    long began = System.nanoTime();
    Snapshot snapshot = snapshot();
    snapshots.keep(snapshot);
    SnapshotRecords.of(snapshot, topicPieces).forEach(topic);
    topicPieces = snapshot.header().pieces();
    long nowNanos = System.nanoTime();
    if (pace.taken(began, nowNanos)) {
      LOG.warn(
          "partition {}: writing down {} bytes of state took {} ms; until that is quick again it is"
              + " done more rarely, a restart after a kill applies more of the log",
          task.partition(),
          snapshot.bytes(),
          (nowNanos - began) / 1_000_000);
    }
  }

  /**
   * Called while the store is restored, and when the task is about to be closed, each time with
   * everything committed; not called at the commits in between, see docs/decisions/snapshots.md.
   */
  @Override
  public synchronized void commit(Map<TopicPartition, Long> offsets) {
    Long last = offsets.isEmpty() ? null : offsets.values().iterator().next();
    if (log == null || last == null || last < 0 || pace.uncoveredBytes() == 0) {
      return;
    }
    if (!processes) {
      nextOffset = last + 1;
    }
    if (nextOffset == last + 1 && (processes || pace.isDue(System.nanoTime()))) {
      long began = System.nanoTime();
      snapshots.keep(snapshot());
      pace.taken(began, System.nanoTime());
    }
  }

  private Snapshot snapshot() {
    SnapshotOut out = new SnapshotOut();
    ledgers.snapshotTo(out);
    return Snapshot.of(log.topicId(), task.partition(), nextOffset, out.finish());
  }

  private void begin() {
    LedgerSnapshots.Beginning beginning =
        snapshots.restore(
            task.partition(), found -> ledgers.restoreFrom(new SnapshotIn(found.pieces())));
    log = beginning == null ? null : beginning.log();
    nextOffset = beginning == null ? LedgerSnapshots.NOTHING : beginning.nextOffset();
    topicPieces = beginning == null ? 0 : beginning.topicPieces();
    restoredSince = beginning == null ? Ledgers.Since.BEGIN : beginning.since();
    if (restoredSince == Ledgers.Since.GAP) {
      ledgers.areBehind();
    }
    processes = false;
    pace.restored();
    tellLedgers();
  }

  @Override
  public String name() {
    return Nodes.LEDGERS;
  }

  @Override
  public synchronized void init(StateStoreContext context, StateStore root) {
    task = context.taskId();
    if (!open && snapshots != null) {
      if (snapshots.isStarting()) {
        nextOffset = snapshots.newestOnDisk(task.partition());
      } else {
        begin();
      }
    }
    context.register(root, this);
    open = true;
  }

  @Override
  public synchronized void close() {
    open = false;
    if (snapshots != null) {
      snapshots.left(task.partition());
    }
    nextOffset = LedgerSnapshots.NOTHING;
    ledgers.clear();
    tellLedgers();
  }

  /** Kafka Streams asks persistent stores only for their offset. */
  @Override
  public boolean persistent() {
    return snapshots != null;
  }

  @Override
  @SuppressWarnings("deprecation") // the only way to say so
  public boolean managesOffsets() {
    return snapshots != null;
  }

  /**
   * The last record that the state has in it; restoring begins behind it. A null would be, beside
   * the other store's files, a sign that the task is corrupt.
   */
  @Override
  public Long committedOffset(TopicPartition partition) {
    return nextOffset > 0 ? nextOffset - 1 : UNKNOWN;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  /** Builds the store; it is never logged, since its input is its log. */
  static final class Builder implements StoreBuilder<LedgerStore> {
    private final WriterSchemas later;
    private final LedgerSnapshots snapshots;
    private final RetainedEvents retained;

    /** Of all stores of the topology together. */
    private final InstanceNumbers numbers;

    /** Builds stores that write themselves down; without snapshots: that do not. */
    Builder(
        WriterSchemas later,
        LedgerSnapshots snapshots,
        RetainedEvents retained,
        InstanceNumbers numbers) {
      this.later = later;
      this.snapshots = snapshots;
      this.retained = retained;
      this.numbers = numbers;
    }

    @Override
    public StoreBuilder<LedgerStore> withCachingEnabled() {
      throw new UnsupportedOperationException("ledgers are not cached");
    }

    @Override
    public StoreBuilder<LedgerStore> withCachingDisabled() {
      return this;
    }

    @Override
    public StoreBuilder<LedgerStore> withLoggingEnabled(Map<String, String> config) {
      throw new UnsupportedOperationException("the event topic is the log of the ledgers");
    }

    @Override
    public StoreBuilder<LedgerStore> withLoggingDisabled() {
      return this;
    }

    @Override
    public LedgerStore build() {
      return new LedgerStore(later, snapshots, retained, numbers);
    }

    @Override
    public Map<String, String> logConfig() {
      return Map.of();
    }

    @Override
    public boolean loggingEnabled() {
      return false;
    }

    @Override
    public String name() {
      return Nodes.LEDGERS;
    }
  }
}
