package io.unfreed.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.StackId;
import java.util.List;
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
