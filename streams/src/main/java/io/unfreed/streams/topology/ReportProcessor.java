package io.unfreed.streams.topology;

import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.StackState;
import io.unfreed.schemas.topic.Forgetting;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordBounds;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.WriterSchemas;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.record.ReportRecords;
import io.unfreed.streams.record.StackRecords;
import io.unfreed.streams.record.StatementChecks;
import io.unfreed.streams.record.StatementRecords;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.report.IncarnationState;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges statements into reports and per-stack states. Incarnations that change are cached; the
 * store holds everything, so a restart goes on where the last commit was.
 */
final class ReportProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  private static final Logger LOG = LoggerFactory.getLogger(ReportProcessor.class);

  /** So many statements may wait for their last part in memory; all do in the store. */
  private static final int MOST_IN_PARTS = 64;

  private final RecordCodec<LaneTick> laneTicks;
  private final RecordCodec<LeakReport> leakReports = RecordCodec.leakReports();
  private final RecordCodec<StackState> stackStates = RecordCodec.stackStates();
  private final IncarnationCache cache = new IncarnationCache();
  private final Map<String, List<LaneTick>> parts = new HashMap<>();
  private final ThreadLocal<CommitPace> paces;
  private final WriterSchemas later;
  private final TaskPlacement placement;
  private final TaskLocks locks;
  private final DeadLetters deadLetters;
  private ProcessorContext<byte[], byte[]> context;
  private AwaitedCommits commits;
  private ReportStore store;

  /** A processor that reads what this version and earlier ones stated. */
  ReportProcessor(ThreadLocal<CommitPace> paces) {
    this(paces, WriterSchemas.NONE, new TaskPlacement(), new TaskLocks(), new DeadLetters());
  }

  /** A processor that commits at the pace of the thread that runs it. */
  ReportProcessor(
      ThreadLocal<CommitPace> paces,
      WriterSchemas later,
      TaskPlacement placement,
      TaskLocks locks,
      DeadLetters deadLetters) {
    this.paces = paces;
    this.placement = placement;
    this.locks = locks;
    this.deadLetters = deadLetters;
    this.later = later;
    laneTicks = RecordCodec.laneTicks(later);
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
    commits = new AwaitedCommits(processorContext, paces);
    store = new ReportStore(processorContext.getStateStore(Nodes.REPORT_STORE), later);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    synchronized (locks.of(context.taskId().partition())) {
      take(record);
    }
  }

  private void take(Record<byte[], byte[]> record) {
    placement.of(context);
    String forgotten = Forgetting.prefix(EventKeys.text(record.key()), record.value());
    if (forgotten != null) {
      forget(forgotten, record.timestamp());
      return;
    }
    LaneTick part;
    try {
      RecordBounds.check(record.value());
      part = laneTicks.decode(record.value());
      StatementChecks.check(record.key(), part);
    } catch (MalformedBatchException e) {
      deadLetters.forward(context, record, e.getMessage());
      return;
    }
    String incarnation = EventKeys.text(record.key());
    List<LaneTick> whole = assemble(incarnation, part);
    if (whole != null) {
      IncarnationState state =
          cache.get(incarnation, () -> store.load(incarnation, whole.getFirst().getLaneCount()));
      if (part.getLane() < state.lanes().length) {
        merge(incarnation, state, whole, record);
      } else {
        deadLetters.forward(
            context,
            record,
            "lane " + part.getLane() + " of " + state.lanes().length + " lanes of " + incarnation);
      }
    }
  }

  private void forget(String prefix, long timestamp) {
    cache.forget(prefix);
    parts.keySet().removeIf(lane -> lane.startsWith(StoreKeys.of(prefix)));
    for (String state : store.forget(prefix)) {
      byte[] key = state.getBytes(StandardCharsets.UTF_8);
      context.forward(new Record<>(key, null, timestamp), Nodes.OUTSTANDING_OUT);
    }
  }

  /** The parts of a statement once the last is there, null before. */
  private List<LaneTick> assemble(String incarnation, LaneTick part) {
    if (part.getParts() == 1) {
      return List.of(part);
    }
    String lane = IncarnationKeys.of(incarnation).parts(part.getLane());
    List<LaneTick> known =
        parts.computeIfAbsent(lane, key -> store.parts(incarnation, part.getLane()));
    if (part.getPart() == 0) {
      known.clear();
    }
    known.removeIf(one -> one.getPart() == part.getPart());
    known.add(part);
    if (part.getPart() < part.getParts() - 1) {
      store.savePart(incarnation, part);
      if (parts.size() > MOST_IN_PARTS) {
        parts.clear();
      }
      return null;
    }
    store.dropParts(incarnation, part.getLane());
    parts.remove(lane);
    return known;
  }

  private void merge(
      String incarnation,
      IncarnationState state,
      List<LaneTick> whole,
      Record<byte[], byte[]> record) {
    long timestamp = record.timestamp();
    Forwarding out = new Forwarding(incarnation, timestamp, quietSince(record, state));
    try {
      state.accept(StatementRecords.fromRecords(whole), out);
    } catch (KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      // Of one that no lane made: nothing of it is stored, and the service must get past it.
      LOG.debug("a statement that cannot be merged", e);
      cache.drop(incarnation);
      deadLetters.forward(context, record, "statement: " + e);
      return;
    }
    if (out.isQuiet && ReportStore.isKnown(state)) {
      return;
    }
    Set<StackKey> touched = store.save(incarnation, state);
    touched.stream()
        .sorted(StackKey.ORDER)
        .forEach(key -> forwardState(incarnation, state, key, timestamp));
    cache.stored(incarnation, state);
  }

  /** The first tick that a statement tells as a quiet one and that was not published before. */
  private static Long quietSince(Record<byte[], byte[]> record, IncarnationState state) {
    Long first = ReportHeaders.quietSince(record.headers());
    return first == null ? null : (Long) Math.max(first, state.publishedTick() + 1);
  }

  /** Publishes the reports of a statement. */
  private final class Forwarding implements IncarnationState.Listener {
    private final String incarnation;
    private final long timestamp;

    /** Null when the statement is of no other ticks than its last. */
    private final Long quietSince;

    /** All there was to say is that a tick passed. */
    private boolean isQuiet;

    Forwarding(String incarnation, long timestamp, Long quietSince) {
      this.incarnation = incarnation;
      this.timestamp = timestamp;
      this.quietSince = quietSince;
    }

    @Override
    public void report(IncarnationReport report, String marker) {
      isQuiet = false;
      RecordHeaders headers = headersOf(report);
      if (marker != null) {
        headers.add(ReportHeaders.MARKER, marker.getBytes(StandardCharsets.UTF_8));
      }
      forwardReport(incarnation, report, headers, timestamp);
      if (marker != null) {
        commits.await();
      }
    }

    @Override
    public boolean unchanged(IncarnationReport bare, long sameAsTick) {
      isQuiet = true;
      RecordHeaders headers = headersOf(bare);
      ReportHeaders.add(headers, ReportHeaders.SAME_AS_TICK, sameAsTick);
      forwardReport(incarnation, bare, headers, timestamp);
      return true;
    }

    private RecordHeaders headersOf(IncarnationReport report) {
      RecordHeaders headers = new RecordHeaders();
      if (quietSince != null && report.tick() != null && quietSince < report.tick()) {
        ReportHeaders.add(headers, ReportHeaders.QUIET_SINCE, quietSince);
      }
      return headers;
    }
  }

  private void forwardReport(
      String incarnation, IncarnationReport report, RecordHeaders headers, long timestamp) {
    byte[] value = leakReports.encode(ReportRecords.toRecord(report));
    context.forward(
        new Record<>(incarnation.getBytes(StandardCharsets.UTF_8), value, timestamp, headers),
        Nodes.REPORTS_OUT);
  }

  /** The state of a stack, or a tombstone when it is forgotten. */
  private void forwardState(
      String incarnation, IncarnationState state, StackKey key, long timestamp) {
    String outKey = incarnation + "/" + key.stackId() + "/" + key.space().label();
    StackNumbers numbers = state.numbers(key);
    byte[] value = numbers == null ? null : stackStates.encode(StackRecords.toRecord(numbers));
    context.forward(
        new Record<>(outKey.getBytes(StandardCharsets.UTF_8), value, timestamp),
        Nodes.OUTSTANDING_OUT);
  }
}
