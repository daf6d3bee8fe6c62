package io.unfreed.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.EventBatch;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.Encoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

/** Records written by the first version stay readable: never write these files anew. */
class FirstVersionTest {
  private static final StackId STACK = new StackId(0x0123456789abcdefL, 42);

  @Test
  void shouldReadTheSessionWhenTheFirstVersionWroteIt() throws Exception {
    Session session = RecordCodec.sessions().decode(file("session.bin"));

    assertThat(session.getSessionId()).isEqualTo("sample");
    assertThat(session.getSource()).isEqualTo(Source.EBPF);
    assertThat(session.getCommand()).isEqualTo("./sample");
    assertThat(session.getHost()).isEqualTo("node-1");
    assertThat(session.getBootId()).isEqualTo("b");
    assertThat(session.getStartedEpochNanos()).isEqualTo(1_763_690_000_000_000_000L);
    assertThat(session.getTimed()).isTrue();
    assertThat(session.getTickNanos()).isEqualTo(5_000_000_000L);
    assertThat(session.getSampleRate()).isEqualTo(2);
    assertThat(session.getRecordFilters()).isEqualTo(Map.of("--min-size", "16"));
    assertThat(session.getProbes()).containsExactly("malloc");
    assertThat(session.getEnd())
        .isEqualTo(new SessionEnd(7L, 9L, 8L, 1L, Map.of("ringBufferFull", 1L)));
  }

  @Test
  void shouldReadTheCallStackWhenTheFirstVersionWroteIt() throws Exception {
    CallStack stack = RecordCodec.callStacks().decode(file("call-stack.bin"));

    assertThat(StackId.of(stack.getStackId())).isEqualTo(STACK);
    assertThat(stack.getQuality()).isEqualTo(Quality.LINES);
    assertThat(stack.getFrames())
        .containsExactly(
            new Frame("main", 36L, "/usr/bin/x", "ab12", 0x1139L, "x.c", 12, true),
            new Frame(null, null, null, null, -1L, null, null, false));
  }

  @Test
  void shouldReadEveryKindOfEventWhenTheFirstVersionWroteIt() throws Exception {
    EventCursor cursor = new EventCursor();
    BatchHeader header = EventBatchCodec.read(file("event-batch.bin"), cursor);

    assertThat(header.key()).isEqualTo(new LaneKey("sample", "1-2", 1));
    assertThat(header.laneCount()).isEqualTo(2);
    assertThat(header.sequence()).isZero();
    assertThat(header.firstOrdinal()).isZero();
    assertThat(header.tickNanos()).isEqualTo(5_000_000_000L);
    assertThat(header.filtered()).isTrue();
    assertThat(header.process()).isEqualTo(new Process(1, 2L, "./sample", null));
    assertThat(header.watermarkNanos()).isEqualTo(190);
    assertThat(cursor.stacks()).containsExactly(STACK, new StackId(-1, -2));
    assertThat(events(cursor))
        .containsExactly(
            "0 at 100 by 7: 5000 48 stack 0",
            "1 at 150 by 7: 5000",
            "2 at 149 by 8: 6000",
            "3 at 160 by 8: 7000 96 stack 1",
            "4 at 161 by 8:",
            "5 at 170 by 7: 7f0000000000 8192 stack 0",
            "6 at 171 by 7: 7f0000000000 4096",
            "7 at 172 by 7: 7f0000001000 4096",
            "8 at 173 by 7: 7f0000100000 16384 stack 1",
            "9 at 174 by 0: ffff888000000000 192 stack 0",
            "10 at 175 by 0: ffff888000000000",
            "11 at 176 by 0: 1234000 4096 stack 0",
            "12 at 177 by 0: 1234000",
            "13 at 178 by 0: 60000 64 stack 1",
            "14 at 179 by 0: 60000",
            "15 at 180 by 0: 5 150 180",
            "16 at 181 by 9: ./other",
            "17 at 182 by 9:",
            "19 at 183 by 9: after",
            "20 at 184 by 9: 3-4",
            "18 at 185 by 9: 21 5");
  }

  @Test
  void shouldReadTheSameEventsWhenTheFirstVersionWouldHaveWrittenThem() throws Exception {
    GenericDatumReader<GenericRecord> toFirst =
        new GenericDatumReader<>(
            EventBatch.getClassSchema(), OlderSchemas.find("v1", "EventBatch"));
    EventCursor cursor = new EventCursor();
    for (int seed = 0; seed < 500; seed++) {
      byte[] current = RandomBatch.of(new Random(seed), 60).encoded().body();
      byte[] first = written(toFirst.read(null, decoder(current)));
      EventBatchCodec.read(first, cursor);
      List<String> events = events(cursor);
      BatchHeader header = cursor.header();

      cursor.reset(current, 0, current.length);
      assertThat(events).as("seed " + seed).isEqualTo(events(cursor));
      assertThat(header.key()).isEqualTo(cursor.header().key());
      assertThat(header.watermarkNanos()).isEqualTo(cursor.header().watermarkNanos());
      assertThat(header.freeStacks()).isFalse();
      assertThat(header.process().getRecordedFromNanos()).isNull();
    }
  }

  /** As a record of the first version, with the single-object header of its schema. */
  private static byte[] written(GenericRecord batch) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(EventBatchCodec.header(batch.getSchema()));
    Encoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(batch.getSchema()).write(batch, encoder);
    return out.toByteArray();
  }

  private static Decoder decoder(byte[] body) {
    return DecoderFactory.get().binaryDecoder(body, null);
  }

  private static List<String> events(EventCursor cursor) {
    List<String> events = new ArrayList<>();
    while (cursor.next()) {
      StringBuilder text = new StringBuilder();
      text.append("%d at %d by %d:".formatted(cursor.code(), cursor.timeNanos(), cursor.thread()));
      int code = cursor.code();
      if (EventCodes.hasAddress(code)) {
        text.append(" %x".formatted(cursor.address()));
      }
      for (int i = 0; i < EventCodes.valueCount(code); i++) {
        text.append(" ").append(cursor.value(i));
      }
      if (EventCodes.hasStack(code)) {
        text.append(" stack ").append(cursor.stackRef());
      }
      if (EventCodes.hasLabel(code)) {
        text.append(" ").append(cursor.label());
      }
      events.add(text.toString());
    }
    return events;
  }

  private static byte[] file(String name) throws Exception {
    try (InputStream in = FirstVersionTest.class.getResourceAsStream("/v1/" + name)) {
      return in.readAllBytes();
    }
  }
}
