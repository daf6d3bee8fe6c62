package io.unfreed.streams.topology;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Whether any broker is connected to this instance, seen once a second at the connections of its
 * consumers. While none is, the stream threads of its tasks wait here: a consumer of the streams
 * protocol whose heartbeat is due and that knows no coordinator waits for nothing (Kafka 4.3.1,
 * {@code StreamsGroupHeartbeatRequestManager.maximumTimeToWait}), and each stream thread would take
 * a processor until a broker is back. Thread-safe.
 */
final class BrokerPresence implements AutoCloseable {
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** Far below {@code max.poll.interval.ms}, behind which a member is no more one of its group. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** Not worth a word before: a broker that starts again. */
  private static final long TOLD_AFTER_NANOS = 5_000_000_000L;

  private static final String CONSUMERS = "consumer-metrics";
  private static final String RESTORING = "-restore-consumer";

  private ScheduledExecutorService looking;
  private StreamsService.Listener listener;

  private boolean isAway;
  private boolean isClosed;
  private boolean isTold;
  private long awaySinceNanos;

  /** Connections that had been made when the last one was lost. */
  private double madeBefore;

  /** A broker that is there, until somebody looks. */
  BrokerPresence() {}

  /** Looks from now on, until it is closed. */
  synchronized void look(
      Supplier<Map<MetricName, ? extends Metric>> metrics, StreamsService.Listener toTell) {
    listener = toTell;
    looking =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("unfreed-brokers").factory());
    looking.scheduleWithFixedDelay(
        () -> {
          Map<MetricName, ? extends Metric> now = metrics.get();
          seen(
              sum(now, "connection-count"),
              sum(now, "connection-creation-total"),
              System.nanoTime());
        },
        LOOK.toMillis(),
        LOOK.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /** Over the consumers that poll all the time; those that restore notice nothing in between. */
  private static double sum(Map<MetricName, ? extends Metric> metrics, String name) {
    double sum = 0;
    for (Map.Entry<MetricName, ? extends Metric> metric : metrics.entrySet()) {
      if (metric.getKey().name().equals(name)
          && metric.getKey().group().equals(CONSUMERS)
          && !metric.getKey().tags().getOrDefault("client-id", "").endsWith(RESTORING)
          && metric.getValue().metricValue() instanceof Number value) {
        sum += value.doubleValue();
      }
    }
    return sum;
  }

  /**
   * What a look saw.
   *
   * @param open connections now, attempts included
   * @param made connections so far
   */
  synchronized void seen(double open, double made, long nowNanos) {
    if (!isAway && open == 0 && made > 0) {
      isAway = true;
      awaySinceNanos = nowNanos;
      madeBefore = made;
    } else if (isAway && made > madeBefore) {
      isAway = false;
      notifyAll();
      if (isTold) {
        isTold = false;
        listener.brokersAnswer(Duration.ofNanos(nowNanos - awaySinceNanos));
      }
    } else if (isAway && !isTold && nowNanos - awaySinceNanos >= TOLD_AFTER_NANOS) {
      isTold = true;
      listener.brokersAway();
    }
  }

  /** Lets the thread of a task wait here at its wall clock. */
  void holdThreadOf(ProcessorContext<?, ?> context) {
    context.schedule(LOOK, PunctuationType.WALL_CLOCK_TIME, now -> await(LONGEST_WAIT));
  }

  /** Blocks while no broker is there, at most so long. */
  synchronized void await(Duration longest) {
    long deadlineNanos = System.nanoTime() + longest.toNanos();
    try {
      for (long left = longest.toNanos(); isAway && !isClosed && left > 0; ) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
        left = deadlineNanos - System.nanoTime();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    notifyAll();
    if (looking != null) {
      looking.shutdownNow();
    }
  }
}
