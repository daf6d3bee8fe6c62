package io.unfreed.cli.serve;

import io.unfreed.streams.topology.StreamsService;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;

/**
 * Says on stderr what holds a service up: how restoring goes, at the start, about every two
 * seconds, and at the end; and that no broker answers, once, and when one does again.
 */
public final class ServiceProgress implements StreamsService.Listener {
  private static final long PAUSE_NANOS = 2_000_000_000L;

  private static final class Progress {
    long total;
    long done;
    long startNanos = System.nanoTime();
    long saidNanos = startNanos;
  }

  private final PrintStream err;
  private final String servers;
  private final Map<TopicPartition, Progress> partitions = new ConcurrentHashMap<>();

  /**
   * Told there.
   *
   * @param servers the brokers, as the user knows them
   */
  public ServiceProgress(PrintStream err, String servers) {
    this.err = err;
    this.servers = servers;
  }

  @Override
  public void brokersAway() {
    err.println("unfreed: Kafka at " + servers + " does not answer; waiting for it");
  }

  @Override
  public void brokersAnswer(Duration away) {
    err.printf("unfreed: Kafka answers again after %.0f s%n", away.toMillis() / 1e3);
  }

  @Override
  public synchronized void restoring(TopicPartition partition, long done, long total) {
    if (done == 0 && total > 0) {
      Progress progress = new Progress();
      progress.total = total;
      partitions.put(partition, progress);
      err.println("unfreed: restoring " + partition + ": " + total + " records");
      return;
    }
    Progress progress = partitions.get(partition);
    if (progress == null) {
      return;
    }
    long now = System.nanoTime();
    if (total >= 0) {
      err.printf(
          "unfreed: restored %s: %d records in %.1f s%n",
          partition, total, (now - progress.startNanos) / 1e9);
      partitions.remove(partition);
      return;
    }
    progress.done += done;
    if (now - progress.saidNanos > PAUSE_NANOS) {
      progress.saidNanos = now;
      err.println(
          "unfreed: restoring " + partition + ": " + progress.done + " of " + progress.total);
    }
  }
}
