package io.unfreed.streams.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import io.unfreed.streams.lane.FreedBy.Releaser;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.model.Event;
import io.unfreed.streams.model.RandomLane;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which stack a release is counted to. */
class FreedByTest {
  @Test
  void shouldBeNullWhenTheStacksOfReleasesAreNotRecorded() {
    Script script = new Script().alloc(1, 1, 16, 7).free(2, 1, 16);

    assertThat(freedBy(script, 0)).isNull();
  }

  @Test
  void shouldBeEmptyWhenNothingWasReleased() {
    Script script = script().alloc(1, 1, 16, 7);

    assertThat(freedBy(script, 0)).isEqualTo(new FreedBy(List.of(), 0));
  }

  @Test
  void shouldListMostFreesFirstThenByStackId() {
    Script script = script();
    int[] releasers = {3, 1, 2, 2, 3, 4};
    for (int i = 0; i < releasers.length; i++) {
      script.alloc(2 * i, 1, 16, 7).freeBy(releasers[i], 2 * i + 1, 1, 16);
    }

    List<Releaser> stacks = freedBy(script, 0).stacks();
    assertThat(stacks).extracting(Releaser::frees).containsExactly(2L, 2L, 1L, 1L);
    assertThat(stacks.get(0).stackId()).isLessThan(stacks.get(1).stackId());
    assertThat(stacks.get(2).stackId()).isLessThan(stacks.get(3).stackId());
  }

  @Test
  void shouldCountToTheUnknownStackWhenAReleaseHasNone() {
    Script script =
        script().alloc(1, 1, 16, 7).freeBy(2, 2, 1, 16).alloc(3, 1, 16, 7).free(4, 1, 16);

    assertThat(freedBy(script, 0).stacks())
        .containsExactlyInAnyOrder(by(2, 1), new Releaser(StackId.UNKNOWN, 1));
  }

  @Test
  void shouldCountToTheEntryOfReallocWhenItSucceeds() {
    Script script =
        script().alloc(1, 1, 16, 7).add(intent(2, 1, 16).by(3)).reallocGives(3, 1, 32, 9);

    assertThat(freedBy(script, 0).stacks()).containsExactly(by(3, 1));
    assertThat(freedBy(script, 1).stacks()).isEmpty();
  }

  @Test
  void shouldCountToTheEntryOfReallocWhenAnotherThreadReusesTheAddress() {
    Script script =
        script()
            .alloc(1, 1, 16, 7)
            .add(intent(2, 1, 16).by(3))
            .alloc(3, 2, 16, 9)
            .reallocGives(4, 1, 32, 9);

    assertThat(freedBy(script, 0).stacks()).containsExactly(by(3, 1));
  }

  @Test
  void shouldCountToTheEntryOfReallocWhenItsOutcomeIsMissing() {
    Script script = script().alloc(1, 1, 16, 7).add(intent(2, 1, 16).by(3)).freeBy(4, 3, 1, 999);

    assertThat(freedBy(script, 0).stacks()).containsExactly(by(3, 1));
  }

  @Test
  void shouldCountToTheFreeWhenItTakesABlockThatIsPending() {
    Script script =
        script()
            .alloc(1, 1, 16, 7)
            .add(intent(2, 1, 16).by(3))
            .freeBy(4, 3, 2, 16)
            .reallocGives(4, 1, 32, 9);

    assertThat(freedBy(script, 0).stacks()).containsExactly(by(4, 1));
  }

  @Test
  void shouldCountToWhoTakesTheLastPieceOfAMapping() {
    Event first = Event.of(EventCodes.UNMAP, 2, 1, Script.BASE, 4096, 0).by(3);
    Event last = Event.of(EventCodes.INTENT_MAPPING, 3, 1, Script.BASE + 4096, 4096, 0).by(4);
    Script script = script().map(1, 1, 0, 2).add(first).add(last).unmapSucceeds(4, 1);

    assertThat(freedBy(script, 2).stacks()).containsExactly(by(4, 1));
  }

  @Test
  void shouldCountToTheMappingThatTakesThePlaceOfAnother() {
    Event over = Event.of(EventCodes.MAP, 2, 1, Script.BASE, 8192, 1);
    Script script = script().map(1, 1, 0, 2).add(over);

    assertThat(freedBy(script, 2).stacks()).containsExactly(by(1, 1));
  }

  @Test
  void shouldCountNoFreeOfASizeThatIsNotAskedForAndNoneBehindTheMoment() {
    Script script =
        script()
            .alloc(1, 1, 16, 7)
            .freeBy(2, 2, 1, 16)
            .alloc(3, 1, 16, 70)
            .freeBy(3, 4, 1, 16)
            .alloc(5, 1, 16, 70)
            .freeBy(4, 6, 1, 16);

    LaneOptions asked = new LaneOptions(new SizeRange(50, 100), 0, 5L, null, false);
    StackNumbers numbers = script.statements(asked).getLast().stacks().getFirst();
    assertThat(numbers.frees()).isEqualTo(1);
    assertThat(numbers.freedBy().stacks()).containsExactly(by(3, 1));
  }

  @Test
  void shouldCountTheRestTogetherWhenMoreStacksReleaseThanAreToldApart() {
    int releasers = 300;
    List<byte[]> batches = batches(0, 1, 1, releasers);
    LaneState state =
        new LaneState(
            LaneOptions.WHOLE,
            statement -> {
              StackNumbers numbers = statement.stacks().getFirst();
              long listed = numbers.freedBy().stacks().stream().mapToLong(Releaser::frees).sum();
              // Stack n releases n blocks; 1 to 256 came first, 256 to 241 have most.
              assertThat(numbers.freedBy().stacks()).hasSize(FreedBy.LISTED);
              assertThat(numbers.freedBy().stacks().getFirst())
                  .isEqualTo(new Releaser(id(256), 256));
              assertThat(numbers.freedBy().stacks().getLast())
                  .isEqualTo(new Releaser(id(241), 241));
              assertThat(listed + numbers.freedBy().otherFrees()).isEqualTo(numbers.frees());
              assertThat(numbers.frees()).isEqualTo(releasers * (releasers + 1) / 2);
            });
    Script.feed(batches, state);
    state.stateAt(0);
  }

  @Test
  void shouldListNoMoreWhenLanesAreAddedUp() {
    List<byte[]> all = new ArrayList<>(batches(0, 2, 1, 16));
    all.addAll(batches(1, 2, 9, 24));
    var report = Script.feed(all, new LedgerRun(ReportQuery.WHOLE)).finish().getFirst();

    FreedBy freedBy = report.stacks().getFirst().freedBy();
    assertThat(freedBy.stacks()).hasSize(FreedBy.LISTED);
    // Both lanes have 9 to 16, which release twice their number.
    assertThat(freedBy.stacks().getFirst()).isEqualTo(new Releaser(id(16), 32));
    long listed = freedBy.stacks().stream().mapToLong(Releaser::frees).sum();
    assertThat(listed + freedBy.otherFrees()).isEqualTo(report.stacks().getFirst().frees());
  }

  /** Stack 0 allocates, stacks {@code from} to {@code to} release as often as their number says. */
  private static List<byte[]> batches(int lane, int lanes, int from, int to) {
    StackDictionary stacks = new StackDictionary();
    for (int i = 0; i <= to; i++) {
      stacks.number(id(i));
    }
    EventBatchBuilder builder =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(new LaneKey("s", "1-1", lane), lanes, 100, false, true),
            new Process(1, 1L, "c", 0L),
            stacks);
    List<byte[]> batches = new ArrayList<>();
    builder.allocate(EventCodes.ALLOC_HEAP, 0, 1, 8, 5, 0);
    for (int releaser = from; releaser <= to; releaser++) {
      for (int i = 0; i < releaser; i++) {
        builder.allocate(EventCodes.ALLOC_HEAP, 0, 1, 16, 5, 0);
        builder.release(EventCodes.FREE_HEAP, 0, 1, 16, releaser);
      }
      batches.add(builder.encode().body());
    }
    return batches;
  }

  private static StackId id(int number) {
    return new StackId(number + 1, 0);
  }

  private static Script script() {
    return new Script(0, 1, true);
  }

  private static Event intent(long time, int thread, long address) {
    return Event.of(EventCodes.INTENT_HEAP, time, thread, address, 0, 0);
  }

  private static Releaser by(int stack, long frees) {
    return new Releaser(RandomLane.stackId(stack), frees);
  }

  private static FreedBy freedBy(Script script, int stack) {
    return script.last().stacks().stream()
        .filter(numbers -> numbers.key().stackId().equals(RandomLane.stackId(stack)))
        .findFirst()
        .orElseThrow()
        .freedBy();
  }
}
