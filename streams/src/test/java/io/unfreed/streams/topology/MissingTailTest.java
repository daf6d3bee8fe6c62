package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.MissingTails;
import io.unfreed.streams.query.MissingTails.Extent;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Lanes whose last batches never arrived: no gap shows it, the session's end does. */
class MissingTailTest {
  /** Two allocations arrive, three frees and the end do not. */
  private final List<byte[]> whole =
      new Script()
          .alloc(10, 1, 16, 7)
          .alloc(120, 1, 32, 5)
          .batch()
          .free(130, 1, 16)
          .free(140, 1, 32)
          .free(150, 1, 48)
          .plain(EventCodes.END, 160, 0)
          .batches();

  private final List<byte[]> cut = whole.subList(0, 1);

  @Test
  void shouldCountWhatIsMissingWhenTheSessionEndedAndTheLaneDidNot() {
    IncarnationReport report = answer(cut, session(5, 1, Map.of()));

    assertThat(report.isFinal()).isFalse();
    assertThat(report.totals().lostEvents()).as("three frees and the end").isEqualTo(4);
    assertThat(report.totals().outstandingBytes()).isEqualTo(12);
    assertThat(report.totals().certainBytes()).isZero();
    assertThat(report.stacks()).allMatch(stack -> stack.certainBytes() == 0);
  }

  @Test
  void shouldLoseNothingWhenTheLaneHasItsEnd() {
    assertThat(answer(whole, session(5, 1, Map.of()))).isEqualTo(answer(whole, null));
  }

  @Test
  void shouldLoseNothingWhenTheSessionIsOpen() {
    Session open = session(5, 1, Map.of());
    open.setEnd(null);

    assertThat(answer(cut, open)).isEqualTo(answer(cut, null));
    assertThat(answer(cut, open).totals().certainBytes()).isEqualTo(12);
  }

  @Test
  void shouldNotMissWhatCameAfterAnExit() {
    IncarnationReport report = answer(cut, session(9, 1, Map.of("afterExit", 4L)));

    assertThat(report.totals().lostEvents()).isEqualTo(4);
  }

  @Test
  void shouldLoseAtLeastTheEndWhenCallsWereSampled() {
    IncarnationReport report = answer(cut, session(5000, 100, Map.of()));

    assertThat(report.totals().lostEvents()).isEqualTo(1);
    assertThat(report.totals().certainBytes()).isZero();
  }

  @Test
  void shouldKeepTheNumbersAsOfAMomentWhenTheMissingEventsCameLater() {
    LedgerRun run = new LedgerRun(new ReportQuery(ReportQuery.WHOLE.sizes(), 0, 60L, null));
    run.session(session(5, 1, Map.of()));

    IncarnationReport report = Script.feed(cut, run).finish().getFirst();

    assertThat(report.totals().lostEvents()).isZero();
    assertThat(report.totals().certainBytes()).isEqualTo(7);
  }

  @Test
  void shouldCountMissingCallsOnceInEachIncarnationWhenSeveralLanesAreCut() {
    LaneKey a0 = new LaneKey("s", "a", 0);
    LaneKey a1 = new LaneKey("s", "a", 1);
    LaneKey b0 = new LaneKey("s", "b", 0);
    LaneKey c0 = new LaneKey("s", "c", 0);

    Map<LaneKey, Long> missing =
        MissingTails.of(
            session(40, 1, Map.of()),
            List.of(
                new Extent(c0, 11, true),
                new Extent(a1, 5, false),
                new Extent(b0, 3, false),
                new Extent(a0, 2, false)));

    assertThat(missing).isEqualTo(Map.of(a0, 21L, a1, 1L, b0, 21L));
  }

  @Test
  void shouldAnswerTheSameWhenTheTopologyIsToldByTheMarker() throws Exception {
    IncarnationReport expected = answer(cut, session(5, 1, Map.of()));
    try (Bench bench = new Bench()) {
      cut.forEach(bench::pipe);
      bench.pipe(EventBatchBuilder.marker(Script.cursor(cut.getFirst()).header(), "m", 6).body());
      assertThat(bench.reports(true)).containsExactly(expected);

      bench.pipe(EventBatchBuilder.marker(Script.cursor(cut.getFirst()).header(), "m").body());
      assertThat(bench.reports(true)).containsExactly(answer(cut, null));

      bench.pipe(EventBatchBuilder.marker(Script.cursor(cut.getFirst()).header(), "m", 6).body());
      whole.forEach(bench::pipe);
      assertThat(bench.reports(false).getLast()).isEqualTo(answer(whole, null));
    }
  }

  private static IncarnationReport answer(List<byte[]> batches, Session session) {
    LedgerRun run = new LedgerRun(ReportQuery.WHOLE);
    if (session != null) {
      run.session(session);
    }
    return Script.feed(batches, run).finish().getLast();
  }

  private static Session session(long received, long sampleRate, Map<String, Long> losses) {
    return Session.newBuilder()
        .setSessionId("session")
        .setSource(Source.EBPF)
        .setSampleRate(sampleRate)
        .setEnd(new SessionEnd(160L, received, received, 0L, losses))
        .build();
  }
}
