package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.collector.capture.CaptureReader;
import io.unfreed.collector.sink.KafkaSink;
import io.unfreed.query.Cluster;
import io.unfreed.query.SessionCatalogue;
import io.unfreed.schemas.topic.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who creates topics, and what more partitions do to recordings. */
@Tag("broker")
class TopicsTest {
  @TempDir Path directory;

  @Test
  void shouldKeepALaneInOnePartitionWhenPartitionsAreAddedWhileItIsRecorded() throws Exception {
    Path file = directory.resolve("capture");
    LaneRecording.write(file, "grown", 21, LaneRecording.Ends.ALL_CLOSED);
    CommandRun expected = CommandRun.of("report", file.toString(), "--format", "json");
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      CommandRun created = CommandRun.of(access.with("topics", "create", "--partitions", "3"));
      assertThat(created.exitCode()).isZero();
      assertThat(created.outLines()).contains("unfreed.events  3 partitions, created");
      record(file, access, 5, 0);
      grow(access, 16);
      record(file, access, Integer.MAX_VALUE, 5);

      CommandRun report = CommandRun.of(access.with("report", "--format", "json"));
      CommandRun topology =
          CommandRun.of(access.with("replay", "--format", "json", file.toString()));
      assertThat(report.out()).isEqualTo(expected.out()).isNotEmpty();
      assertThat(topology.out()).isEqualTo(expected.out());
      assertThat(PublishedValues.placesOf(access, Topics.EVENTS).values())
          .isNotEmpty()
          .allSatisfy(partitions -> assertThat(partitions).hasSize(1));
    }
  }

  /** A service that runs is told by its threads, which end for it; the next one finds it so. */
  @Test
  void shouldGoOnWhenThereAreMorePartitionsWhereTheServiceHasAState() throws Exception {
    Path file = directory.resolve("capture");
    LaneRecording.write(file, "grown", 22, LaneRecording.Ends.ALL_CLOSED);
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      CommandRun before = CommandRun.of(access.with("replay", file.toString()));
      grow(access, 6);
      try (ServiceProcess service = new ServiceProcess(access, directory.resolve("state"))) {
        CommandRun started = CommandRun.of(access.with("replay", file.toString()));
        grow(access, 9);
        awaitPartitions(access, "unfreed-reports-changelog", 9);
        CommandRun running = CommandRun.of(access.with("replay", file.toString()));

        assertThat(before.exitCode()).as(before.err()).isZero();
        assertThat(started.out()).as(started.err()).isEqualTo(before.out()).isNotEmpty();
        assertThat(running.out()).as(running.err()).isEqualTo(before.out());
        grow(access, 10);
        awaitPartitions(access, "unfreed-reports-changelog", 10);
        assertThat(CommandRun.of(access.with("replay", file.toString())).out())
            .isEqualTo(before.out());
        assertThat(service.isAlive()).isTrue();
        assertThat(service.errLines()).allMatch(line -> line.startsWith("unfreed: "));
      }
      try (Admin admin = Admin.create(access.client())) {
        admin.deleteTopics(List.of(Topics.STATEMENTS.topicName())).all().get();
      }
      CommandRun created = CommandRun.of(access.with("topics", "create"));
      assertThat(created.outLines()).contains("unfreed.statements  10 partitions, created");
    }
  }

  @Test
  void shouldTakeWholeBatchesWhateverBrokersTakeByDefault() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary();
        Admin admin = Admin.create(broker.client())) {
      UndisturbedService.createTopics(BrokerAccess.of(broker));
      List<ConfigResource> topics =
          Topics.all().stream()
              .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName()))
              .toList();
      assertThat(admin.describeConfigs(topics).all().get().values())
          .hasSize(topics.size())
          .allMatch(config -> config.get("max.message.bytes").value().equals("4194304"));
    }
  }

  @Test
  void shouldSayWhatIsMissingWhenARecorderFindsNoTopics() {
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary();
        Cluster cluster = new Cluster(BrokerAccess.of(broker).client())) {
      assertThat(
              org.assertj.core.api.Assertions.catchThrowable(cluster::eventPartitions).getMessage())
          .isEqualTo(
              "Kafka at %s: there is no topic unfreed.sessions: start unfreed streams there, or run unfreed topics create"
                  .formatted(broker.bootstrapServers()));
      assertThat(cluster.topics()).isEmpty();
    }
  }

  @Test
  void shouldLeaveTopicsAsTheyAreWhenTheyHaveAnotherNumberOfPartitions() {
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      CommandRun again = CommandRun.of(access.with("topics", "create", "--partitions", "9"));
      CommandRun unasked = CommandRun.of(access.with("topics", "create"));
      CommandRun wrong = CommandRun.of(access.with("topics", "create", "--partitions", "0"));

      assertThat(again.exitCode()).isEqualTo(1);
      assertThat(again.errLines())
          .contains(
              "unfreed: unfreed.events is there with 4 partitions, not 9: it is left as it is")
          .hasSize(Topics.all().size() - 1);
      assertThat(unasked.exitCode()).isZero();
      assertThat(unasked.outLines()).contains("unfreed.events  4 partitions, was there");
      assertThat(wrong.exitCode()).isEqualTo(2);
      assertThat(wrong.errLines()).containsExactly("unfreed: --partitions 0: 1 to 10000");
    }
  }

  /** Some of the batches, as one process: what it knows of the session is what is published. */
  private static void record(Path file, BrokerAccess access, int count, int skip) throws Exception {
    Map<String, Object> client = access.client();
    SessionCatalogue known = SessionCatalogue.read(client);
    try (CaptureReader in = CaptureReader.open(file);
        KafkaSink sink = new KafkaSink(client, known.partitions())) {
      int batches = 0;
      for (CaptureReader.Kind kind = in.next(); kind != CaptureReader.Kind.END; kind = in.next()) {
        switch (kind) {
          case SESSION -> sink.session(in.session());
          case STACK -> sink.stack(in.stack());
          case BATCH -> {
            if (batches >= skip && batches < count) {
              sink.batch(in.batch());
            }
            batches++;
          }
          case TRACE, END -> {}
        }
      }
    }
  }

  private static void grow(BrokerAccess access, int partitions) throws Exception {
    try (Admin admin = Admin.create(access.client())) {
      String events = Topics.EVENTS.topicName();
      admin.createPartitions(Map.of(events, NewPartitions.increaseTo(partitions))).all().get();
      awaitPartitions(access, events, partitions);
    }
  }

  private static void awaitPartitions(BrokerAccess access, String topic, int partitions) {
    try (Admin admin = Admin.create(access.client())) {
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() ->
              admin
                      .describeTopics(List.of(topic))
                      .allTopicNames()
                      .get()
                      .get(topic)
                      .partitions()
                      .size()
                  == partitions);
    }
  }
}
