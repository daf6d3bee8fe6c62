package io.unfreed.query;

import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.streams.topology.TopicSchemas;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what the topology publishes, on a thread of its own: the newest numbers of the processes
 * that were heard of last. Thread-safe.
 */
public final class NewestReports implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NewestReports.class);

  /** Series that Prometheus keeps are bounded with them. */
  private static final int MOST_PROCESSES = 1000;

  /** A process that is over is told once more to whoever looks every few minutes. */
  private static final Duration OVER = Duration.ofMinutes(10);

  /** One of which nothing is heard has lost its recorder. */
  private static final Duration SILENT = Duration.ofHours(1);

  private static final Duration AGAIN = Duration.ofSeconds(5);

  private final Map<String, Object> client;
  private final Map<String, ProcessNumbers> newest = new LinkedHashMap<>(16, 0.75f, true);
  private final SessionLimits limits;
  private final Thread thread;
  private volatile boolean closed;

  /** Begins to follow. */
  public NewestReports(Map<String, Object> client) {
    this.client = Map.copyOf(client);
    // Again and again: what is no session is told to whoever asks for sessions.
    limits =
        new SessionLimits(
            () -> SessionCatalogue.readAll(this.client, new ForeignRecords()).oldestFirst(),
            System::nanoTime);
    thread = Thread.ofPlatform().name("unfreed-newest-reports").daemon().start(this::follow);
  }

  /** The newest numbers, those heard of last at the end. */
  public synchronized List<ProcessNumbers> processes() {
    return processes(System.currentTimeMillis());
  }

  private List<ProcessNumbers> processes(long nowMillis) {
    newest.values().removeIf(one -> isOld(one, nowMillis));
    return List.copyOf(newest.values());
  }

  private static boolean isOld(ProcessNumbers one, long nowMillis) {
    Duration kept = one.isOver() ? OVER : SILENT;
    return nowMillis - one.heardMillis() > kept.toMillis();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow() {
    while (!closed) {
      try (TopicReader reader = TopicReader.following(client, Topics.REPORTS)) {
        ReportReading reading =
            new ReportReading(
                RecordCodec.leakReports(new TopicSchemas(client)), limits::of, MOST_PROCESSES);
        reader.readUntil(() -> closed, record -> take(record, reading));
      } catch (RuntimeException e) {
        if (!closed) {
          LOG.warn("reports are not followed, tried again: {}", e.getMessage());
          pause();
        }
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(AGAIN);
    } catch (InterruptedException e) {
      // closed, or a look too early
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record, ReportReading reading) {
    ProcessNumbers numbers = reading.numbers(record);
    if (numbers != null) {
      put(LaneKey.incarnationKey(numbers.session(), numbers.incarnation()), numbers);
    }
  }

  private synchronized void put(String key, ProcessNumbers numbers) {
    newest.put(key, numbers);
    if (newest.size() > MOST_PROCESSES) {
      newest.remove(newest.keySet().iterator().next());
    }
  }
}
