package io.unfreed.benchmarks.fleet;

import io.unfreed.collector.live.SyntheticRecorder;
import io.unfreed.collector.spool.SpoolingSink;
import io.unfreed.query.Cluster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Recorders of one process, each with a sink of its own as every real one has, until standard input
 * ends. Says how many events they had. {@code session=PREFIX first=N count=N} and the plan.
 */
public final class FleetRecorders {
  private static final long PAUSE_NANOS = 10_000_000L;

  /** As hundreds of producers are in this heap; a recorder's own takes half a megabyte. */
  private static final int BATCH_BYTES = 64 << 10;

  private FleetRecorders() {}

  /** Runs them. */
  public static void main(String[] args) throws IOException {
    Map<String, String> given = Fleet.arguments(args);
    FleetPlan plan = FleetPlan.of(given);
    Map<String, Object> client = Brokers.client(plan);
    String cluster;
    int partitions;
    try (Cluster brokers = new Cluster(client)) {
      cluster = brokers.id();
      partitions = brokers.eventPartitions();
    }
    client.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    int first = Integer.parseInt(given.get("first"));
    List<SyntheticRecorder> recorders = new ArrayList<>();
    for (int i = first; i < first + Integer.parseInt(given.get("count")); i++) {
      recorders.add(
          new SyntheticRecorder(
              given.get("session") + i,
              new SpoolingSink(
                  new HashMap<>(client),
                  cluster,
                  partitions,
                  plan.work(),
                  SpoolingSink.DEFAULT_SPOOL_BYTES),
              1000 + i,
              plan.tickSeconds() * 1_000_000_000L,
              plan.rate(i)));
    }
    System.out.println("recording");
    AtomicBoolean ended = new AtomicBoolean();
    Thread.ofPlatform().daemon().start(() -> awaitEnd(ended));
    while (!ended.get()) {
      for (SyntheticRecorder recorder : recorders) {
        recorder.turn();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    long events = 0;
    for (SyntheticRecorder recorder : recorders) {
      recorder.close();
      events += recorder.events();
    }
    System.out.println("events " + events);
  }

  private static void awaitEnd(AtomicBoolean ended) {
    try {
      System.in.readAllBytes();
    } catch (IOException e) {
      // as good as the end
    }
    ended.set(true);
  }
}
