package io.unfreed.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.schemas.EventBatch;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.Encoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

/** Batches of versions that do not exist yet. */
class BatchVersionsTest {
  private static final String WEATHER =
      "{\"name\":\"weather\",\"type\":\"string\",\"default\":\"?\"}";

  @Test
  void shouldReadTheSameEventsWhenALaterVersionAddedFields() throws Exception {
    Schema later = schema("{\"name\":\"baseNanos\"", WEATHER + ",{\"name\":\"baseNanos\"");
    BatchVersions versions = new BatchVersions(knowing(later));
    EventCursor cursor = new EventCursor();
    EventCursor expected = new EventCursor();
    for (int seed = 0; seed < 300; seed++) {
      byte[] body = RandomBatch.of(new Random(seed), 40).encoded().body();
      BatchHeader header = versions.read(written(later, body), cursor);

      assertThat(header).isEqualTo(expected.reset(body, 0, body.length));
      assertThat(RandomBatch.read(cursor)).as("seed " + seed).isEqualTo(RandomBatch.read(expected));
    }
  }

  @Test
  void shouldRefuseTheBatchWhenNobodyKnowsItsSchema() throws Exception {
    Schema later = schema("{\"name\":\"baseNanos\"", WEATHER + ",{\"name\":\"baseNanos\"");
    byte[] message = written(later, RandomBatch.of(new Random(1), 9).encoded().body());
    BatchVersions versions = new BatchVersions(WriterSchemas.NONE);

    assertThatThrownBy(() -> versions.current(message))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessage(
            "no event batch of a version known here: its schema has the fingerprint %016x; a newer"
                    .formatted(SchemaNormalization.parsingFingerprint64(later))
                + " Unfreed may read it");
  }

  @Test
  void shouldSayWhichFieldWhenALaterVersionBreaksTheRule() throws Exception {
    Schema later =
        schema(
            "\"name\":\"laneCount\",\"type\":\"int\"", "\"name\":\"laneCount\",\"type\":\"long\"");
    byte[] message = written(later, RandomBatch.of(new Random(1), 9).encoded().body());
    BatchVersions versions = new BatchVersions(knowing(later));

    assertThatThrownBy(() -> versions.current(message))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessageStartingWith("no event batch that can be read here")
        .hasMessageEndingWith("its field laneCount is of another type");
  }

  @Test
  void shouldRefuseOrReadWhenAnyByteOfALaterVersionIsDamaged() throws Exception {
    Schema later = schema("{\"name\":\"baseNanos\"", WEATHER + ",{\"name\":\"baseNanos\"");
    BatchVersions versions = new BatchVersions(knowing(later));
    EventCursor cursor = new EventCursor();
    Random random = new Random(7);
    for (int i = 0; i < 3000; i++) {
      byte[] message = written(later, RandomBatch.of(new Random(i), 12).encoded().body());
      int head = EventBatchCodec.headerLength();
      message[head + random.nextInt(message.length - head)] ^= (byte) (1 << random.nextInt(8));
      try {
        versions.read(message, cursor);
        RandomBatch.read(cursor);
      } catch (MalformedBatchException refused) {
        assertThat(refused).hasMessageMatching("(?s).+");
      }
    }
  }

  private static WriterSchemas knowing(Schema schema) {
    return fingerprint ->
        fingerprint == SchemaNormalization.parsingFingerprint64(schema) ? schema : null;
  }

  private static Schema schema(String what, String instead) {
    String json = EventBatch.getClassSchema().toString();
    assertThat(json).contains(what);
    return new Schema.Parser().parse(json.replace(what, instead));
  }

  private static byte[] written(Schema schema, byte[] body) throws Exception {
    GenericRecord record =
        new GenericDatumReader<GenericRecord>(EventBatch.getClassSchema(), schema)
            .read(null, DecoderFactory.get().binaryDecoder(body, null));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(EventBatchCodec.header(schema));
    Encoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
    return out.toByteArray();
  }
}
