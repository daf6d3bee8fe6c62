package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.StackState;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.streams.lane.Releases;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.record.ReportRecords;
import io.unfreed.streams.report.IncarnationReport;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the topology of an earlier version left in its topics, and in the changelog of its report
 * store half way through random events, is gone on with: never write these files anew.
 */
class OlderVersionsTopologyTest {
  /**
   * One run of that version.
   *
   * @param batches values of the event topic
   * @param store the report store when half of the statements had been taken
   * @param statements the other half
   * @param reports what came of them
   * @param states what came of them
   */
  private record Left(
      List<byte[]> batches,
      List<Value> store,
      List<Value> statements,
      List<Value> reports,
      List<Value> states) {}

  private record Value(String key, byte[] bytes) {}

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2"})
  void shouldForwardTheSameWhenAnEarlierVersionLeftTheReportStore(String version) throws Exception {
    for (Left left : left(version)) {
      MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
      KeyValueStore<String, byte[]> store = store(context);
      left.store().forEach(value -> store.put(value.key(), value.bytes()));
      ReportProcessor processor = new ReportProcessor(Commits.paces());
      processor.init(context);
      for (Value s : left.statements()) {
        processor.process(new Record<>(s.key().getBytes(StandardCharsets.UTF_8), s.bytes(), 0));
      }

      assertThat(forwarded(context, Nodes.DEAD_LETTERS)).isEmpty();
      assertThat(reports(forwarded(context, Nodes.REPORTS_OUT)))
          .isEqualTo(reports(left.reports()))
          .isNotEmpty();
      assertThat(states(forwarded(context, Nodes.OUTSTANDING_OUT)))
          .isEqualTo(states(left.states()))
          .isNotEmpty();
      store.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2"})
  void shouldReportTheSameWhenAnEarlierVersionLeftTheEvents(String version) throws Exception {
    for (Left left : left(version)) {
      try (Bench bench = new Bench()) {
        for (byte[] value : left.batches()) {
          byte[] current = EventBatchCodec.current(value);
          int head = EventBatchCodec.headerLength();
          bench.pipe(Bench.key(java.util.Arrays.copyOfRange(current, head, current.length)), value);
        }
        List<Object> reports = new ArrayList<>();
        bench.reports(false).forEach(report -> reports.add(unjudged(report)));
        List<Object> expected = reports(left.reports());
        assertThat(reports).endsWith(expected.toArray());
        assertThat(bench.read(Topics.DEAD_LETTERS)).isEmpty();
      }
    }
  }

  private static List<Object> reports(List<Value> values) throws Exception {
    List<Object> reports = new ArrayList<>();
    for (Value value : values) {
      reports.add(
          unjudged(ReportRecords.fromRecord(RecordCodec.leakReports().decode(value.bytes()))));
    }
    return reports;
  }

  /** What the first version could say of it. */
  private static IncarnationReport unjudged(IncarnationReport r) {
    TotalsNumbers t = r.totals();
    return new IncarnationReport(
        r.session(),
        r.incarnation(),
        r.process(),
        r.atNanos(),
        r.tick(),
        r.isFinal(),
        r.kernel(),
        new TotalsNumbers(
            t.counts(),
            t.oneLane(),
            t.unmatchedFrees(),
            t.lostEvents(),
            t.missingOutcomes(),
            null,
            t.distinctStacks(),
            t.bySpace(),
            t.degraded()),
        r.selected(),
        r.stacks().stream()
            .map(OlderVersionsTopologyTest::unjudged)
            .sorted(IncarnationReport.BY_BYTES)
            .toList(),
        List.of());
  }

  private static StackNumbers unjudged(StackNumbers n) {
    return new StackNumbers(
        n.key(), n.counts(), n.heldCount(), n.ages(), Releases.UNKNOWN, null, null, n.freedBy());
  }

  /** What is published but the ages, which are not told any more. */
  private static List<Object> states(List<Value> values) throws Exception {
    List<Object> states = new ArrayList<>();
    for (Value value : values) {
      states.add(value.key());
      StackState state = RecordCodec.stackStates().decode(value.bytes());
      state.setGrowing(false);
      state.setAges(List.of());
      states.add(state);
    }
    return states;
  }

  private static List<Value> forwarded(MockProcessorContext<byte[], byte[]> context, String to) {
    return context.forwarded(to).stream()
        .map(f ->
            new Value(new String(f.record().key(), StandardCharsets.UTF_8), f.record().value()))
        .toList();
  }

  private static KeyValueStore<String, byte[]> store(MockProcessorContext<byte[], byte[]> context) {
    KeyValueStore<String, byte[]> store = ReportStores.inMemory();
    store.init(context.getStateStoreContext(), store);
    return store;
  }

  private static List<Left> left(String version) throws Exception {
    List<Left> runs = new ArrayList<>();
    Left run = empty();
    for (String line : lines(version)) {
      String[] words = line.split(" ");
      byte[] bytes = words.length == 1 ? null : HexFormat.of().parseHex(words[words.length - 1]);
      Value value = words.length == 3 ? new Value(words[1], bytes) : null;
      switch (words[0]) {
        case "batch" -> run.batches().add(bytes);
        case "store" -> run.store().add(value);
        case "statement" -> run.statements().add(value);
        case "report" -> run.reports().add(value);
        case "state" -> run.states().add(value);
        case "end" -> {
          runs.add(run);
          run = empty();
        }
        default -> throw new AssertionError(line);
      }
    }
    return runs;
  }

  private static Left empty() {
    return new Left(
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>());
  }

  private static List<String> lines(String version) throws Exception {
    try (InputStream in =
        OlderVersionsTopologyTest.class.getResourceAsStream("/" + version + "/topology.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
