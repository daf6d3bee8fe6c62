package io.unfreed.streams.topology;

import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.topic.RecordKeys;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.BatchVersions;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.WriterSchemas;
import io.unfreed.streams.lane.LaneState;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.snapshot.Snapshot;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import io.unfreed.streams.snapshot.SnapshotRecords;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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
 * newest snapshot. Owned by one thread at a time.
 */
final class LedgerStore implements StateStore, BatchingStateRestoreCallback {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerStore.class);

  private static final int SNAPSHOT_VERSION = 1;

  private final List<LaneStatement> statements = new ArrayList<>();
  private final Lanes lanes = new Lanes(statements::add);
  private final RetainedEvents retained;

  /** The answer about retention that was heeded last. */
  private long retentionRound;

  private final EventCursor cursor = new EventCursor();
  private final BatchVersions versions;

  /** Null when nothing is written down. */
  private final LedgerSnapshots snapshots;

  private final SnapshotPace pace;
  private TaskId task;
  private boolean open;
  private String rejection;

  /** Null until the brokers said what the partition's log is. */
  private SnapshotCluster.EventLog log;

  /** The records before this offset were applied; unknown after a restore that began at nothing. */
  private long nextOffset = LedgerSnapshots.NOTHING;

  /** Records were applied because they were processed, not restored. */
  private boolean processes;

  /** Events between the snapshot and what is retained are gone. */
  private boolean isBehindRetention;

  /** Pieces of this partition's last snapshot in the topic. */
  private int topicPieces;

  /** Ledgers that nobody writes down: a restart applies the whole log. */
  LedgerStore() {
    this(WriterSchemas.NONE, null, new RetainedEvents());
  }

  /**
   * Ledgers that are written down with others of this instance; batches of later versions are read
   * by the schemas that are found there.
   */
  LedgerStore(WriterSchemas later, LedgerSnapshots snapshots, RetainedEvents retained) {
    this.versions = new BatchVersions(later);
    this.retained = retained;
    this.snapshots = snapshots;
    this.pace = new SnapshotPace(snapshots == null ? 0 : snapshots.everyBytes());
  }

  /** Applies a record that is processed, not restored. */
  void apply(String key, byte[] value, long offset) {
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
    applyAt(key, value, offset);
    nextOffset = offset + 1;
    processes = true;
    RetainedEvents.Known known = retained.known();
    if (known.round() != retentionRound) {
      retentionRound = known.round();
      lanes.tidy(known.begin(task.partition()), nextOffset);
    }
    pace.applied(value == null ? 0 : value.length);
  }

  /**
   * Applies a record's batch; what the lane then states is kept for {@link #takeStatements}, why it
   * could not be read for {@link #takeRejection}.
   */
  void apply(String key, byte[] value) {
    applyAt(key, value, Lanes.UNKNOWN);
  }

  private void applyAt(String key, byte[] value, long offset) {
    try {
      versions.read(value, cursor);
      LaneKey lane = cursor.header().key();
      RecordKeys.check(key, cursor.header());
      LaneState state = lanes.going(key, offset);
      if (state == null) {
        repeated(cursor.header());
        return;
      }
      long missing = state.missingEvents();
      long bounded = state.boundedSizes();
      boolean understood = state.unknownEvents() == 0;
      LaneState.Outcome outcome = state.accept(cursor);
      report(lane, state.missingEvents() - missing, outcome);
      if (state.boundedSizes() > bounded) {
        LOG.warn("lane {}: {} sizes were cut", lane, state.boundedSizes() - bounded);
      }
      if (understood && state.unknownEvents() > 0) {
        LOG.warn(
            "lane {}: has events of kinds not known here, a newer Unfreed may know them: skipped;"
                + " those that may be about blocks are counted as lost",
            lane);
      }
      lanes.forgetIfEnded(key);
    } catch (MalformedBatchException e) {
      rejection = e.getMessage();
    }
  }

  /** What comes for a lane that has ended changes nothing; somebody may have asked. */
  private void repeated(BatchHeader header) {
    if (header.isMarker()) {
      statements.add(LaneStatement.ofEnded(header));
    }
  }

  List<LaneStatement> takeStatements() {
    List<LaneStatement> taken = List.copyOf(statements);
    statements.clear();
    return taken;
  }

  /** Why the last record was no batch; null when it was one. */
  String takeRejection() {
    String taken = rejection;
    rejection = null;
    return taken;
  }

  @Override
  public void restoreAll(Collection<KeyValue<byte[], byte[]>> records) {
    for (KeyValue<byte[], byte[]> record : records) {
      String key = EventKeys.text(record.key);
      apply(key, record.value);
      rejection = null;
      statements.clear();
      pace.applied(record.value == null ? 0 : record.value.length);
      LaneState lane = lanes.known(key);
      if (lane != null) {
        lane.restored(isBehindRetention);
      }
    }
  }

  /** Whether it is time to write the state down. */
  boolean isSnapshotDue() {
    return log != null && pace.isDue(System.nanoTime());
  }

  /** Writes the state down: on disk, and as records for {@code topic}. */
  void takeSnapshot(Consumer<SnapshotRecords.Entry> topic) {
    long began = System.nanoTime();
    Snapshot snapshot = snapshot();
    snapshots.keep(snapshot);
    SnapshotRecords.of(snapshot, topicPieces).forEach(topic);
    topicPieces = snapshot.header().pieces();
    pace.taken(began, System.nanoTime());
    if (pace.isTooSlow()) {
      LOG.warn(
          "partition {}: writing down {} bytes of state took too long; from now on it is done at the"
              + " end only, a restart after a kill applies more of the log",
          task.partition(),
          snapshot.bytes());
    }
  }

  /**
   * Called while the store is restored, and when the task is about to be closed, each time with
   * everything committed; not called at the commits in between, see docs/decisions/snapshots.md.
   */
  @Override
  public void commit(Map<TopicPartition, Long> offsets) {
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
    out.put(SNAPSHOT_VERSION);
    lanes.snapshotTo(out);
    return Snapshot.of(log.topicId(), task.partition(), nextOffset, out.finish());
  }

  private void restore(Snapshot snapshot) {
    try {
      SnapshotIn in = new SnapshotIn(snapshot.pieces());
      in.getVersion(SNAPSHOT_VERSION, "store");
      lanes.restoreFrom(in);
    } catch (RuntimeException e) {
      lanes.clear();
      throw e;
    }
  }

  private void begin() {
    LedgerSnapshots.Beginning beginning = snapshots.restore(task.partition(), this::restore);
    log = beginning == null ? null : beginning.log();
    nextOffset = beginning == null ? LedgerSnapshots.NOTHING : beginning.nextOffset();
    topicPieces = beginning == null ? 0 : beginning.topicPieces();
    isBehindRetention = beginning != null && beginning.isBehindRetention();
    if (isBehindRetention) {
      lanes.restoredBehindRetention();
    }
    processes = false;
    pace.restored();
  }

  @Override
  public String name() {
    return Nodes.LEDGERS;
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    task = context.taskId();
    if (!open && snapshots != null) {
      begin();
    }
    context.register(root, this);
    open = true;
  }

  @Override
  public void close() {
    open = false;
    nextOffset = LedgerSnapshots.NOTHING;
    lanes.clear();
    statements.clear();
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

  /** The last record that the state has in it; restoring begins behind it. */
  @Override
  public Long committedOffset(TopicPartition partition) {
    return nextOffset > 0 ? nextOffset - 1 : null;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  private static void report(LaneKey lane, long missing, LaneState.Outcome outcome) {
    if (missing > 0) {
      LOG.warn("lane {}: {} events before a batch are missing and counted as lost", lane, missing);
    }
    if (outcome == LaneState.Outcome.LATE) {
      LOG.warn("lane {}: a batch that was counted as lost arrived late and stays lost", lane);
    }
  }

  /** Builds the store; it is never logged, since its input is its log. */
  static final class Builder implements StoreBuilder<LedgerStore> {
    private final WriterSchemas later;
    private final LedgerSnapshots snapshots;
    private final RetainedEvents retained;

    /** Builds stores that write themselves down; null: that do not. */
    Builder(WriterSchemas later, LedgerSnapshots snapshots, RetainedEvents retained) {
      this.later = later;
      this.snapshots = snapshots;
      this.retained = retained;
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
      return new LedgerStore(later, snapshots, retained);
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
