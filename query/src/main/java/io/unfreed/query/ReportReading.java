package io.unfreed.query;

import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.RecordKeys;
import io.unfreed.streams.record.ReportRecords;
import io.unfreed.streams.record.WholeReports;
import io.unfreed.streams.topology.ReportHeaders;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads the numbers of processes from published reports, in their order. A record that is no report
 * is passed over: whoever asks for it is told of it, and the numbers behind it must come. Used by
 * one thread.
 */
final class ReportReading {
  private final RecordCodec<LeakReport> codec;
  private final Function<String, Long> limits;
  private final WholeReports whole;

  /**
   * Begins.
   *
   * @param limits what memory the target of a session may take, in bytes; null when that is not
   *     known
   * @param mostProcesses reports of so many are known, to make the next of them whole
   */
  ReportReading(RecordCodec<LeakReport> codec, Function<String, Long> limits, int mostProcesses) {
    this.codec = codec;
    this.limits = limits;
    whole = new WholeReports(mostProcesses);
  }

  /** The numbers of the next record; null when it is no report. */
  ProcessNumbers numbers(ConsumerRecord<byte[], byte[]> record) {
    LeakReport report;
    try {
      report = report(record);
    } catch (MalformedBatchException e) {
      return null;
    }
    Long limitBytes = limits.apply(report.getSession());
    try {
      return ProcessNumbers.of(ReportRecords.fromRecord(report), limitBytes, record.timestamp());
    } catch (RuntimeException e) { // it says of itself what no report says
      return null;
    }
  }

  private LeakReport report(ConsumerRecord<byte[], byte[]> record) throws MalformedBatchException {
    LeakReport report = codec.decode(record.value());
    RecordKeys.check(record.key(), report);
    String key = new String(record.key(), StandardCharsets.UTF_8);
    if (report.getTick() == null) {
      whole.forget(key);
      return report;
    }
    return whole.next(key, report, ReportHeaders.sameAsTick(record.headers()));
  }
}
