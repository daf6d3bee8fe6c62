package io.unfreed.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.StackId;
import java.util.List;
import org.junit.jupiter.api.Test;

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
  void shouldCopyASessionWhenBuiltFromAnother() throws Exception {
    RecordCodec<Session> codec = RecordCodec.sessions();
    Session session =
        Session.newBuilder().setSessionId("s").setSource(Source.HEAPTRACK).setCommand("x").build();

    Session copy = Session.newBuilder(session).setCommand("y").build();

    assertThat(codec.decode(codec.encode(copy)).getCommand()).isEqualTo("y");
    assertThat(copy.getSource()).isEqualTo(Source.HEAPTRACK);
  }
}
