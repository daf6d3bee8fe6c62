package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.util.List;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** What is published of ticks in which nothing happens: that they passed. */
class QuietTicksTest {
  private static final int STACKS = 1;

  @Test
  void shouldPublishThatATickPassedAndNothingElseWhenNothingChanged() throws Exception {
    try (Bench bench = new Bench()) {
      Script script = busyThenQuiet(3);
      script.batches().forEach(bench::pipe);
      bench.read(Topics.REPORTS);
      bench.read(Topics.OUTSTANDING);
      bench.read(Topics.STATEMENTS);
      int before = script.batches().size();
      for (long tick = 4; tick < 20; tick++) {
        script.watermark(tick * 100 + 50);
      }
      script.batches().stream().skip(before).forEach(bench::pipe);
      assertThat(bench.read(Topics.STATEMENTS)).hasSize(16);
      assertThat(bench.read(Topics.OUTSTANDING)).isEmpty();
      List<TestRecord<byte[], byte[]>> reports = bench.read(Topics.REPORTS);
      assertThat(reports).hasSize(16);
      for (TestRecord<byte[], byte[]> record : reports) {
        LeakReport report = RecordCodec.leakReports().decode(record.value());
        assertThat(ReportHeaders.sameAsTick(record.headers())).isEqualTo(2);
        assertThat(report.getStacks()).isEmpty();
        assertThat(report.getCutStacks()).isEqualTo(STACKS);
        assertThat(report.getTotals().getOutstandingBytes()).isEqualTo(24);
        assertThat(record.value().length).isLessThan(200);
      }
    }
  }

  @Test
  void shouldReadWhatAQueryAnswersWhenTicksAreQuiet() throws Exception {
    Script script = busyThenQuiet(10).alloc(1070, 1, 4, 8).watermark(1350).free(1490, 1, 1);
    for (long tick = 15; tick < 20; tick++) {
      script.watermark(tick * 100 + 50);
    }
    try (Bench bench = new Bench()) {
      script.batches().forEach(bench::pipe);
      List<IncarnationReport> whole =
          Script.feed(
                  script.batches(), new LedgerRun(new ReportQuery(SizeRange.ALL, 0, null, 100L)))
              .finish();
      assertThat(bench.reports(false)).isEqualTo(whole.subList(0, whole.size() - 1));
    }
  }

  private static Script busyThenQuiet(long ticks) {
    Script script = new Script().alloc(10, 1, 1, 8).alloc(20, 1, 2, 8).alloc(30, 2, 3, 8);
    for (long tick = 1; tick <= ticks; tick++) {
      script.watermark(tick * 100 + 50);
    }
    return script;
  }
}
