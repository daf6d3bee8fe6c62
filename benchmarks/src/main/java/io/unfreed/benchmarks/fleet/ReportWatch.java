package io.unfreed.benchmarks.fleet;

import io.unfreed.query.TopicReader;
import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.Totals;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads the reports as they are published: how long after its moment each was there, up to when
 * each recorder is reported, and what the final ones count.
 */
final class ReportWatch implements AutoCloseable {
  private static final long LARGEST_MILLIS = 3_600_000;

  private final RecordCodec<LeakReport> codec = RecordCodec.leakReports();
  private final String prefix;
  private final Map<String, Long> reportedNanos = new ConcurrentHashMap<>();
  private final Map<String, Long> finalEvents = new ConcurrentHashMap<>();
  private final ConcurrentHistogram delays = new ConcurrentHistogram(LARGEST_MILLIS, 3);
  private final Thread reader;
  private volatile boolean measuring;
  private volatile boolean closed;

  /** Watches the sessions whose ids begin so. */
  ReportWatch(Map<String, Object> client, String prefix) {
    this.prefix = prefix;
    reader =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try (TopicReader topic = new TopicReader(client, Topics.REPORTS)) {
                topic.readUntil(() -> closed, this::take);
              }
            });
  }

  /** Delays from now on count, or no longer. */
  void measure(boolean now) {
    measuring = now;
  }

  /** Milliseconds from the moment of a report until it was there. */
  Histogram delays() {
    return delays.copy();
  }

  /** Recorders that are reported as of a moment or later. */
  long reportedSince(Instant moment) {
    long nanos = epochNanos(moment);
    return reportedNanos.values().stream().filter(at -> at >= nanos).count();
  }

  /** Waits until so many recorders are; seconds, negative when they are not after the limit. */
  double awaitReportedSince(Instant moment, int recorders, long limitSeconds) {
    Instant limit = Instant.now().plusSeconds(limitSeconds);
    while (reportedSince(moment) < recorders) {
      if (Instant.now().isAfter(limit) || !reader.isAlive()) {
        return -1;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    return (epochNanos(Instant.now()) - epochNanos(moment)) / 1e9;
  }

  /** Waits for the final reports; events that they count, negative when some are missing. */
  long awaitFinals(int recorders, long limitSeconds) {
    Instant limit = Instant.now().plusSeconds(limitSeconds);
    while (finalEvents.size() < recorders) {
      if (Instant.now().isAfter(limit) || !reader.isAlive()) {
        return -1;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    return finalEvents.values().stream().mapToLong(Long::longValue).sum();
  }

  int finals() {
    return finalEvents.size();
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    if (!key.startsWith(prefix)) {
      return;
    }
    try {
      LeakReport report = codec.decode(record.value());
      long momentNanos = report.getProcess().getStartEpochNanos() + report.getAtNanos();
      reportedNanos.merge(key, momentNanos, Math::max);
      if (report.getFinal$()) {
        Totals totals = report.getTotals();
        finalEvents.put(key, totals.getAllocations() + totals.getFrees());
      } else if (measuring) {
        long millis = (epochNanos(Instant.now()) - momentNanos) / 1_000_000;
        delays.recordValue(Math.clamp(millis, 0, LARGEST_MILLIS));
      }
    } catch (MalformedBatchException e) {
      System.err.println(TopicReader.place(record) + ": " + e.getMessage());
    }
  }

  private static long epochNanos(Instant moment) {
    return moment.getEpochSecond() * 1_000_000_000L + moment.getNano();
  }

  @Override
  public void close() {
    closed = true;
    try {
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
