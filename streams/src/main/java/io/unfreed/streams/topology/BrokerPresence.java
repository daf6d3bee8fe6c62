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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether any broker answers this instance, seen once a second at the bytes that its consumers have
 * received: a connection that is open says nothing of a broker that is frozen or cut off. While
 * none does, the stream threads of its tasks wait here: a consumer of the streams protocol whose
 * heartbeat is due and that knows no coordinator waits for nothing (Kafka 4.3.1, {@code
 * StreamsGroupHeartbeatRequestManager.maximumTimeToWait}), and each stream thread would take a
 * processor until a broker is back. Not held: a thread without tasks, and the thread in which each
 * consumer talks to brokers, which does the same ({@code CoordinatorRequestManager.poll} answers 0
 * while a request waits for a node). Thread-safe.
 */
final class BrokerPresence implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerPresence.class);
  private static final Duration LOOK = Duration.ofSeconds(1);

  /**
   * A thread polls once it has waited for each of its tasks, of which there may be dozens; behind
   * {@code max.poll.interval.ms}, five minutes, it is no more a member of its group.
   */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

  /** More than a heartbeat's interval, 5 s, in which a healthy broker may have nothing to say. */
  private static final long AWAY_AFTER_NANOS = 7_000_000_000L;

  /** Not worth a word before: a broker that starts again. */
  private static final long TOLD_AFTER_NANOS = 10_000_000_000L;

  private static final String CONSUMERS = "consumer-metrics";
  private static final String RECEIVED = "incoming-byte-total";
  private static final String RESTORING = "-restore-consumer";

  private ScheduledExecutorService looking;
  private StreamsService.Listener listener;

  private boolean isAway;
  private boolean isClosed;
  private boolean isTold;
  private double received;
  private long answeredNanos;

  /** A broker that is there, until somebody looks. */
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
      if (metric.getKey().name().equals(RECEIVED)
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
   * @param bytes received so far; 0: none was ever there
   */
  synchronized void seen(double bytes, long nowNanos) {
    if (bytes != received || bytes == 0) {
      if (isTold) {
        listener.brokersAnswer(Duration.ofNanos(nowNanos - answeredNanos));
      }
      received = bytes;
      answeredNanos = nowNanos;
      isAway = false;
      isTold = false;
      notifyAll();
    } else {
      long silentNanos = nowNanos - answeredNanos;
      isAway = silentNanos >= AWAY_AFTER_NANOS;
      if (!isTold && silentNanos >= TOLD_AFTER_NANOS) {
        isTold = true;
        listener.brokersAway();
      }
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
