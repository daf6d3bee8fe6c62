package io.unfreed.streams.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.RecordedFrom;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nothing is certain of a process of which calls are missing. */
class SeenInPartTest {
  @Test
  void shouldBeCertainOfNothingWhenTheProcessWasRecordedLater() {
    Script script = new Script().recordedFrom(2_300_000_000L).alloc(1, 1, 16, 7);

    assertThat(script.totals().outstandingBytes()).isEqualTo(7);
    assertThat(script.totals().certainBytes()).isZero();
    assertThat(script.last().stacks().getFirst().certainBytes()).isZero();
  }

  @Test
  void shouldBeCertainWhenTheProcessWasRecordedFromItsFirstInstruction() {
    Script script = new Script().recordedFrom(RecordedFrom.BEGINNING).alloc(1, 1, 16, 7);

    assertThat(script.totals().certainBytes()).isEqualTo(7);
  }

  @Test
  void shouldBeAsCertainAsLossesAllowWhenNobodyKnows() {
    Script script = new Script().recordedFrom(null).alloc(1, 1, 16, 7);

    assertThat(script.totals().certainBytes()).isEqualTo(7);
  }

  @Test
  void shouldJudgeTheImageBehindAnExecByItselfWhenOnlyTheFirstWasSeenInPart() {
    Script script =
        new Script()
            .recordedFrom(5L)
            .alloc(1, 1, 16, 7)
            .batch()
            .recordedFrom(RecordedFrom.BEGINNING)
            .alloc(90, 1, 32, 9)
            .plain(EventCodes.EXEC, 101, 0)
            .alloc(102, 1, 16, 3);

    List<LaneStatement> statements = script.statements(LaneOptions.WHOLE);
    assertThat(statements.getFirst().lastTick()).isEqualTo(1);
    assertThat(statements.getFirst().totals().outstandingBytes()).isEqualTo(16);
    assertThat(statements.getFirst().totals().certainBytes()).isZero();
    assertThat(statements.getLast().totals().certainBytes()).isEqualTo(3);
  }

  @Test
  void shouldStateTheStacksAnewWhenItTurnsOutThatCallsAreMissing() {
    Script script =
        new Script()
            .recordedFrom(null)
            .alloc(1, 1, 16, 7)
            .alloc(101, 1, 32, 7)
            .batch()
            .recordedFrom(5L)
            .plain(EventCodes.MARK, 201, 1)
            .plain(EventCodes.MARK, 301, 1);

    List<LaneStatement> statements = script.statements(LaneOptions.TOPOLOGY);
    assertThat(statements.get(0).stacks().getFirst().certainBytes()).isEqualTo(7);
    assertThat(statements.getLast().stacks()).hasSize(1);
    assertThat(statements.getLast().stacks().getFirst().certainBytes()).isZero();
  }

  @Test
  void shouldReportZerosWhenTheProcessWasNeverRecorded() {
    Script script = new Script().recordedFrom(RecordedFrom.NEVER).plain(EventCodes.EXIT, 50, 0);

    List<IncarnationReport> reports =
        Script.feed(script.batches(), new LedgerRun(ReportQuery.WHOLE)).finish();
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().isFinal()).isTrue();
    assertThat(reports.getFirst().process().getRecordedFromNanos()).isEqualTo(RecordedFrom.NEVER);
    assertThat(reports.getFirst().totals().allocations()).isZero();
    assertThat(reports.getFirst().totals().certainBytes()).isZero();
    assertThat(reports.getFirst().stacks()).isEmpty();
  }

  @Test
  void shouldReportZerosWhenALaneSaysNothingAtAll() {
    Script script = new Script().recordedFrom(RecordedFrom.NEVER).batch();

    List<IncarnationReport> reports =
        Script.feed(script.batches(), new LedgerRun(ReportQuery.WHOLE)).finish();
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().isFinal()).isFalse();
    assertThat(reports.getFirst().totals().allocations()).isZero();
  }
}
