package io.unfreed.streams.topology;

import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.TraceWindow;
import io.unfreed.schemas.topic.Forgetting;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordBounds;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.RecordKeys;
import io.unfreed.schemas.wire.TraceRules;
import io.unfreed.schemas.wire.WriterSchemas;
import io.unfreed.streams.trace.TraceDifference;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Makes windows of what tracers state: the store has the last statement of each key, what comes is
 * compared with it. A repeat is as old as that or older, and says nothing.
 */
final class WindowProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  private final RecordCodec<TraceStatement> statements;
  private final RecordCodec<TraceStatement> stored = RecordCodec.traceStatements();
  private final RecordCodec<TraceWindow> windows = RecordCodec.traceWindows();
  private final DeadLetters deadLetters;
  private ProcessorContext<byte[], byte[]> context;
  private KeyValueStore<String, byte[]> store;

  WindowProcessor(WriterSchemas later, DeadLetters deadLetters) {
    this.deadLetters = deadLetters;
    statements = RecordCodec.traceStatements(later);
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
    store = processorContext.getStateStore(Nodes.WINDOW_STORE);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    String key = EventKeys.text(record.key());
    String forgotten = Forgetting.prefix(key, record.value());
    if (forgotten != null) {
      forget(forgotten);
      return;
    }
    try {
      RecordBounds.check(record.value());
      TraceStatement now = statements.decode(record.value());
      TraceRules.check(now);
      RecordKeys.check(record.key(), now);
      take(key, now, record);
    } catch (MalformedBatchException e) {
      deadLetters.forward(context, record, e.getMessage(), Nodes.WINDOW_DEAD_LETTERS);
    }
  }

  private void take(String key, TraceStatement now, Record<byte[], byte[]> record)
      throws MalformedBatchException {
    byte[] known = store.get(key);
    TraceStatement before = known == null ? null : statements.decode(known);
    if (before != null && before.getSequence() >= now.getSequence()) {
      return;
    }
    byte[] window = windows.encode(TraceDifference.of(before, now));
    context.forward(new Record<>(record.key(), window, record.timestamp()), Nodes.WINDOWS_OUT);
    store.put(key, stored.encode(now));
  }

  private void forget(String prefix) {
    List<String> keys = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> found =
        store.prefixScan(prefix, new StringSerializer())) {
      while (found.hasNext()) {
        KeyValue<String, byte[]> entry = found.next();
        keys.add(entry.key);
      }
    }
    keys.forEach(store::delete);
  }
}
