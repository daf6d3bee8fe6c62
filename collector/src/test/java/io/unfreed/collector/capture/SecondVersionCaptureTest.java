package io.unfreed.collector.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A capture written by the second version stays readable: never write this file anew. */
class SecondVersionCaptureTest {
  private static final Path FILE =
      Path.of("..", "schemas", "src", "test", "resources", "v2", "capture.unfreed");

  @Test
  void shouldReadTheCaptureWhenTheSecondVersionWroteIt() throws Exception {
    Contents contents = Contents.of(FILE);

    assertThat(contents.damage()).isNull();
    assertThat(contents.sessions()).containsExactly(session(), ended());
    assertThat(contents.stacks()).containsExactly(Samples.stack());
    assertThat(contents.batches()).containsExactly(batch().body());
  }

  /** How the file was made. */
  static void write(RecordingSink sink) throws IOException {
    sink.session(session());
    sink.stack(Samples.stack());
    sink.batch(batch());
    sink.session(ended());
  }

  private static Session session() {
    Session session = Samples.session();
    session.setSource(Source.SHIM);
    session.setFreeStacks(true);
    return session;
  }

  private static Session ended() {
    Session session = session();
    session.setEnd(Samples.ended().getEnd());
    return session;
  }

  private static EncodedBatch batch() {
    StackDictionary stacks = new StackDictionary();
    int stack = stacks.number(Samples.STACK);
    EventBatchBuilder builder =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(
                new LaneKey("sample", "1-2", 0), 1, 5_000_000_000L, false, true),
            new Process(1, 2L, "./sample", 7L),
            stacks);
    builder.allocate(EventCodes.ALLOC_HEAP, 10, 3, 0x5000, 48, stack);
    builder.allocate(EventCodes.ALLOC_HEAP, 11, 3, 0x6000, 96, stack);
    builder.release(EventCodes.FREE_HEAP, 12, 4, 0x5000, stack);
    builder.release(EventCodes.FREE_HEAP, 13, 4, 0x7000);
    return builder.encode();
  }
}
