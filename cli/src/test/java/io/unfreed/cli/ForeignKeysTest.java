package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.collector.capture.CaptureReader;
import io.unfreed.collector.sink.KafkaSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records under keys that are not theirs: commands pass over them as the topology does. */
@Tag("broker")
class ForeignKeysTest {
  @TempDir Path directory;

  @Test
  void shouldPassOverRecordsWhenTheirKeyIsNotTheirOwn() throws Exception {
    Path file = directory.resolve("capture");
    LaneRecording.write(file, "genuine", 9, LaneRecording.Ends.ALL_CLOSED);
    CommandRun expected = CommandRun.of("report", file.toString(), "--format", "json");
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      List<EncodedBatch> batches = new ArrayList<>();
      Session[] session = new Session[1];
      CallStack[] stack = new CallStack[1];
      try (CaptureReader in = CaptureReader.open(file);
          KafkaSink sink = UndisturbedService.sink(access)) {
        for (CaptureReader.Kind kind = in.next();
            kind != CaptureReader.Kind.END;
            kind = in.next()) {
          switch (kind) {
            case SESSION -> {
              session[0] = in.session();
              if (session[0].getEnd() == null) { // whose end says where it is meets nobody else's
                sink.session(session[0]);
              }
            }
            case STACK -> {
              stack[0] = in.stack();
              sink.stack(stack[0]);
            }
            case BATCH -> {
              batches.add(in.batch());
              sink.batch(in.batch());
            }
            case TRACE, END -> {}
          }
        }
      }
      byte[] batch = EventBatchCodec.toMessage(batches.getFirst().body());
      session[0].setSessionId("zz-forged");
      ByteArraySerializer bytes = new ByteArraySerializer();
      try (var out = new KafkaProducer<>(access.client(), bytes, bytes)) {
        for (int i = 0; i < 3; i++) {
          out.send(record(Topics.EVENTS, "genuine/0/" + (7 + i), batch));
        }
        out.send(record(Topics.STACKS, "a", RecordCodec.callStacks().encode(stack[0])));
        out.send(record(Topics.SESSIONS, "other", RecordCodec.sessions().encode(session[0])));
      }

      CommandRun report = CommandRun.of(access.with("report", "--format", "json"));
      CommandRun sessions = CommandRun.of(access.with("sessions"));

      assertThat(report.out()).isEqualTo(expected.out()).isNotEmpty();
      assertThat(report.errLines()).hasSize(3);
      assertThat(report.errLines().get(0)).contains("key other on a session zz-forged; skipped");
      assertThat(report.errLines().get(1))
          .startsWith("unfreed: unfreed.events-")
          .contains(" on a batch of lane genuine/0/")
          .endsWith("; skipped, and 2 more of unfreed.events");
      assertThat(report.errLines().get(2)).contains("key a on a call stack ");
      assertThat(sessions.outLines()).singleElement().asString().startsWith("genuine ");
      assertThat(sessions.errLines()).hasSize(1);
    }
  }

  private static ProducerRecord<byte[], byte[]> record(Topics topic, String key, byte[] value) {
    return new ProducerRecord<>(topic.topicName(), key.getBytes(StandardCharsets.UTF_8), value);
  }
}
