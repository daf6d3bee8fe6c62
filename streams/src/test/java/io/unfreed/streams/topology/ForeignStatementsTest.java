package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.FreedBy;
import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.MergeState;
import io.unfreed.schemas.Occasion;
import io.unfreed.schemas.Releaser;
import io.unfreed.schemas.Space;
import io.unfreed.schemas.SpaceTotals;
import io.unfreed.schemas.StackState;
import io.unfreed.schemas.Verdict;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.streams.model.Script;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Statements that no lane made: each is a dead letter, and the next of a lane is merged. */
class ForeignStatementsTest {
  private static final String KEY = "session/7-70";

  private final byte[] statement = statement();
  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void shouldRefuseOneOfALaneOrPartThatThereIsNot() throws Exception {
    refused("lane -1 is negative", tick -> tick.setLane(-1));
    refused("lane 0 of 0 lanes", tick -> tick.setLaneCount(0));
    refused("lane 0 of -1 lanes", tick -> tick.setLaneCount(-1));
    refused("lane 0 of 1073741824 lanes", tick -> tick.setLaneCount(1 << 30));
    refused("part 0 of 0", tick -> tick.setParts(0));
    refused("part -3 of 1", tick -> tick.setPart(-3));
    refused("part 0 of 2000000000", tick -> tick.setParts(2_000_000_000));
    refused("session is empty or holds a slash: a/b", tick -> tick.setSession("a/b"));
    othersAreMerged();
  }

  @Test
  void shouldRefuseOneUnderAnotherKey() throws Exception {
    refused("key session/7-70 on a statement of a lane of other/7-70", t -> t.setSession("other"));
    othersAreMerged();
  }

  @Test
  void shouldRefuseOneThatIsJudged() throws Exception {
    refused(
        "a stack that is judged before it is merged", tick -> stack(tick).setVerdict(verdict()));
    othersAreMerged();
  }

  @Test
  void shouldRefuseOneWithoutWhatItsOccasionNeeds() throws Exception {
    for (Occasion occasion : new Occasion[] {Occasion.FINAL, Occasion.TICK}) {
      refused(
          "no totals",
          tick -> {
            tick.setOccasion(occasion);
            tick.setTotals(null);
          });
    }
    refused("an answer to no marker", tick -> tick.setOccasion(Occasion.MARKER));
    othersAreMerged();
  }

  /** What is made of them is stored and published with each other stack. */
  @Test
  void shouldRefuseListsThatAreLongerThanALanes() throws Exception {
    refused(
        "a stack with 66 lifetimes",
        tick -> stack(tick).setLifetimes(Collections.nCopies(66, Long.MAX_VALUE)));
    Releaser releaser = new Releaser(StackId.UNKNOWN.toHash(), 1L);
    refused(
        "a stack with 17 releasers",
        tick -> stack(tick).setFreedBy(new FreedBy(Collections.nCopies(17, releaser), 0L)));
    SpaceTotals space = new SpaceTotals(Space.HEAP, 1L, 1L);
    refused(
        "more spaces than there are",
        tick -> tick.getTotals().setBySpace(Collections.nCopies(6, space)));
    othersAreMerged();
  }

  /** A repeated part takes the place of the one before, however often it comes. */
  @Test
  void shouldCountAPartOnceWhenItIsRepeated() throws Exception {
    for (int times = 0; times < 3; times++) {
      bench.pipeStatement(
          KEY,
          changed(tick -> {
            tick.setParts(3);
            tick.setPart(1);
          }));
    }
    assertThat(bench.reportKeys()).hasSize(1);
    bench.pipeStatement(
        KEY,
        changed(tick -> {
          tick.setParts(3);
          tick.setPart(2);
        }));
    assertThat(bench.reports(false).getFirst().stacks()).hasSize(1);
  }

  /** As when what was stored is not what any version stores. */
  @Test
  void shouldGetPastOneThatCannotBeMerged() throws Exception {
    bench.pipeStatement(new TestRecord<>(KEY.getBytes(StandardCharsets.UTF_8), statement));
    String head = IncarnationKeys.of(KEY).head();
    MergeState stored = RecordCodec.mergeStates().decode(bench.reportStore().get(head));
    stored.getLanes().getFirst().getLast().setTotals(null);
    try (Bench restarted = new Bench()) {
      restarted.reportStore().put(head, RecordCodec.mergeStates().encode(stored));
      restarted.pipeStatement(
          KEY,
          changed(tick -> {
            tick.setLastTick(2);
            tick.setChanged(List.of());
          }));
      restarted.pipeStatement("session/8-80", changed(tick -> tick.setIncarnation("8-80")));

      assertThat(restarted.read(Topics.DEAD_LETTERS)).hasSize(1);
      assertThat(restarted.reports(false)).hasSize(1);
    }
  }

  private void refused(String why, Consumer<LaneTick> change) {
    bench.pipeStatement(KEY, changed(change));
    byte[] reason =
        bench
            .read(Topics.DEAD_LETTERS)
            .getFirst()
            .headers()
            .lastHeader(ReportHeaders.REASON)
            .value();
    assertThat(new String(reason, StandardCharsets.UTF_8)).endsWith(why);
  }

  private void othersAreMerged() throws MalformedBatchException {
    assertThat(bench.reportKeys()).as("nothing of the others is kept").isEmpty();
    bench.pipeStatement(new TestRecord<>(KEY.getBytes(StandardCharsets.UTF_8), statement));
    assertThat(bench.reports(false)).hasSize(1);
  }

  private static byte[] statement() {
    try (Bench lane = new Bench()) {
      new Script().alloc(10, 1, 16, 7).alloc(110, 1, 32, 7).batches().forEach(lane::pipe);
      return lane.read(Topics.STATEMENTS).getFirst().value();
    }
  }

  private LaneTick changed(Consumer<LaneTick> change) {
    try {
      LaneTick tick = RecordCodec.laneTicks().decode(statement);
      change.accept(tick);
      return tick;
    } catch (MalformedBatchException e) {
      throw new AssertionError(e);
    }
  }

  private static StackState stack(LaneTick tick) {
    return tick.getChanged().getFirst();
  }

  private static Verdict verdict() {
    return Verdict.newBuilder()
        .setKind("leaking")
        .setReason(null)
        .setConfidence(null)
        .setBytesPerSecond(1.0)
        .setLowBytesPerSecond(null)
        .setHighBytesPerSecond(null)
        .setAgeOfNoReturn(null)
        .setNumbers(Collections.nCopies(14, 0L))
        .setSwingBytes(null)
        .build();
  }
}
