package io.unfreed.streams.topology;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when no broker answers this instance any more, and when one does again, by the bytes that
 * its consumers receive, once a second: a connection that is open says nothing of a broker that is
 * frozen or cut off. Thread-safe.
 */
final class BrokerPresence implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerPresence.class);
  private static final Duration LOOK = Duration.ofSeconds(1);

  /**
   * More than a heartbeat's interval (5 s, brokers allow 15), in which a healthy broker may have
   * nothing to say, and than one that starts again needs.
   */
  private static final long TOLD_AFTER_NANOS = 20_000_000_000L;

  private static final String CONSUMERS = "consumer-metrics";
  private static final String RECEIVED = "incoming-byte-total";
  private static final String RESTORING = "-restore-consumer";

  private ScheduledExecutorService looking;
  private StreamsService.Listener listener;

  private boolean isTold;
  private double received;
  private long answeredNanos;

  /** Of an instance that starts. */
  BrokerPresence() {}

  /** Looks from now on, until it is closed. */
  synchronized void look(
      Supplier<Map<MetricName, ? extends Metric>> metrics, StreamsService.Listener toTell) {
    tells(toTell);
    looking =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("unfreed-brokers").factory());
    looking.scheduleWithFixedDelay(
        () -> lookAt(metrics), LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Tells whom it may concern from now on. */
  synchronized void tells(StreamsService.Listener toTell) {
    listener = toTell;
  }

  private void lookAt(Supplier<Map<MetricName, ? extends Metric>> metrics) {
    try {
      seen(received(metrics.get()), System.nanoTime());
    } catch (RuntimeException e) { // else it would be the last look
      LOG.warn("the brokers' presence is not known", e);
    }
  }

  /** Over the consumers that poll all the time; those that restore have nothing to ask at rest. */
  private static double received(Map<MetricName, ? extends Metric> metrics) {
    double sum = 0;
    for (Map.Entry<MetricName, ? extends Metric> metric : metrics.entrySet()) {
      if (counts(metric.getKey()) && metric.getValue().metricValue() instanceof Number value) {
        sum += value.doubleValue();
      }
    }
    return sum;
  }

  /** Whether it is of what a consumer receives. */
  static boolean counts(MetricName metric) {
    return metric.name().equals(RECEIVED)
        && metric.group().equals(CONSUMERS)
        && !metric.tags().getOrDefault("client-id", "").endsWith(RESTORING);
  }

  /**
   * What a look saw.
   *
   * @param bytes received so far; 0: none was ever there
   */
  synchronized void seen(double bytes, long nowNanos) {
    if (bytes != received || bytes == 0) {
      if (isTold) {
        listener.brokersAnswer(Duration.ofNanos(nowNanos - answeredNanos));
      }
      received = bytes;
      answeredNanos = nowNanos;
      isTold = false;
    } else if (!isTold && nowNanos - answeredNanos >= TOLD_AFTER_NANOS) {
      isTold = true;
      listener.brokersAway();
    }
  }

  @Override
  public synchronized void close() {
    if (looking != null) {
      looking.shutdownNow();
    }
  }
}
