package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.query.Retention;
import io.unfreed.query.TopicReader;
import io.unfreed.schemas.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ended sessions leave the cluster some time after their end. */
@Tag("broker")
class RetentionTest {
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir Path directory;

  @Test
  void shouldForgetASessionWhenItEndedLongAgo() throws Exception {
    Path gone = directory.resolve("gone");
    LaneRecording.write(gone, "gone", 3, LaneRecording.Ends.ALL_CLOSED);
    Path open = directory.resolve("open");
    LaneRecording.write(open, "open", 4, LaneRecording.Ends.ONE_OPEN);
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      Retention retention = new Retention(access.client(), DAY);
      try (ServiceProcess service = new ServiceProcess(access, directory.resolve("state"))) {
        CommandRun before =
            CommandRun.of(access.with("replay", "--format", "json", gone.toString()));
        long nowMillis = System.currentTimeMillis();
        assertThat(retention.sweep(nowMillis).sessions()).isZero();
        CommandRun.of(access.with("replay", "--format", "json", open.toString()));
        assertThat(held(access, "gone/")).isPositive();
        long openStates = held(access, "open/");

        assertThat(retention.sweep(nowMillis + DAY.toMillis() * 2))
            .as("the session that is open may refer to every stack")
            .isEqualTo(new Retention.Swept(1, 0));
        await().atMost(Duration.ofMinutes(2)).until(() -> held(access, "gone/") == 0);
        assertThat(held(access, "open/")).isEqualTo(openStates);
        assertThat(CommandRun.of(access.with("sessions")).outLines())
            .singleElement()
            .asString()
            .startsWith("open ");
        assertThat(retention.sweep(nowMillis + DAY.toMillis() * 2).sessions()).isZero();

        CommandRun again =
            CommandRun.of(access.with("replay", "--format", "json", gone.toString()));
        assertThat(again.out()).isEqualTo(before.out()).isNotEmpty();
        service.terminate();
      }
    }
  }

  /** Values of which the last is no tombstone. */
  private static long held(BrokerAccess access, String prefix) {
    Map<String, Boolean> last = new TreeMap<>();
    try (TopicReader reader = new TopicReader(access.client(), Topics.OUTSTANDING)) {
      reader.readToEnd(record ->
          last.put(new String(record.key(), StandardCharsets.UTF_8), record.value() != null));
    }
    return last.entrySet().stream()
        .filter(one -> one.getKey().startsWith(prefix) && one.getValue())
        .count();
  }
}
