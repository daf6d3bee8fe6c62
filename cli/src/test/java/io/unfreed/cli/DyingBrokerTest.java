package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.schemas.topic.Topics;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that goes away for good while a replay talks to it. */
@Tag("broker")
class DyingBrokerTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @TempDir Path directory;

  @Test
  void shouldFailInOneLineWhenTheBrokerDiesInTheMiddleOfAReplay() throws Exception {
    SyntheticRecording recording = new SyntheticRecording(7, 2, 4000);
    Path file = directory.resolve("capture");
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(recording.session);
      for (var batch : recording.batches) {
        capture.batch(batch);
      }
    }
    try (KillableBroker broker = KillableBroker.start(directory)) {
      BrokerAccess access = broker.access();
      UndisturbedService.createTopics(access);
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            await().atMost(LIMIT).until(() -> PublishedValues.count(access, Topics.EVENTS) > 0);
            broker.close();
          });
      long beginNanos = System.nanoTime();
      CommandRun run = CommandRun.of(access.with("replay", file.toString()));

      assertThat(Duration.ofNanos(System.nanoTime() - beginNanos)).isLessThan(LIMIT);
      assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
      assertThat(run.errLines()).as(run.err()).allMatch(line -> line.startsWith("unfreed: "));
      assertThat(run.errLines().getFirst()).contains("running the topology in this process");
      assertThat(run.errLines().getLast()).contains(access.servers());
      assertThat(run.out()).isEmpty();
    }
  }
}
