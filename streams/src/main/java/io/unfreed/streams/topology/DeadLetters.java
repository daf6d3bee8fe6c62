package io.unfreed.streams.topology;

import io.unfreed.schemas.text.Printable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends undecodable records to the dead letters, with reason and origin, and counts them: as
 * received, but for such as could not be published with what is added to them. Shared by all tasks
 * of an instance; thread-safe.
 */
final class DeadLetters {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

  /** All of these together are less than Kafka's default for topics, 1,048,588 bytes. */
  private static final int MOST_VALUE_BYTES = 768 << 10;

  private static final int MOST_KEY_BYTES = 64 << 10;
  private static final int MOST_HEADER_BYTES = 64 << 10;

  /** In characters. */
  private static final int MOST_REASON = 1000;

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
    String reason = cut(Printable.of(why));
    String origin =
        context
            .recordMetadata()
            .map(m -> m.topic() + "-" + m.partition() + "@" + m.offset())
            .orElse("unknown");
    LOG.warn("{}: {}; sent to the dead letters", origin, reason);
    RecordHeaders headers = new RecordHeaders();
    long headerBytes = bytes(record.headers());
    boolean areHeadersCut = headerBytes > MOST_HEADER_BYTES;
    if (!areHeadersCut) {
      record.headers().forEach(headers::add);
    }
    headers.add(ReportHeaders.REASON, reason.getBytes(StandardCharsets.UTF_8));
    headers.add(ReportHeaders.ORIGIN, origin.getBytes(StandardCharsets.UTF_8));
    byte[] key = cut(record.key(), MOST_KEY_BYTES);
    byte[] value = cut(record.value(), MOST_VALUE_BYTES);
    if (areHeadersCut
        || length(key) < length(record.key())
        || length(value) < length(record.value())) {
      String sizes =
          length(record.key())
              + "+"
              + length(record.value())
              + (areHeadersCut ? "+" + headerBytes : "");
      headers.add(ReportHeaders.CUT, sizes.getBytes(StandardCharsets.UTF_8));
    }
    context.forward(new Record<>(key, value, record.timestamp(), headers), sink);
  }

  private static String cut(String reason) {
    return reason.length() <= MOST_REASON ? reason : reason.substring(0, MOST_REASON) + "..";
  }

  private static byte[] cut(byte[] whole, int mostBytes) {
    return length(whole) <= mostBytes ? whole : Arrays.copyOf(whole, mostBytes);
  }

  private static int length(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  private static long bytes(Headers headers) {
    long bytes = 0;
    for (Header header : headers) {
      bytes += header.key().length() + length(header.value());
    }
    return bytes;
  }
}
