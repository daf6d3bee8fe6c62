package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.collector.sink.KafkaSink;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.TraceWindow;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.RecordKeys;
import io.unfreed.streams.trace.RandomTrace;
import io.unfreed.streams.trace.TraceDifference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL at random moments: every window of a trace is published exactly once, with the bytes that
 * the statements themselves give. {@code -Dunfreed.kills=10} for more than CI's.
 */
@Tag("broker")
class KilledWindowsTest {
  private static final int KILLS = Integer.getInteger("unfreed.kills", 2);
  private static final long SEED = Long.getLong("unfreed.seed", System.nanoTime());

  @TempDir Path directory;

  @Test
  void shouldPublishTheSameWindowsWhenTheServiceIsKilledAgainAndAgain() throws Exception {
    System.out.println("kill test: -Dunfreed.seed=" + SEED + " -Dunfreed.kills=" + KILLS);
    Random random = new Random(SEED);
    RandomTrace trace = new RandomTrace(SEED, "killed", "syscalls", 120);
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      int published = 0;
      try (KafkaSink sink = UndisturbedService.sink(access)) {
        for (int kill = 1; kill <= KILLS; kill++) {
          try (ServiceProcess service = new ServiceProcess(access, directory.resolve("state"))) {
            int next = trace.statements.size() * kill / (KILLS + 1);
            for (; published < next; published++) {
              TraceRecording.give(trace, sink, published, published + 1);
              LockSupport.parkNanos(random.nextInt(20_000_000));
            }
            LockSupport.parkNanos(random.nextLong(3_000_000_000L));
            assertThat(service.isAlive()).isTrue();
            service.kill();
          }
        }
        try (ServiceProcess service = new ServiceProcess(access, directory.resolve("empty"))) {
          TraceRecording.give(trace, sink, published, trace.statements.size());
          TraceRecording.give(trace, sink, 0, trace.statements.size());
          Map<String, List<TraceWindow>> expected = expected(trace);
          await()
              .atMost(Duration.ofMinutes(3))
              .pollInterval(Duration.ofMillis(500))
              .untilAsserted(() -> assertThat(windows(access)).isEqualTo(expected));
          service.terminate();
        }
      }
    }
  }

  private static Map<String, List<TraceWindow>> windows(BrokerAccess access) throws Exception {
    Map<String, List<TraceWindow>> windows = new TreeMap<>();
    for (Map.Entry<String, List<String>> key :
        PublishedValues.of(access, Topics.WINDOWS).entrySet()) {
      List<TraceWindow> decoded = new ArrayList<>();
      for (String value : key.getValue()) {
        decoded.add(RecordCodec.traceWindows().decode(HexFormat.of().parseHex(value)));
      }
      windows.put(key.getKey(), decoded);
    }
    return windows;
  }

  private static Map<String, List<TraceWindow>> expected(RandomTrace trace) {
    Map<String, TraceStatement> before = new HashMap<>();
    Map<String, List<TraceWindow>> windows = new TreeMap<>();
    for (TraceStatement now : trace.statements) {
      String key = RecordKeys.of(now);
      windows
          .computeIfAbsent(key, k -> new ArrayList<>())
          .add(TraceDifference.of(before.put(key, now), now));
    }
    return windows;
  }
}
