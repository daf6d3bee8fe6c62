package io.unfreed.streams.topology;

import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.topic.RecordKeys;
import io.unfreed.schemas.wire.BatchVersions;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.WriterSchemas;
import io.unfreed.streams.lane.LaneOptions;
import io.unfreed.streams.lane.LaneState;
import io.unfreed.streams.lane.LaneStatement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.BatchingStateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledgers of a partition's lanes. The event topic is the changelog: restoring feeds the batches
 * through the same code and drops the statements, which were published before. Owned by one stream
 * thread at a time.
 */
final class LedgerStore implements StateStore, BatchingStateRestoreCallback {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerStore.class);

  private final Map<String, LaneState> lanes = new HashMap<>();
  private final List<LaneStatement> statements = new ArrayList<>();
  private final EventCursor cursor = new EventCursor();
  private final BatchVersions versions;
  private boolean open;
  private String rejection;

  /** No lanes yet; batches of later versions are read by the schemas that are found there. */
  LedgerStore(WriterSchemas later) {
    versions = new BatchVersions(later);
  }

  /**
   * Applies a record's batch; what the lane then states is kept for {@link #takeStatements}, why it
   * could not be read for {@link #takeRejection}.
   */
  void apply(String key, byte[] value) {
    try {
      versions.read(value, cursor);
      LaneKey lane = cursor.header().key();
      RecordKeys.check(key, cursor.header());
      LaneState state =
          lanes.computeIfAbsent(key, k -> new LaneState(LaneOptions.TOPOLOGY, statements::add));
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
    } catch (MalformedBatchException e) {
      rejection = e.getMessage();
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
      LaneState lane = lanes.get(key);
      if (lane != null) {
        lane.restored();
      }
    }
  }

  @Override
  public String name() {
    return Nodes.LEDGERS;
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    context.register(root, this);
    open = true;
  }

  @Override
  public void close() {
    open = false;
    lanes.clear();
    statements.clear();
  }

  @Override
  public boolean persistent() {
    return false;
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

    Builder(WriterSchemas later) {
      this.later = later;
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
      return new LedgerStore(later);
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
