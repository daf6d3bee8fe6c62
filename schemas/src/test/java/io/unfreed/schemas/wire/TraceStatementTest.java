package io.unfreed.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.schemas.SlowCall;
import io.unfreed.schemas.StackHash;
import io.unfreed.schemas.TraceError;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.TraceStatement;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What tracers state, encoded and decoded, whole and damaged. */
class TraceStatementTest {
  private static final int ROUNDS = Integer.getInteger("unfreed.fuzz", 3000);
  private static final long SEED = Long.getLong("unfreed.seed", 20261122);

  private final RecordCodec<TraceStatement> codec = RecordCodec.traceStatements();

  @Test
  void shouldReadWhatWasWrittenWhateverItSays() throws Exception {
    Random random = new Random(SEED);
    for (int round = 0; round < 500; round++) {
      TraceStatement statement = statement(random);
      TraceStatement read = codec.decode(codec.encode(statement));
      TraceRules.check(read);
      RecordKeys.check(RecordKeys.of(statement).getBytes(StandardCharsets.UTF_8), read);

      assertThat(read).isEqualTo(statement);
    }
  }

  @Test
  void shouldReadOrRefuseAndNothingElseWhenBytesAreChanged() {
    Random random = new Random(SEED);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = codec.encode(statement(random));
      for (int changes = random.nextInt(4); changes >= 0; changes--) {
        bytes[10 + random.nextInt(bytes.length - 10)] = (byte) random.nextInt(256);
      }
      try {
        TraceRules.check(codec.decode(bytes));
      } catch (MalformedBatchException expected) {
        refused++;
      }
    }
    assertThat(refused).isBetween(ROUNDS / 20, ROUNDS);
  }

  @Test
  void shouldRefuseWhatNoRecorderStates() {
    Random random = new Random(SEED);
    TraceStatement row = statement(random);
    while (row.getRow() == null) {
      row = statement(random);
    }
    refuse(TraceStatement.newBuilder(row).setSequence(-1));
    refuse(TraceStatement.newBuilder(row).setSession(""));
    refuse(TraceStatement.newBuilder(row).setIncarnation("1/2"));
    refuse(TraceStatement.newBuilder(row).setRow(null));
    refuse(TraceStatement.newBuilder(row).setHead(head(random)));
    TraceRow.Builder changed = TraceRow.newBuilder(row.getRow());
    List<Long> slots = new ArrayList<>();
    for (int slot = 0; slot <= TraceRules.SLOTS; slot++) {
      slots.add(1L);
    }
    refuse(TraceStatement.newBuilder(row).setRow(changed.setSlots(slots).build()));
    refuse(TraceStatement.newBuilder(row).setRow(changed.setSlots(List.of(-1L)).build()));
    refuse(
        TraceStatement.newBuilder(row).setRow(changed.setSlots(List.of(Long.MAX_VALUE)).build()));
    TraceStatement other = row;
    assertThatThrownBy(() -> RecordKeys.check("a/b/c".getBytes(StandardCharsets.UTF_8), other))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessageStartingWith("key a/b/c on a statement of ");
  }

  private static void refuse(TraceStatement.Builder statement) {
    TraceStatement built = statement.build();
    assertThatThrownBy(() -> TraceRules.check(built)).isInstanceOf(MalformedBatchException.class);
  }

  private static TraceStatement statement(Random random) {
    boolean isRow = random.nextInt(3) > 0;
    return TraceStatement.newBuilder()
        .setSession("session" + random.nextInt(3))
        .setIncarnation(isRow ? Integer.toString(random.nextInt(100)) : TraceRules.WHOLE)
        .setProbe("syscalls" + (isRow ? ".call." + random.nextInt(9) + ".0" : ""))
        .setSequence(random.nextInt(1000))
        .setTick(random.nextInt(1000))
        .setAtNanos(random.nextLong(1L << 60))
        .setRow(isRow ? row(random) : null)
        .setHead(isRow ? null : head(random))
        .build();
  }

  private static TraceRow row(Random random) {
    List<Long> slots = new ArrayList<>();
    for (int slot = random.nextInt(TraceRules.SLOTS + 1); slot > 0; slot--) {
      slots.add(random.nextLong(1L << random.nextInt(1, 56)));
    }
    byte[] stack = new byte[16];
    random.nextBytes(stack);
    return TraceRow.newBuilder()
        .setKind(TraceKind.values()[random.nextInt(TraceKind.values().length)])
        .setSubject(random.nextLong())
        .setDetail(random.nextLong())
        .setTgid(random.nextInt())
        .setComm("p\u00e9" + random.nextInt())
        .setName(random.nextBoolean() ? null : "name")
        .setStackId(random.nextBoolean() ? null : new StackHash(stack))
        .setCount(random.nextLong(1L << 50))
        .setErrors(List.of(new TraceError(random.nextInt(), random.nextLong())))
        .setTotalNanos(random.nextLong(Long.MAX_VALUE))
        .setMaxNanos(random.nextLong(Long.MAX_VALUE))
        .setSlots(slots)
        .build();
  }

  private static TraceHead head(Random random) {
    List<SlowCall> slow = new ArrayList<>();
    for (int calls = random.nextInt(4); calls > 0; calls--) {
      slow.add(
          new SlowCall(
              TraceKind.CALL,
              random.nextLong(),
              random.nextLong(),
              null,
              random.nextInt(),
              random.nextInt(),
              "c",
              random.nextLong(),
              random.nextLong(),
              random.nextLong()));
    }
    return TraceHead.newBuilder()
        .setStatements(random.nextLong(1000))
        .setEnded(random.nextBoolean())
        .setTold(random.nextBoolean())
        .setMapFull(random.nextLong())
        .setUnpaired(random.nextLong())
        .setQueueFull(random.nextLong())
        .setSkipped(random.nextLong())
        .setWarnNanos(random.nextLong())
        .setSuspectAbove(random.nextLong())
        .setSlow(slow)
        .build();
  }
}
