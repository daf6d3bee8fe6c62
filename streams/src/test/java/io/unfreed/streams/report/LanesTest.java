package io.unfreed.streams.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.streams.lane.LaneOptions;
import io.unfreed.streams.lane.LaneState;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Merging the lanes of one incarnation; the tick is 100 ns. */
class LanesTest {
  private final Script first =
      new Script(0, 2)
          .alloc(10, 1, 16, 1)
          .alloc(110, 1, 32, 2)
          .alloc(410, 1, 48, 4)
          .plain(EventCodes.END, 710, 0);
  private final Script second =
      new Script(1, 2).alloc(20, 1, 16, 8).alloc(310, 1, 32, 16).plain(EventCodes.END, 520, 0);

  @Test
  void shouldPublishTheSameWhenTheLanesArriveInAnotherOrder() {
    List<LaneStatement> a = first.statements(LaneOptions.TOPOLOGY);
    List<LaneStatement> b = second.statements(LaneOptions.TOPOLOGY);
    List<IncarnationReport> expected = merge(new int[] {0, 0, 0, 0, 1, 1, 1}, a, b);

    assertThat(merge(new int[] {1, 1, 1, 0, 0, 0, 0}, a, b)).isEqualTo(expected);
    assertThat(merge(new int[] {1, 0, 1, 0, 1, 0, 0}, a, b)).isEqualTo(expected);
    assertThat(merge(new int[] {0, 1, 0, 1, 0, 1, 0}, a, b)).isEqualTo(expected);
    assertThat(expected)
        .extracting(IncarnationReport::tick)
        .containsExactly(1L, 3L, 4L, 5L, 7L, null);
  }

  @Test
  void shouldTellTheMomentWhenAnotherLaneHasMadeABoundaryDue() {
    for (IncarnationReport report :
        merge(
            new int[] {1, 0, 1, 0, 1, 0, 0},
            first.statements(LaneOptions.TOPOLOGY),
            second.statements(LaneOptions.TOPOLOGY))) {
      assertThat(report.atNanos())
          .isEqualTo(report.tick() == null ? (Long) 710L : (Long) (report.tick() * 100));
    }
  }

  @Test
  void shouldCoverTheLastEventsOfALaneWhenItEndedBeforeTheBoundary() {
    List<IncarnationReport> reports =
        merge(
            new int[] {0, 0, 0, 0, 1, 1, 1},
            first.statements(LaneOptions.TOPOLOGY),
            new Script(1, 2)
                .alloc(20, 1, 16, 8)
                .alloc(310, 1, 32, 16)
                .alloc(520, 1, 48, 32)
                .plain(EventCodes.END, 530, 0)
                .statements(LaneOptions.TOPOLOGY));
    IncarnationReport seven = reports.get(reports.size() - 2);

    assertThat(seven.tick()).isEqualTo(7);
    assertThat(seven.totals().outstandingBytes()).isEqualTo(1 + 2 + 4 + 8 + 16 + 32);
  }

  @Test
  void shouldAnswerWhenOneLaneHasEndedAndAnotherIsOpen() {
    List<IncarnationReport> reports =
        run(ReportQuery.WHOLE, new Script(0, 2).alloc(5, 1, 16, 1), second);

    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().isFinal()).isFalse();
    assertThat(reports.getFirst().totals().outstandingBytes()).isEqualTo(25);
    assertThat(reports.getFirst().atNanos()).isEqualTo(520);
  }

  @Test
  void shouldAnswerFromTheOthersWhenALaneIsBeyondThoseOfTheFirstBatch() {
    LedgerRun run = new LedgerRun(ReportQuery.WHOLE);
    Script.feed(new Script().alloc(10, 1, 16, 7).batch().alloc(210, 1, 32, 8).batches(), run);
    Script.feed(new Script(3, 4).alloc(10, 1, 16, 1).alloc(910, 1, 32, 2).batches(), run);
    List<IncarnationReport> reports = run.finish();

    assertThat(run.strayBatches()).isEqualTo(1);
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().totals().outstandingBytes()).isEqualTo(15);
    assertThat(reports.getFirst().atNanos()).as("the moment of its own lane").isEqualTo(210);
  }

  @Test
  void shouldAnswerWhenALaneSaidNothingAtAll() {
    List<IncarnationReport> reports = run(ReportQuery.WHOLE, second);

    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().isFinal()).isFalse();
    assertThat(reports.getFirst().totals().outstandingBytes()).isEqualTo(24);
  }

  @Test
  void shouldJudgeAgesAtOneMomentWhenLanesEndedAtDifferentOnes() {
    ReportQuery query = new ReportQuery(SizeRange.ALL, 250, null, null);
    List<IncarnationReport> reports =
        run(
            query,
            new Script(0, 2).alloc(100, 1, 16, 1),
            new Script(1, 2).alloc(100, 1, 16, 8).alloc(400, 1, 32, 16));

    assertThat(reports.getFirst().stacks().getFirst().outstandingBytes()).isEqualTo(9);
  }

  @Test
  void shouldAnswerWhenALaneEndsAfterAnotherHasMetTheMarker() {
    List<LaneStatement> a = asked(first, "one");
    List<LaneStatement> b = asked(second, "one");

    assertThat(answers(a, b)).containsExactly("one");
    assertThat(answers(b, a)).containsExactly("one");
  }

  @Test
  void shouldAnswerEachWhenTwoHaveAsked() {
    assertThat(answers(asked(first, "one", "two"), asked(second, "one", "two")))
        .containsExactly("one", "two");
    assertThat(answers(asked(first, "one", "two"), asked(second, "two", "one")))
        .containsExactly("two", "one");
  }

  /** What a lane states when it was asked behind its end. */
  private static List<LaneStatement> asked(Script lane, String... tokens) {
    List<LaneStatement> statements = new ArrayList<>();
    LaneState state = new LaneState(LaneOptions.TOPOLOGY, statements::add);
    Script.feed(lane.batches(), state);
    BatchHeader last = Script.cursor(lane.batches().getLast()).header();
    for (String token : tokens) {
      Script.feed(List.of(EventBatchBuilder.marker(last, token).body()), state);
    }
    return statements;
  }

  /** Tokens that were answered when one lane comes behind the other. */
  private static List<String> answers(List<LaneStatement> one, List<LaneStatement> other) {
    List<String> answers = new ArrayList<>();
    IncarnationState state = new IncarnationState(2);
    for (LaneStatement statement : Stream.concat(one.stream(), other.stream()).toList()) {
      state.accept(
          statement,
          (report, marker) -> {
            if (marker != null) {
              answers.add(marker);
              assertThat(report.isFinal()).isTrue();
              assertThat(report.totals().outstandingBytes()).isEqualTo(1 + 2 + 4 + 8 + 16);
            }
          });
    }
    assertThat(state.isOver()).isTrue();
    return answers;
  }

  private static List<IncarnationReport> run(ReportQuery query, Script... lanes) {
    LedgerRun run = new LedgerRun(query);
    for (Script lane : lanes) {
      Script.feed(lane.batches(), run);
    }
    return run.finish();
  }

  private static List<IncarnationReport> merge(
      int[] order, List<LaneStatement> first, List<LaneStatement> second) {
    List<IncarnationReport> reports = new ArrayList<>();
    IncarnationState state = new IncarnationState(2);
    int[] next = {0, 0};
    for (int lane : order) {
      List<LaneStatement> statements = lane == 0 ? first : second;
      if (next[lane] < statements.size()) {
        state.accept(statements.get(next[lane]++), (report, marker) -> reports.add(report));
      }
    }
    while (next[0] < first.size()) {
      state.accept(first.get(next[0]++), (report, marker) -> reports.add(report));
    }
    while (next[1] < second.size()) {
      state.accept(second.get(next[1]++), (report, marker) -> reports.add(report));
    }
    return reports;
  }
}
