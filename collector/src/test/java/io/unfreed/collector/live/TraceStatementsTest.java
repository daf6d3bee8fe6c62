package io.unfreed.collector.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.trace.TraceCell;
import io.unfreed.bpf.trace.TraceEvent;
import io.unfreed.bpf.trace.TraceMemory;
import io.unfreed.bpf.trace.TraceSnapshot;
import io.unfreed.schemas.StackHash;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.TraceRules;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceStatementsTest {
  private static final StackHash STACK = new StackHash(new byte[16]);

  private final TraceStatements statements = new TraceStatements("s", "syscalls", new KnownNames());

  private static final class KnownNames implements TraceStatements.Names {
    @Override
    public String name(TraceCell.Kind kind, long subject) {
      return kind == TraceCell.Kind.IO_QUEUED ? "vda" : null;
    }

    @Override
    public StackHash stack(TraceCell cell) {
      return cell.kind() == TraceCell.Kind.FUTEX ? STACK : null;
    }

    @Override
    public int rises(int tgid) {
      return tgid;
    }
  }

  @Test
  void shouldStateARowAgainOnlyWhenItChanged() throws Exception {
    List<TraceStatement> first = changed(1, cell(7, 0, 5), cell(7, 1, 1));
    List<TraceStatement> none = changed(2, cell(7, 0, 5), cell(7, 1, 1));
    List<TraceStatement> second = changed(3, cell(7, 1, 2), cell(7, 0, 5), cell(8, 1, 1));
    TraceStatement head = statements.head(head(), new TraceStatements.Moment(3, 30));

    assertThat(first)
        .extracting(TraceStatement::getProbe)
        .containsExactly("syscalls.call.0.0", "syscalls.call.1.0");
    assertThat(none).isEmpty();
    assertThat(second).extracting(TraceStatement::getIncarnation).containsExactly("7", "8");
    assertThat(second).extracting(TraceStatement::getSequence).containsExactly(1L, 0L);
    assertThat(second.getFirst().getTick()).isEqualTo(3);
    assertThat(second.getFirst().getRow().getCount()).isEqualTo(2);
    assertThat(head.getHead().getStatements()).isEqualTo(5);
    assertThat(head.getIncarnation()).isEqualTo(TraceRules.WHOLE);
    assertThat(head.getProbe()).isEqualTo("syscalls");
    for (TraceStatement statement : List.of(first.getFirst(), second.getLast(), head)) {
      TraceRules.check(statement);
    }
  }

  @Test
  void shouldSayAllThatWasCounted() {
    TraceCell io =
        new TraceCell(
            TraceCell.Kind.IO_QUEUED, 259L << 20, 1, 9, "dd", 3, 1, 3000, 2000, 4096, slots(2, 3));
    TraceRow row = changed(1, io).getFirst().getRow();
    TraceRow futex =
        changed(
                2,
                new TraceCell(
                    TraceCell.Kind.FUTEX, 16, 4L << 32, 9, "x", 1, 0, 5, 5, 0, slots(0, 1)))
            .getFirst()
            .getRow();
    TraceSnapshot memory =
        new TraceSnapshot(
            List.of(), Map.of(), List.of(new TraceMemory(4, "m", 9, 90, 3, 30)), loss());
    TraceRow held =
        statements.changed(memory, new TraceStatements.Moment(3, 3)).getFirst().getRow();

    assertThat(row.getKind()).isEqualTo(TraceKind.IO_QUEUED);
    assertThat(row.getName()).isEqualTo("vda");
    assertThat(row.getStackId()).isNull();
    assertThat(row.getFailed()).isEqualTo(1);
    assertThat(row.getBytes()).isEqualTo(4096);
    assertThat(row.getSlots()).containsExactly(0L, 0L, 3L);
    assertThat(futex.getStackId()).isEqualTo(STACK);
    assertThat(held.getCount()).isEqualTo(9);
    assertThat(held.getBytes()).isEqualTo(90);
    assertThat(held.getFrees()).isEqualTo(3);
    assertThat(held.getFreedBytes()).isEqualTo(30);
    assertThat(held.getRises()).isEqualTo(4);
  }

  @Test
  void shouldSayWhichErrorsACallEndedWith() {
    TraceSnapshot snapshot =
        new TraceSnapshot(
            List.of(cell(7, 3, 9)),
            Map.of(new TraceSnapshot.ErrorKey(7, 3), Map.of(11, 4L)),
            List.of(),
            loss());
    TraceRow row =
        statements.changed(snapshot, new TraceStatements.Moment(1, 1)).getFirst().getRow();

    assertThat(row.getErrors()).hasSize(1);
    assertThat(row.getErrors().getFirst().getNumber()).isEqualTo(11);
    assertThat(row.getErrors().getFirst().getCount()).isEqualTo(4);
    assertThat(
            statements
                .slow(new TraceEvent(TraceCell.Kind.IO_QUEUED, 1, 2, 3, 4, "dd", 5, 6, -7))
                .getName())
        .isEqualTo("vda");
  }

  private List<TraceStatement> changed(long tick, TraceCell... cells) {
    TraceSnapshot snapshot = new TraceSnapshot(List.of(cells), Map.of(), List.of(), loss());
    return statements.changed(snapshot, new TraceStatements.Moment(tick, tick * 10));
  }

  private static TraceCell cell(int tgid, long call, long count) {
    return new TraceCell(
        TraceCell.Kind.CALL,
        call,
        0,
        tgid,
        "p" + tgid,
        count,
        0,
        count * 1000,
        1000,
        0,
        slots(0, count));
  }

  private static List<Long> slots(int slot, long count) {
    Long[] slots = new Long[TraceRules.SLOTS];
    java.util.Arrays.fill(slots, 0L);
    slots[slot] = count;
    return List.of(slots);
  }

  private static TraceSnapshot.Loss loss() {
    return new TraceSnapshot.Loss(0, 0, 0, 0);
  }

  private static TraceHead.Builder head() {
    return TraceHead.newBuilder()
        .setEnded(true)
        .setTold(true)
        .setMapFull(0)
        .setUnpaired(0)
        .setQueueFull(0)
        .setSkipped(0)
        .setWarnNanos(0)
        .setSuspectAbove(0);
  }
}
