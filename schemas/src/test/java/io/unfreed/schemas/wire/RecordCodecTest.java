package io.unfreed.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.StackId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.Encoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordCodecTest {
  @Test
  void shouldGiveBackTheRecordWhenItHoldsAnEnum() throws Exception {
    CallStack stack =
        new CallStack(
            new StackId(1, 2).toHash(),
            Quality.SYMBOLS,
            List.of(Frame.newBuilder().setSymbol("main").setAddress(0x1139L).build()));
    RecordCodec<CallStack> codec = RecordCodec.callStacks();

    assertThat(codec.decode(codec.encode(stack))).isEqualTo(stack);
  }

  @Test
  void shouldSayThatItIsNewerWhenTheSchemaIsNotKnown() {
    RecordCodec<Session> codec = RecordCodec.sessions();
    byte[] message =
        codec.encode(Session.newBuilder().setSessionId("s").setSource(Source.SHIM).build());
    message[2] ^= 1;

    assertThatThrownBy(() -> codec.decode(message))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessageMatching(
            "no Session of a version known here: its schema has the fingerprint [0-9a-f]{16};"
                + " a newer Unfreed may read it");
  }

  @Test
  void shouldReadWhatIsKnownWhenALaterVersionPublishedItsSchema() throws Exception {
    Schema later =
        later(
            "{\"name\":\"host\"",
            "{\"name\":\"mood\",\"type\":\"string\",\"default\":\"\"},{\"name\":\"host\"");
    RecordCodec<Session> codec = RecordCodec.sessions(published(later));
    Session session =
        Session.newBuilder().setSessionId("s").setSource(Source.SHIM).setHost("h").build();

    assertThat(codec.decode(written(later, session, "glad"))).isEqualTo(session);
    assertThat(codec.decode(written(later, session, "glad"))).isEqualTo(session);
  }

  @Test
  void shouldRefuseARecordWhenAPublishedSchemaLetsNothingFillAnArray() throws Exception {
    Schema later =
        later(
            "{\"name\":\"host\"",
            "{\"name\":\"mood\",\"type\":{\"type\":\"array\",\"items\":\"null\"},\"default\":[]},"
                + "{\"name\":\"host\"");
    RecordCodec<Session> codec = RecordCodec.sessions(published(later));
    ByteColumn message = new ByteColumn();
    byte[] head = EventBatchCodec.header(later);
    message.putBytes(head, 0, head.length);
    message.putText("s");
    message.putLong(0); // source
    message.putLong(0); // no command
    message.putLong(1L << 40); // items of the mood

    assertThatThrownBy(() -> codec.decode(message.toByteArray()))
        .isInstanceOf(MalformedBatchException.class);
  }

  @Test
  void shouldTakeOnlyTheSchemaThatTheKeySaysWhenSchemasArePublished() {
    PublishedSchemas.ours()
        .forEach((key, text) -> {
          byte[] value = text.getBytes(StandardCharsets.UTF_8);
          assertThat(PublishedSchemas.parse(key.getBytes(StandardCharsets.UTF_8), value))
              .isNotNull();
          assertThat(PublishedSchemas.parse("0".repeat(16).getBytes(StandardCharsets.UTF_8), value))
              .isNull();
          value[value.length / 2] = '{';
          assertThat(PublishedSchemas.parse(key.getBytes(StandardCharsets.UTF_8), value)).isNull();
        });
    assertThat(PublishedSchemas.parse(null, null)).isNull();
  }

  private static WriterSchemas published(Schema later) {
    return fingerprint ->
        fingerprint == SchemaNormalization.parsingFingerprint64(later) ? later : null;
  }

  private static Schema later(String what, String instead) {
    String json = Session.getClassSchema().toString();
    assertThat(json).contains(what);
    return new Schema.Parser().parse(json.replace(what, instead));
  }

  private static byte[] written(Schema later, Session session, String mood) throws Exception {
    byte[] ours = RecordCodec.sessions().encode(session);
    GenericRecord record =
        new GenericDatumReader<GenericRecord>(Session.getClassSchema(), later)
            .read(null, DecoderFactory.get().binaryDecoder(ours, 10, ours.length - 10, null));
    record.put("mood", mood);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(EventBatchCodec.header(later));
    Encoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(later).write(record, encoder);
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 24, Integer.MAX_VALUE, 1L << 31, Long.MAX_VALUE, Long.MIN_VALUE})
  void shouldRefuseARecordWhenItsArrayHasMoreItemsThanBytes(long items) {
    RecordCodec<CallStack> codec = RecordCodec.callStacks();
    byte[] empty =
        codec.encode(new CallStack(new StackId(1, 2).toHash(), Quality.SYMBOLS, List.of()));
    ByteColumn message = new ByteColumn();
    message.putBytes(empty, 0, empty.length - 1);
    message.putLong(items);
    message.putLong(0);

    assertThatThrownBy(() -> codec.decode(message.toByteArray()))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessageStartingWith("no CallStack: ");
  }

  @Test
  void shouldCopyASessionWhenBuiltFromAnother() throws Exception {
    RecordCodec<Session> codec = RecordCodec.sessions();
    Session session =
        Session.newBuilder().setSessionId("s").setSource(Source.HEAPTRACK).setCommand("x").build();

    Session copy = Session.newBuilder(session).setCommand("y").build();

    assertThat(codec.decode(codec.encode(copy)).getCommand()).isEqualTo("y");
    assertThat(copy.getSource()).isEqualTo(Source.HEAPTRACK);
  }
}
