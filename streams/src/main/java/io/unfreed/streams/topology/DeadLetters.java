package io.unfreed.streams.topology;

import io.unfreed.schemas.text.Printable;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends undecodable records to the dead letters, as received, with reason and origin, and counts
 * them. Shared by all tasks of an instance; thread-safe.
 */
final class DeadLetters {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

  private final LongAdder count = new LongAdder();

  /** Records that were sent since the instance began. */
  long count() {
    return count.sum();
  }

  void forward(
      ProcessorContext<byte[], byte[]> context, Record<byte[], byte[]> record, String why) {
    forward(context, record, why, Nodes.DEAD_LETTERS);
  }

  void forward(
      ProcessorContext<byte[], byte[]> context,
      Record<byte[], byte[]> record,
      String why,
      String sink) {
    count.increment();
    String reason = Printable.of(why);
    String origin =
        context
            .recordMetadata()
            .map(m -> m.topic() + "-" + m.partition() + "@" + m.offset())
            .orElse("unknown");
    LOG.warn("{}: {}; sent to the dead letters", origin, reason);
    RecordHeaders headers = new RecordHeaders(record.headers());
    headers.add(ReportHeaders.REASON, reason.getBytes(StandardCharsets.UTF_8));
    headers.add(ReportHeaders.ORIGIN, origin.getBytes(StandardCharsets.UTF_8));
    context.forward(new Record<>(record.key(), record.value(), record.timestamp(), headers), sink);
  }
}
