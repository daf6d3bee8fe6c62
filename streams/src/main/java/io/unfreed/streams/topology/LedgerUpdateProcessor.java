package io.unfreed.streams.topology;

import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Feeds the ledgers. It cannot forward, by design of read-only stores: {@link MatchProcessor} does.
 */
final class LedgerUpdateProcessor implements Processor<byte[], byte[], Void, Void> {
  private ProcessorContext<Void, Void> context;
  private LedgerStore ledgers;

  @Override
  public void init(ProcessorContext<Void, Void> processorContext) {
    context = processorContext;
    ledgers = context.getStateStore(Nodes.LEDGERS);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    long offset = context.recordMetadata().orElseThrow().offset();
    ledgers.apply(EventKeys.text(record.key()), record.value(), offset);
  }
}
