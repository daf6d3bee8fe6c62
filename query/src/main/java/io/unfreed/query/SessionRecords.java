package io.unfreed.query;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.topic.RecordExtents;
import io.unfreed.schemas.topic.RecordExtents.Extent;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.BatchVersions;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.RecordKeys;
import io.unfreed.streams.topology.TopicSchemas;
import io.unfreed.streams.trace.TraceView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads the records of one session, and as few of others as it can: where its end says that they
 * are, or else what was published since it began. Both are hints. What they lead to is taken only
 * if it is whole, and otherwise all is read from the beginning, so that no hint changes a number.
 */
final class SessionRecords {
  /** Clocks of hosts differ, and are set. */
  private static final long MARGIN_MILLIS = Duration.ofHours(1).toMillis();

  private final Map<String, Object> client;
  private final String session;
  private final RecordExtents extents;
  private final Long sinceMillis;
  private final Runnable watch;

  /**
   * The records of a session.
   *
   * @param extents where they are; null when nobody said it
   * @param sinceMillis before this moment none was published; null when that is not known
   * @param watch is called again and again; what it throws ends the reading
   */
  SessionRecords(
      Map<String, Object> client,
      String session,
      RecordExtents extents,
      Long sinceMillis,
      Runnable watch) {
    this.client = client;
    this.session = session;
    this.extents = extents;
    this.sinceMillis = sinceMillis;
    this.watch = watch;
  }

  /**
   * Gives every batch of the session to the ledger.
   *
   * @return how many records were read
   */
  long readEvents(LedgerSink ledger) {
    try (TopicReader reader = new TopicReader(client, Topics.EVENTS, watch)) {
      Map<Integer, TopicReader.Range> retained = reader.retained();
      if (!readExtents(reader, retained, ledger) && !readSince(reader, retained, ledger)) {
        read(reader, retained, ledger).foreign.tell();
      }
      return reader.records();
    }
  }

  /**
   * Gives every statement of a tracer to the ledger; of those published since the session began, if
   * they are all.
   *
   * @return how many records were read
   */
  long readTrace(LedgerSink ledger) {
    try (TopicReader reader = new TopicReader(client, Topics.HISTOGRAMS, watch)) {
      Map<Integer, TopicReader.Range> retained = reader.retained();
      if (sinceMillis != null) {
        ForeignRecords foreign = readTrace(reader, since(reader, retained), ledger);
        if (ledger.trace(session).view().map(TraceView::missing).orElse(1L) == 0) {
          foreign.tell();
          return reader.records();
        }
        ledger.restart(session);
      }
      readTrace(reader, retained, ledger).tell();
      return reader.records();
    }
  }

  private ForeignRecords readTrace(
      TopicReader reader, Map<Integer, TopicReader.Range> ranges, LedgerSink ledger) {
    RecordCodec<TraceStatement> codec = RecordCodec.traceStatements(new TopicSchemas(client));
    ForeignRecords foreign = new ForeignRecords();
    String prefix = session + "/";
    reader.read(
        ranges,
        record -> {
          if (startsWith(record.key(), prefix) && record.value() != null) {
            try {
              ledger.trace(record.key(), codec.decode(record.value()));
            } catch (MalformedBatchException e) {
              foreign.add(record, e);
            }
          }
        });
    return foreign;
  }

  /**
   * Gives the stacks of the session to the ledger, or all there are. Must follow {@link
   * #readEvents} or {@link #readTrace}: the stacks to which those refer are looked for. Compaction
   * removes a stack from where the session published it when another one publishes it later.
   *
   * @return how many records were read
   */
  long readStacks(LedgerSink ledger) {
    try (TopicReader reader = new TopicReader(client, Topics.STACKS, watch)) {
      Map<Integer, TopicReader.Range> retained = reader.retained();
      if (extents != null) {
        Map<Integer, TopicReader.Range> own = new TreeMap<>();
        extents
            .stacks()
            .forEach((partition, extent) -> {
              TopicReader.Range all = retained.get(partition);
              if (all != null) {
                own.put(partition, all.within(extent.first(), extent.last() + 1));
              }
            });
        readStacks(reader, own, ledger).tell();
        if (ledger.isNamed()) {
          return reader.records();
        }
      }
      readStacks(reader, retained, ledger).tell();
      return reader.records();
    }
  }

  /** What was met of a session's events. */
  private static final class Met {
    final ForeignRecords foreign = new ForeignRecords();
    final Map<Integer, Long> batches = new HashMap<>();
  }

  /** Whether the extents led to the whole session; the ledger is as before if they did not. */
  private boolean readExtents(
      TopicReader reader, Map<Integer, TopicReader.Range> retained, LedgerSink ledger) {
    if (extents == null) {
      return false;
    }
    Map<Integer, TopicReader.Range> own = new TreeMap<>();
    for (Map.Entry<Integer, Extent> one : extents.events().entrySet()) {
      TopicReader.Range all = retained.get(one.getKey());
      Extent extent = one.getValue();
      if (all == null || extent.first() < all.from() || extent.last() >= all.before()) {
        return false;
      }
      own.put(one.getKey(), new TopicReader.Range(extent.first(), extent.last() + 1));
    }
    Met met = read(reader, own, ledger);
    boolean isThere =
        extents.events().entrySet().stream()
            .allMatch(
                one -> met.batches.getOrDefault(one.getKey(), 0L) >= one.getValue().records());
    if (isThere && ledger.run(session).isWhole()) {
      met.foreign.tell();
      return true;
    }
    ledger.restart(session);
    return false;
  }

  /** Whether every lane that was published since the begin of the session has its beginning. */
  private boolean readSince(
      TopicReader reader, Map<Integer, TopicReader.Range> retained, LedgerSink ledger) {
    if (sinceMillis == null) {
      return false;
    }
    Met met = read(reader, since(reader, retained), ledger);
    boolean isFound =
        !met.batches.isEmpty(); // else a clock may have been set back: look everywhere
    if (isFound && !ledger.run(session).isHeadMissing()) {
      met.foreign.tell();
      return true;
    }
    ledger.restart(session);
    return false;
  }

  /** What was published since the session began. */
  private Map<Integer, TopicReader.Range> since(
      TopicReader reader, Map<Integer, TopicReader.Range> retained) {
    Map<Integer, TopicReader.Range> since = new TreeMap<>();
    reader
        .offsetsAt(Math.max(0, sinceMillis - MARGIN_MILLIS))
        .forEach((partition, offset) -> {
          TopicReader.Range all = retained.get(partition);
          if (all != null) {
            since.put(partition, all.within(offset, Long.MAX_VALUE));
          }
        });
    return since;
  }

  private Met read(TopicReader reader, Map<Integer, TopicReader.Range> ranges, LedgerSink ledger) {
    Met met = new Met();
    BatchVersions versions = new BatchVersions(new TopicSchemas(client));
    String prefix = session + "/";
    reader.read(
        ranges,
        record -> {
          if (startsWith(record.key(), prefix) && record.value() != null) {
            try {
              if (ledger.batch(record.key(), versions.current(record.value()))) {
                met.batches.merge(record.partition(), 1L, Long::sum);
              }
            } catch (MalformedBatchException e) {
              met.foreign.add(record, e);
            }
          }
        });
    return met;
  }

  private ForeignRecords readStacks(
      TopicReader reader, Map<Integer, TopicReader.Range> ranges, LedgerSink ledger) {
    RecordCodec<CallStack> codec = RecordCodec.callStacks(new TopicSchemas(client));
    ForeignRecords foreign = new ForeignRecords();
    reader.read(
        ranges,
        record -> {
          if (record.value() == null) {
            return; // forgotten
          }
          try {
            CallStack stack = codec.decode(record.value());
            RecordKeys.check(record.key(), stack);
            ledger.stack(stack);
          } catch (MalformedBatchException e) {
            foreign.add(record, e);
          }
        });
    return foreign;
  }

  private static boolean startsWith(byte[] key, String prefix) {
    return key != null && new String(key, StandardCharsets.UTF_8).startsWith(prefix);
  }
}
