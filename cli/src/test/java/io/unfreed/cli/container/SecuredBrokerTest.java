package io.unfreed.cli.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.unfreed.cli.CommandRun;
import io.unfreed.cli.ServiceProcess;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.streams.topology.ServiceSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.StreamsGroupMemberDescription;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole path through a broker that is somebody else's, with TLS, passwords and the ACLs of
 * {@code docs/operations.md}: two services, of which one is killed, recorders, and readers.
 */
@Tag("container")
@Timeout(1500) // an image may have to be made first
class SecuredBrokerTest {
  private static final Path RECORDINGS = Path.of("..", "replay-data").toAbsolutePath().normalize();
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String NO_RIGHTS = "stranger";

  @TempDir static Path directory;

  private static SecuredBroker broker;
  private static ServiceProcess first;
  private static ServiceProcess second;

  /** Before each, because of what is skipped before all nobody prints the reason. */
  @BeforeEach
  void startOnce() throws Exception {
    ContainerEngine.assumeAnswers();
    if (second == null) {
      start();
    }
  }

  private static void start() throws Exception {
    broker =
        SecuredBroker.start(
            ContainerEngine.brokerImage(),
            directory,
            Map.of(
                "service",
                List.of("service"),
                "recorder",
                List.of("recorder"),
                "reader",
                List.of("reader"),
                "replayer",
                List.of("recorder", "reader"),
                NO_RIGHTS,
                List.of()));
    first = service("first");
    second = service("second");
    await()
        .atMost(LIMIT)
        .ignoreExceptionsInstanceOf(ExecutionException.class)
        .until(SecuredBrokerTest::bothServe);
  }

  @AfterAll
  static void stopBroker() {
    for (AutoCloseable each : Arrays.asList(first, second, broker)) {
      close(each);
    }
  }

  @Test
  void shouldReportTheSameAsTheFileWhenAServiceIsKilledMeanwhile() throws Exception {
    String recording = RECORDINGS.resolve("stealth.capture").toString();
    CommandRun expected = CommandRun.of("report", recording, "--format", "json");

    CompletableFuture<CommandRun> replay =
        CompletableFuture.supplyAsync(
            () -> as("replayer", "replay", recording, "--format", "json"));
    await().atMost(LIMIT).until(() -> replay.isDone() || eventsArrive());
    first.kill();
    CommandRun replayed = replay.get();

    assertThat(replayed.exitCode()).as(replayed.err()).isZero();
    assertThat(replayed.out()).isEqualTo(expected.out());

    CommandRun sessions = as("reader", "sessions");
    assertThat(sessions.exitCode()).as(sessions.err()).isZero();
    assertThat(sessions.out()).contains("stealth");
    CommandRun read = as("reader", "report", "--session", id(expected), "--format", "json");
    assertThat(read.exitCode()).as(read.err()).isZero();
    assertThat(read.out()).isEqualTo(expected.out());
  }

  @Test
  void shouldSayWhatIsNotAllowedWhenRightsAreMissing() {
    String recording = RECORDINGS.resolve("perl-cycle.capture").toString();
    CommandRun allowed = as("replayer", "replay", recording);
    assertThat(allowed.exitCode()).as(allowed.err()).isZero();

    assertRefused(as("reader", "replay", recording), "ot authorized");
    assertRefused(as("recorder", "report"), "ot authorized");
    assertRefused(as(NO_RIGHTS, "replay", recording), "ot authorized");
  }

  @Test
  void shouldTakeARecordingWhenARecorderHasNoOtherRights() {
    assumeTrue(
        SecuredBrokerTest.class.getResource("/io/unfreed/shim/libunfreed-shim.so") != null,
        "shim: built without the recording library");

    CommandRun recorded = as("recorder", "record", "--probe", "shim", "--", "/bin/true");
    assertThat(recorded.exitCode()).as(recorded.err()).isZero();
    assertThat(recorded.err()).doesNotContain("schemas");

    CommandRun sessions = as("reader", "sessions");
    assertThat(sessions.exitCode()).as(sessions.err()).isZero();
    assertThat(sessions.out()).contains("/bin/true");
  }

  @Test
  void shouldSayThatThePasswordIsWrongWhenItIs() throws Exception {
    List<String> command = new ArrayList<>(List.of("sessions"));
    command.addAll(broker.access("reader", "wrong").options());
    CommandRun run = CommandRun.of(command.toArray(String[]::new));

    assertRefused(run, "Authentication failed");
  }

  private static String id(CommandRun report) throws IOException {
    return new ObjectMapper().readTree(report.out()).path("session").path("id").asText();
  }

  private static void assertRefused(CommandRun run, String why) {
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    // A note may stand above: that the schemas could not be published.
    assertThat(run.errLines()).allMatch(line -> line.startsWith("unfreed: "));
    assertThat(run.errLines().getLast()).contains(why);
  }

  private static CommandRun as(String user, String... command) {
    try {
      List<String> words = new ArrayList<>(Arrays.asList(command));
      words.addAll(1, broker.access(user).options());
      return CommandRun.of(words.toArray(String[]::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ServiceProcess service(String name) throws Exception {
    return new ServiceProcess(broker.access("service"), directory.resolve(name));
  }

  private static boolean eventsArrive() throws Exception {
    String topic = Topics.EVENTS.topicName();
    try (Admin admin = broker.admin()) {
      Map<TopicPartition, OffsetSpec> ends =
          admin
              .describeTopics(List.of(topic))
              .allTopicNames()
              .get()
              .get(topic)
              .partitions()
              .stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
      return admin.listOffsets(ends).all().get().values().stream()
          .anyMatch(end -> end.offset() > 0);
    }
  }

  private static boolean bothServe() throws Exception {
    assertThat(first.isAlive() && second.isAlive()).isTrue();
    return members() == 2;
  }

  private static long members() throws Exception {
    try (Admin admin = broker.admin()) {
      return admin
          .describeStreamsGroups(List.of(ServiceSettings.GROUP))
          .all()
          .get()
          .values()
          .stream()
          .flatMap(group -> group.members().stream())
          .map(StreamsGroupMemberDescription::processId)
          .collect(Collectors.toSet())
          .size();
    }
  }

  private static void close(AutoCloseable each) {
    try {
      if (each != null) {
        each.close();
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
