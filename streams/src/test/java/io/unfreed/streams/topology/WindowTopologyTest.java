package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.TraceWindow;
import io.unfreed.schemas.topic.Forgetting;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.RecordKeys;
import io.unfreed.streams.fuzz.Absurd;
import io.unfreed.streams.trace.RandomTrace;
import io.unfreed.streams.trace.TraceDifference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** The windows of traces, by the topology. */
class WindowTopologyTest {
  private static final RecordCodec<TraceStatement> STATEMENTS = RecordCodec.traceStatements();

  @Test
  void shouldPublishEveryDifferenceOnceWhenStatementsAreRepeated() throws Exception {
    RandomTrace trace = new RandomTrace(1, "s", "syscalls", 20);
    Random random = new Random(1);
    try (Bench bench = new Bench()) {
      List<TraceStatement> piped = new ArrayList<>();
      for (TraceStatement statement : trace.statements) {
        pipe(bench, statement);
        piped.add(statement);
        pipe(bench, piped.get(random.nextInt(piped.size())));
      }
      trace.statements.forEach(statement -> pipe(bench, statement));

      assertThat(windows(bench)).isEqualTo(expected(trace.statements));
      assertThat(bench.read(Topics.DEAD_LETTERS)).isEmpty();
    }
  }

  @Test
  void shouldMakeLongerWindowsWhenStatementsAreMissing() throws Exception {
    RandomTrace trace = new RandomTrace(2, "s", "locks", 20);
    Random random = new Random(2);
    List<TraceStatement> some =
        trace.statements.stream().filter(statement -> random.nextInt(3) > 0).toList();
    try (Bench bench = new Bench()) {
      some.forEach(statement -> pipe(bench, statement));
      List<TraceWindow> windows = windows(bench);

      assertThat(windows).isEqualTo(expected(some));
      Map<String, Long> last = new HashMap<>();
      Map<String, Long> told = new HashMap<>();
      some.forEach(s -> last.put(RecordKeys.of(s), s.getSequence() + 1));
      windows.forEach(w ->
          told.merge(
              w.getSession() + "/" + w.getIncarnation() + "/" + w.getProbe(),
              w.getMissing() + 1,
              Long::sum));
      assertThat(told).isEqualTo(last);
    }
  }

  @Test
  void shouldForgetASessionAndNoOtherWhenItIsToBeForgotten() throws Exception {
    RandomTrace gone = new RandomTrace(3, "s", "syscalls", 4);
    RandomTrace kept = new RandomTrace(3, "s2", "syscalls", 4);
    try (Bench bench = new Bench()) {
      gone.statements.forEach(statement -> pipe(bench, statement));
      kept.statements.forEach(statement -> pipe(bench, statement));
      bench.pipeHistogram(Forgetting.key("s"), null);

      assertThat(bench.windowKeys()).isNotEmpty().allMatch(key -> key.startsWith("s2/"));
      windows(bench);
      gone.statements.forEach(statement -> pipe(bench, statement));
      kept.statements.forEach(statement -> pipe(bench, statement));
      assertThat(windows(bench)).isEqualTo(expected(gone.statements));
    }
  }

  @Test
  void shouldGoOnAndSendToTheDeadLettersWhatIsNoStatement() throws Exception {
    RandomTrace trace = new RandomTrace(4, "s", "syscalls", 30);
    Random random = new Random(4);
    int changed = 0;
    try (Bench bench = new Bench()) {
      for (TraceStatement statement : trace.statements) {
        byte[] value = STATEMENTS.encode(statement);
        bench.pipeHistogram(key(statement), Absurd.changed(random, value));
        bench.pipeHistogram("other/key".getBytes(StandardCharsets.UTF_8), value);
        changed += 1;
      }
      bench.pipeHistogram(null, null);

      assertThat(bench.read(Topics.DEAD_LETTERS)).hasSizeGreaterThan(changed);
      for (TraceWindow window : windows(bench)) {
        assertThat(window.getMissing()).isNotNegative();
      }
    }
  }

  private static void pipe(Bench bench, TraceStatement statement) {
    bench.pipeHistogram(key(statement), STATEMENTS.encode(statement));
  }

  private static byte[] key(TraceStatement statement) {
    return RecordKeys.of(statement).getBytes(StandardCharsets.UTF_8);
  }

  private static List<TraceWindow> windows(Bench bench) throws MalformedBatchException {
    List<TraceWindow> windows = new ArrayList<>();
    for (TestRecord<byte[], byte[]> record : bench.read(Topics.WINDOWS)) {
      windows.add(RecordCodec.traceWindows().decode(record.value()));
    }
    return windows;
  }

  private static List<TraceWindow> expected(List<TraceStatement> statements) {
    Map<String, TraceStatement> before = new HashMap<>();
    List<TraceWindow> windows = new ArrayList<>();
    for (TraceStatement now : statements) {
      windows.add(TraceDifference.of(before.put(RecordKeys.of(now), now), now));
    }
    return windows;
  }
}
