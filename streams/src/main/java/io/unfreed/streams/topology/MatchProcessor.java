package io.unfreed.streams.topology;

import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.record.StatementRecords;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Forwards what the ledgers stated about the record that {@link LedgerUpdateProcessor} has just fed
 * to them, and the record itself, to the dead letters, when it was no batch. Writes the ledgers
 * down when it is time: what goes to the topic of snapshots belongs to the transaction that commits
 * the offset of which it is the state, or a later one.
 */
final class MatchProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  /**
   * How soon it is seen that a snapshot has become due when no records come; rarely, since behind
   * each look Kafka Streams commits.
   */
  private static final Duration LOOK_AT_SNAPSHOTS = Duration.ofMinutes(1);

  /** The same while one waits for the end of the pause behind the last. */
  private static final Duration LOOK_AT_WAITING = Duration.ofSeconds(1);

  private final RecordCodec<LaneTick> codec = RecordCodec.laneTicks();
  private final ThreadLocal<CommitPace> paces;
  private final DeadLetters deadLetters;
  private ProcessorContext<byte[], byte[]> context;
  private AwaitedCommits commits;
  private LedgerStore store;
  private Cancellable waiting;

  /** A processor that commits at the pace of the thread that runs it. */
  MatchProcessor(ThreadLocal<CommitPace> paces, DeadLetters deadLetters) {
    this.paces = paces;
    this.deadLetters = deadLetters;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
    commits = new AwaitedCommits(processorContext, paces);
    store = processorContext.getStateStore(Nodes.LEDGERS);
    lookAtSnapshots(LOOK_AT_SNAPSHOTS);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    String rejection = store.ledgers().takeRejection();
    if (rejection != null) {
      deadLetters.forward(context, record, rejection);
    }
    for (LaneStatement statement : store.ledgers().takeStatements()) {
      LaneKey key = statement.key();
      byte[] incarnation = key.incarnationKey().getBytes(StandardCharsets.UTF_8);
      Headers headers = headers(statement);
      for (LaneTick part : StatementRecords.toRecords(statement)) {
        context.forward(
            new Record<>(incarnation, codec.encode(part), record.timestamp(), headers),
            Nodes.STATEMENTS_OUT);
      }
      if (statement.isAwaited()) {
        commits.await();
      }
    }
    takeSnapshotIfDue();
  }

  private static Headers headers(LaneStatement statement) {
    Headers headers = new RecordHeaders();
    long quietSince = statement.moment().quietSince();
    if (quietSince > 0 && quietSince < statement.lastTick()) {
      ReportHeaders.add(headers, ReportHeaders.QUIET_SINCE, quietSince);
    }
    return headers;
  }

  private Cancellable lookAtSnapshots(Duration every) {
    return context.schedule(every, PunctuationType.WALL_CLOCK_TIME, now -> takeSnapshotIfDue());
  }

  private void takeSnapshotIfDue() {
    if (store.isSnapshotDue()) {
      long now = context.currentSystemTimeMs();
      store.takeSnapshot(entry ->
          context.forward(
              new Record<>(entry.key().getBytes(StandardCharsets.UTF_8), entry.value(), now),
              Nodes.SNAPSHOTS_OUT));
      commits.await();
    }
    boolean waits = store.isSnapshotWaiting();
    if (waits && waiting == null) {
      waiting = lookAtSnapshots(LOOK_AT_WAITING);
    } else if (!waits && waiting != null) {
      waiting.cancel();
      waiting = null;
    }
  }
}
