package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.collector.capture.CaptureReader;
import io.unfreed.schemas.EventBatch;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.PublishedSchemas;
import io.unfreed.schemas.wire.RecordCodec;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.Encoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recorder of a version that does not exist yet writes to a cluster of this one. */
@Tag("broker")
class LaterVersionTest {
  private static final String MOOD =
      "{\"name\":\"mood\",\"type\":\"string\",\"default\":\"glad\"},";
  private static final Schema BATCHES = later(EventBatch.getClassSchema(), "baseNanos");
  private static final Schema SESSIONS = later(Session.getClassSchema(), "timed");

  @TempDir Path directory;

  @Test
  void shouldReportTheSameWhenALaterVersionRecorded() throws Exception {
    Path file = directory.resolve("capture");
    LaneRecording.write(file, "later", 5, LaneRecording.Ends.ALL_CLOSED);
    CommandRun expected = CommandRun.of("report", file.toString(), "--format", "json");
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      publish(file, access);
      CommandRun report = CommandRun.of(access.with("report", "--format", "json"));
      CommandRun topology =
          CommandRun.of(access.with("replay", "--format", "json", file.toString()));

      assertThat(report.out()).isEqualTo(expected.out()).isNotEmpty();
      assertThat(report.err()).isEmpty();
      assertThat(topology.out()).isEqualTo(expected.out());
    }
  }

  private static void publish(Path file, BrokerAccess access) throws Exception {
    ByteArraySerializer bytes = new ByteArraySerializer();
    try (CaptureReader in = CaptureReader.open(file);
        KafkaProducer<byte[], byte[]> out = new KafkaProducer<>(access.client(), bytes, bytes)) {
      for (Schema schema : new Schema[] {BATCHES, SESSIONS}) {
        String key = PublishedSchemas.key(SchemaNormalization.parsingFingerprint64(schema));
        byte[] text = SchemaNormalization.toParsingForm(schema).getBytes(StandardCharsets.UTF_8);
        out.send(record(Topics.SCHEMAS, key, text)).get();
      }
      for (CaptureReader.Kind kind = in.next(); kind != CaptureReader.Kind.END; kind = in.next()) {
        switch (kind) {
          case SESSION -> {
            byte[] ours = RecordCodec.sessions().encode(in.session());
            byte[] body = Arrays.copyOfRange(ours, 10, ours.length);
            String id = in.session().getSessionId();
            out.send(
                record(Topics.SESSIONS, id, written(SESSIONS, Session.getClassSchema(), body)));
          }
          case BATCH -> {
            byte[] body = Arrays.copyOfRange(in.bytes(), in.offset(), in.offset() + in.length());
            String key = in.header().key().toString();
            out.send(
                record(Topics.EVENTS, key, written(BATCHES, EventBatch.getClassSchema(), body)));
          }
          case STACK -> {
            String id = StackId.of(in.stack().getStackId()) + "/" + in.stack().getQuality();
            out.send(record(Topics.STACKS, id, RecordCodec.callStacks().encode(in.stack())));
          }
          case TRACE, END -> {}
        }
      }
    }
  }

  private static ProducerRecord<byte[], byte[]> record(Topics topic, String key, byte[] value) {
    return new ProducerRecord<>(topic.topicName(), key.getBytes(StandardCharsets.UTF_8), value);
  }

  private static byte[] written(Schema later, Schema ours, byte[] body) throws Exception {
    GenericRecord record =
        new GenericDatumReader<GenericRecord>(ours, later)
            .read(null, DecoderFactory.get().binaryDecoder(body, null));
    long fingerprint = SchemaNormalization.parsingFingerprint64(later);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0xC3);
    out.write(1);
    for (int i = 0; i < Long.BYTES; i++) {
      out.write((int) (fingerprint >>> (8 * i)));
    }
    Encoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(later).write(record, encoder);
    return out.toByteArray();
  }

  private static Schema later(Schema ours, String before) {
    String field = "{\"name\":\"" + before + "\"";
    return new Schema.Parser().parse(ours.toString().replace(field, MOOD + field));
  }
}
