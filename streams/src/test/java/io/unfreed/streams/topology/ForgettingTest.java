package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.topic.Forgetting;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.streams.model.RandomLane;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** A session that is forgotten leaves nothing in the service, and its topics get tombstones. */
class ForgettingTest {
  private final Map<String, byte[]> outstanding = new TreeMap<>();

  @Test
  void shouldLeaveNothingOfASessionAndAllOfOthersWhenItIsForgotten() {
    int keptOfAll = 0;
    for (int seed = 0; seed < 12; seed++) {
      outstanding.clear();
      try (Bench bench = new Bench()) {
        List<byte[]> gone = messages(seed, "gone|%7C");
        List<byte[]> kept = messages(seed + 100, "gone|%7Ck");
        gone.forEach(bench::pipe);
        kept.forEach(bench::pipe);
        take(bench);
        Map<String, byte[]> keptStates = of("gone|%7Ck-");
        List<String> keptKeys =
            bench.reportKeys().stream().filter(key -> key.startsWith("gone%7C%257Ck-")).toList();
        for (int incarnations = 0; incarnations < 3; incarnations++) {
          forget(bench, "gone|%7C-" + incarnations);
        }
        take(bench);

        assertThat(of("gone|%7C-")).isEmpty();
        assertThat(of("gone|%7Ck-")).isEqualTo(keptStates);
        keptOfAll += keptStates.size();
        assertThat(bench.reportKeys()).isEqualTo(keptKeys);
        assertThat(bench.read(Topics.DEAD_LETTERS)).isEmpty();
      }
    }
    assertThat(keptOfAll).isGreaterThan(20);
  }

  @Test
  void shouldPublishTheSameWhenAForgottenSessionIsReplayed() throws Exception {
    for (int seed = 0; seed < 12; seed++) {
      try (Bench bench = new Bench()) {
        List<byte[]> messages = messages(seed, "again");
        messages.forEach(bench::pipe);
        List<String> reports = bench.values(Topics.REPORTS);
        for (int incarnations = 0; incarnations < 3; incarnations++) {
          forget(bench, "again-" + incarnations);
        }
        messages.forEach(bench::pipe);

        assertThat(bench.values(Topics.REPORTS)).isEqualTo(reports);
      }
    }
  }

  private static void forget(Bench bench, String session) {
    byte[] key = Forgetting.key(session);
    bench.pipe(key, null);
    bench.pipeStatement(new TestRecord<>(key, null, new RecordHeaders()));
  }

  private void take(Bench bench) {
    for (TestRecord<byte[], byte[]> record : bench.read(Topics.OUTSTANDING)) {
      String key = new String(record.key(), StandardCharsets.UTF_8);
      if (record.value() == null) {
        outstanding.remove(key);
      } else {
        outstanding.put(key, record.value());
      }
    }
  }

  private Map<String, byte[]> of(String prefix) {
    Map<String, byte[]> found = new TreeMap<>(outstanding);
    found.keySet().removeIf(key -> !key.startsWith(prefix));
    return found;
  }

  private static List<byte[]> messages(long seed, String session) {
    Random random = new Random(seed);
    List<RandomLane> lanes = TopologyModelTest.lanes(random, session);
    return new ArrayList<>(TopologyModelTest.interleave(random, lanes));
  }
}
