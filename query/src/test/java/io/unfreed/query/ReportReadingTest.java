package io.unfreed.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.Accumulation;
import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Space;
import io.unfreed.schemas.StackState;
import io.unfreed.schemas.Totals;
import io.unfreed.schemas.Verdict;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Numbers of processes from published reports, among which others may be. */
class ReportReadingTest {
  private final ReportReading reading =
      new ReportReading(RecordCodec.leakReports(), Map.of("s", 10_000L)::get, 10);

  @Test
  void shouldTellTheLeaksOfAReport() {
    ProcessNumbers numbers = reading.numbers(record(report(stack(1, leaking("blocks")))));

    assertThat(numbers.fastest())
        .singleElement()
        .satisfies(leak -> {
          assertThat(leak.bytesPerSecond()).isEqualTo(100);
          assertThat(leak.secondsToLimit()).isEqualTo(50);
        });
  }

  @Test
  void shouldPassOverWhatIsNoReport() {
    assertThat(reading.numbers(record("s/7-70", null))).isNull();
    assertThat(reading.numbers(record("s/7-70", new byte[40]))).isNull();
    assertThat(reading.numbers(record(null, encoded(report())))).isNull();
    assertThat(reading.numbers(record("other/7-70", encoded(report())))).isNull();
    StackState broken = stack(1, null);
    broken.setAccumulation(new Accumulation(0L, -1, 0L, 0L, List.of()));
    assertThat(reading.numbers(record(report(broken)))).isNull();

    assertThat(reading.numbers(record(report()))).isNotNull();
  }

  /** What a later version says and what nobody says. */
  @Test
  void shouldTellNoLeakWhenItsVerdictIsNotKnown() {
    Verdict slopeless = leaking("blocks");
    slopeless.setLowBytesPerSecond(null);
    Verdict queue = leaking("elsewhere");
    queue.setKind("queue");
    Verdict undecided = leaking(null);
    undecided.setKind("undecided");
    ProcessNumbers numbers =
        reading.numbers(
            record(
                report(
                    stack(1, leaking("threads")),
                    stack(2, leaking(null)),
                    stack(3, queue),
                    stack(4, undecided),
                    stack(5, slopeless))));

    assertThat(numbers.fastest())
        .singleElement()
        .satisfies(leak -> {
          assertThat(leak.stackId()).isEqualTo(new StackId(5, 0).toString());
          assertThat(leak.bytesPerSecond()).isNull();
        });
  }

  /** A series that is there twice would take all others with it. */
  @Test
  void shouldTellAStackOnceWhenItIsListedTwice() {
    StackState stack = stack(1, leaking("blocks"));
    StackState elsewhere = stack(1, leaking("blocks"));
    elsewhere.setSpace(Space.MAPPING);

    assertThat(reading.numbers(record(report(stack, stack, elsewhere))).fastest())
        .extracting(LeakNumbers::space)
        .containsExactlyInAnyOrder("heap", "mapping");
  }

  /** Nothing is taken any more: an alert about the limit would be wrong. */
  @Test
  void shouldTellNoTimeToTheLimitWhenTheProcessIsOver() {
    LeakReport report = report(stack(1, leaking("blocks")));
    report.setFinal$(true);

    assertThat(reading.numbers(record(report)).fastest())
        .singleElement()
        .satisfies(leak -> {
          assertThat(leak.bytesPerSecond()).isEqualTo(100);
          assertThat(leak.secondsToLimit()).isNull();
        });
  }

  private static ConsumerRecord<byte[], byte[]> record(LeakReport report) {
    return record("s/7-70", encoded(report));
  }

  private static byte[] encoded(LeakReport report) {
    return RecordCodec.leakReports().encode(report);
  }

  private static ConsumerRecord<byte[], byte[]> record(String key, byte[] value) {
    return new ConsumerRecord<>(
        Topics.REPORTS.topicName(),
        0,
        0,
        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
        value);
  }

  private static LeakReport report(StackState... stacks) {
    return LeakReport.newBuilder()
        .setSession("s")
        .setIncarnation("7-70")
        .setProcess(new Process(7, 70L, "leaky", null))
        .setAtNanos(5_000_000_000L)
        .setTick(5L)
        .setFinal$(false)
        .setKernel(false)
        .setTotals(totals())
        .setStacks(List.of(stacks))
        .setCutStacks(0)
        .setTemporary(List.of())
        .build();
  }

  private static Totals totals() {
    return Totals.newBuilder()
        .setAllocations(9)
        .setFrees(0)
        .setUnmatchedFrees(0L)
        .setSuperseded(0)
        .setClosedByExec(0)
        .setTemporaryAllocations(0L)
        .setAllocatedBytes(5000)
        .setPeakBytes(5000L)
        .setOutstandingBytes(5000)
        .setOutstandingCount(9)
        .setCertainBytes(5000)
        .setLostEvents(0)
        .setMissingOutcomes(0)
        .setDoubtfulUntil(null)
        .setDistinctStacks(1)
        .setBySpace(List.of())
        .setDegraded(null)
        .build();
  }

  private static StackState stack(int id, Verdict verdict) {
    return StackState.newBuilder()
        .setStackId(new StackId(id, 0).toHash())
        .setSpace(Space.HEAP)
        .setOutstandingBytes(5000)
        .setOutstandingCount(9)
        .setCertainBytes(5000)
        .setAllocations(9)
        .setFrees(0)
        .setSuperseded(0)
        .setClosedByExec(0)
        .setAllocatedBytes(5000)
        .setOldestTimeNanos(1L)
        .setLifetimes(List.of())
        .setAges(List.of())
        .setVerdict(verdict)
        .build();
  }

  private static Verdict leaking(String reason) {
    return Verdict.newBuilder()
        .setKind("leaking")
        .setReason(reason)
        .setConfidence(0.9)
        .setBytesPerSecond(100.0)
        .setLowBytesPerSecond(100.0)
        .setHighBytesPerSecond(100.0)
        .setAgeOfNoReturn(1L << 30)
        .setNumbers(Collections.nCopies(14, 1L))
        .setSwingBytes(0.0)
        .build();
  }
}
