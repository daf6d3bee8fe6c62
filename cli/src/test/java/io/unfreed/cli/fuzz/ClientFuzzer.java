package io.unfreed.cli.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.cli.CommandRun;
import io.unfreed.query.Cluster;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Totals;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.RecordKeys;
import io.unfreed.streams.fuzz.Absurd;
import io.unfreed.streams.fuzz.AbsurdRecords;
import io.unfreed.streams.fuzz.AbsurdSession;
import io.unfreed.streams.topology.ReportHeaders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What anybody who may write to the topics can write, read by the commands: records changed in
 * bytes and in content, keys of others, headers. A replay beside it says what it says without.
 */
final class ClientFuzzer implements Fuzzer {
  private static final int SESSIONS = 12;
  private static final Path CAPTURE = Path.of("..", "replay-data", "perl-cycle.capture");

  private final RecordCodec<Session> sessions = RecordCodec.sessions();
  private final RecordCodec<CallStack> stacks = RecordCodec.callStacks();
  private final RecordCodec<LeakReport> reports = RecordCodec.leakReports();

  @Override
  public void round(Path directory, long seed) throws IOException {
    Random random = new Random(seed);
    String what = "clients, seed " + seed;
    String data = directory.resolve("data-" + seed).toString();
    try (EmbeddedBroker broker = EmbeddedBroker.openOrConnect(Path.of(data))) {
      try (Cluster cluster = new Cluster(broker.client())) {
        cluster.ensureTopics(2);
      }
      try (KafkaProducer<byte[], byte[]> producer =
          new KafkaProducer<>(
              broker.client(), new ByteArraySerializer(), new ByteArraySerializer())) {
        for (int session = 0; session < SESSIONS; session++) {
          publish(random, producer, "fuzz" + session);
        }
      }
      CheckedRun.of(what, List.of("sessions", "--data-dir", data));
      for (int session = 0; session < 4; session++) {
        String id = "fuzz" + random.nextInt(SESSIONS);
        CheckedRun.of(
            what, List.of("report", "--data-dir", data, "--session", id, "--format", "json"));
      }
      String[] question = {CAPTURE.toString(), "--format", "json", "--top", "0"};
      CheckedRun replayed =
          CheckedRun.of(
              what,
              List.of(
                  "replay",
                  question[0],
                  question[1],
                  question[2],
                  question[3],
                  question[4],
                  "--data-dir",
                  data));
      assertThat(replayed.exitCode()).as(replayed.what()).isZero();
      CommandRun alone =
          CommandRun.of("report", question[0], question[1], question[2], question[3], question[4]);
      assertThat(replayed.out()).as(replayed.what()).isEqualTo(alone.out());
    }
  }

  private void publish(Random random, KafkaProducer<byte[], byte[]> producer, String id) {
    for (AbsurdSession.Item item : AbsurdSession.of(random, id)) {
      switch (item) {
        case AbsurdSession.Facts facts ->
            send(random, producer, Topics.SESSIONS, id, sessions.encode(facts.session()));
        case AbsurdSession.Frames frames ->
            send(
                random,
                producer,
                Topics.STACKS,
                RecordKeys.of(frames.stack()),
                stacks.encode(frames.stack()));
        case AbsurdSession.Batch batch ->
            send(
                random,
                producer,
                Topics.EVENTS,
                key(batch.body(), id),
                EventBatchCodec.toMessage(batch.body()));
      }
    }
    send(random, producer, Topics.REPORTS, id + "/1-1", reports.encode(report(random, id)));
    // What the replay's answers stand beside.
    send(random, producer, Topics.REPORTS, "perl", reports.encode(report(random, "perl")));
  }

  private static LeakReport report(Random random, String session) {
    LeakReport report =
        LeakReport.newBuilder()
            .setSession(session)
            .setIncarnation("1-1")
            .setProcess(new Process(1, 1L, "tool", 0L))
            .setAtNanos(1L)
            .setTick(1L)
            .setFinal$(true)
            .setKernel(false)
            .setTotals(
                Totals.newBuilder()
                    .setAllocations(1)
                    .setFrees(1)
                    .setUnmatchedFrees(0L)
                    .setSuperseded(0)
                    .setClosedByExec(0)
                    .setTemporaryAllocations(0L)
                    .setAllocatedBytes(1)
                    .setPeakBytes(1L)
                    .setOutstandingBytes(0)
                    .setOutstandingCount(0)
                    .setCertainBytes(0)
                    .setLostEvents(0)
                    .setDistinctStacks(0)
                    .setBySpace(new ArrayList<>())
                    .build())
            .setStacks(new ArrayList<>())
            .setCutStacks(0)
            .build();
    return AbsurdRecords.changed(random, report);
  }

  /** Most often as it is; else another key, none, a damaged value, none, a header. */
  private static void send(
      Random random,
      KafkaProducer<byte[], byte[]> producer,
      Topics topic,
      String key,
      byte[] value) {
    byte[] sentKey = key.getBytes(StandardCharsets.UTF_8);
    byte[] sent = value;
    switch (random.nextInt(12)) {
      case 0 -> sentKey = Absurd.text(random).getBytes(StandardCharsets.UTF_8);
      case 1 -> sentKey = topic.cleanup() == Topics.Cleanup.COMPACT ? sentKey : null;
      case 2, 3 -> sent = Absurd.changed(random, value);
      case 4 -> sent = null;
      default -> {}
    }
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic.topicName(), sentKey, sent);
    if (random.nextInt(6) == 0) {
      record
          .headers()
          .add(ReportHeaders.MARKER, Absurd.text(random).getBytes(StandardCharsets.UTF_8));
    }
    producer.send(record);
  }

  private static String key(byte[] body, String id) {
    try {
      return new EventCursor().reset(body, 0, body.length).key().toString();
    } catch (MalformedBatchException e) {
      return id + "/1-1/0";
    }
  }
}
