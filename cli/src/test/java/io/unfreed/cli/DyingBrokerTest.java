package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.query.Cluster;
import io.unfreed.schemas.topic.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that goes away for good while a replay or a service talks to it. */
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
      CommandRun run = CommandRun.of(impatient(access).with("replay", file.toString()));

      assertThat(Duration.ofNanos(System.nanoTime() - beginNanos)).isLessThan(LIMIT);
      assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
      assertThat(run.errLines()).as(run.err()).allMatch(line -> line.startsWith("unfreed: "));
      assertThat(run.errLines().getFirst()).contains("running the topology in this process");
      assertThat(run.errLines().getLast()).contains(access.servers());
      assertThat(run.out()).isEmpty();
    }
  }

  /** Gives up what is on its way after ten seconds instead of sixty. */
  private BrokerAccess impatient(BrokerAccess access) throws IOException {
    String lines = "\nrequest.timeout.ms=10000\ndelivery.timeout.ms=11000\nmax.block.ms=10000\n";
    return BrokerAccess.of(
        Files.writeString(
            directory.resolve("impatient.properties"), Files.readString(access.file()) + lines));
  }

  @Test
  void shouldEndTheServiceInOneLineWhenTheProcessThatRunsItsBrokerEnds() throws Exception {
    Path data = directory.resolve("data");
    try (KillableBroker owner = KillableBroker.start(directory, data.toString())) {
      CompletableFuture<CommandRun> service = new CompletableFuture<>();
      Thread.ofPlatform()
          .daemon()
          .start(() -> service.complete(CommandRun.of("streams", "--data-dir", data.toString())));
      try (Cluster cluster = new Cluster(owner.access().client())) {
        await().atMost(LIMIT).until(() -> service.isDone() || cluster.hasService());
      }
      assertThat(service).isNotDone();
      owner.close();

      CommandRun run = service.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
      assertThat(run.errLines().getLast())
          .startsWith("unfreed: the broker at " + owner.access().servers())
          .contains(data.toString(), "is gone: it ended with process ");
    }
  }
}
