package io.unfreed.benchmarks.restart;

import io.unfreed.query.TopicReader;
import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.streams.topology.ReportHeaders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** What the service publishes: who has answered which token, and everything else as a sum. */
final class Answers implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 1_800;

  private final RecordCodec<LeakReport> codec = RecordCodec.leakReports();
  private final Map<String, Set<String>> answered = new ConcurrentHashMap<>();
  private final Map<String, Integer> sums = new ConcurrentHashMap<>();
  private final Set<String> over = ConcurrentHashMap.newKeySet();
  private final Thread reader;
  private volatile boolean closed;

  /** Reads from now on. */
  Answers(Map<String, Object> client) {
    reader =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try (TopicReader topic = new TopicReader(client, Topics.REPORTS)) {
                topic.readUntil(() -> closed, this::take);
              }
            });
  }

  /** Waits until so many processes have answered; when that was. */
  long awaitAnswers(String token, int processes) throws IOException {
    await(() -> answered.getOrDefault(token, Set.of()).size() >= processes, "answers");
    return System.nanoTime();
  }

  /** Waits until so many processes are over; by key, a sum of the bytes of all their reports. */
  Map<String, Integer> awaitFinals(int processes) throws IOException {
    await(() -> over.size() >= processes, "final reports");
    return Map.copyOf(sums);
  }

  private interface Condition {
    boolean isMet();
  }

  private void await(Condition condition, String what) throws IOException {
    long beganNanos = System.nanoTime();
    while (!condition.isMet()) {
      if (System.nanoTime() - beganNanos > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)
          || !reader.isAlive()) {
        throw new IOException("no " + what + " after " + PATIENCE_SECONDS + " s");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    String key = new String(record.key(), StandardCharsets.UTF_8);
    Header marker = record.headers().lastHeader(ReportHeaders.MARKER);
    if (marker != null) {
      answered
          .computeIfAbsent(
              new String(marker.value(), StandardCharsets.UTF_8),
              token -> ConcurrentHashMap.newKeySet())
          .add(key);
      return;
    }
    sums.merge(key, Arrays.hashCode(record.value()), (before, now) -> 31 * before + now);
    try {
      if (codec.decode(record.value()).getFinal$()) {
        over.add(key);
      }
    } catch (MalformedBatchException e) {
      System.err.println(TopicReader.place(record) + ": " + e.getMessage());
    }
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
