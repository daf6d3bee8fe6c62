package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.WriterSchemas;
import io.unfreed.streams.lane.LaneBudget;
import io.unfreed.streams.model.RandomLane;
import io.unfreed.streams.model.Script;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** How many commits the two stages ask for; time is the test's. */
class AwaitedCommitsTest {
  private static final int PROCESSES = 1000;

  private final MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
  private final Commits commits = new Commits(context);

  @Test
  void shouldAskForNoCommitWhenProcessesEndAndNobodyWaits() {
    assertMatching(ended());
    assertThat(commits.count()).isZero();
  }

  @Test
  void shouldAskForNoCommitWhenEndsAreReportedAndNobodyWaits() {
    report(statements(ended()));
    assertThat(commits.count()).isZero();
  }

  @Test
  void shouldShareACommitWhenManyWaitAtOnce() {
    assertMatching(asked());
    assertThat(commits.count()).isEqualTo(1);

    commits.pass(CommitPace.GAP_MILLIS);
    assertThat(commits.count()).isEqualTo(2);
    commits.pass(100 * CommitPace.GAP_MILLIS);
    assertThat(commits.count()).isEqualTo(2);
  }

  @Test
  void shouldShareACommitWhenManyAnswersAreAwaitedAtOnce() {
    List<byte[]> batches = new ArrayList<>(ended());
    batches.addAll(asked());
    report(statements(batches));
    assertThat(commits.count()).isEqualTo(1);

    commits.pass(100 * CommitPace.GAP_MILLIS);
    assertThat(commits.count()).isEqualTo(2);
  }

  @Test
  void shouldCommitAtOnceWhenOneWaitsWhoComesLater() {
    MatchProcessor match = match();
    List<byte[]> asked = asked();
    for (int i = 0; i < 5; i++) {
      match(match, asked.get(i));
      assertThat(commits.count()).isEqualTo(i + 1);
      commits.pass(CommitPace.GAP_MILLIS);
    }
  }

  @Test
  void shouldLookAtTheClockOnlyWhileSomebodyWaits() {
    AwaitedCommits awaited = new AwaitedCommits(context, Commits.paces());
    awaited.await();
    assertThat(commits.count()).isEqualTo(1);
    assertThat(commits.clocks()).isZero();

    awaited.await();
    awaited.await();
    assertThat(commits.clocks()).isEqualTo(1);
    commits.pass(CommitPace.GAP_MILLIS);
    assertThat(commits.clocks()).isZero();
    assertThat(commits.count()).isEqualTo(2);
  }

  @Test
  void shouldCommitAtOnceWhenTheClockWasSetBack() {
    CommitPace pace = new CommitPace();

    assertThat(pace.take(1_000_000)).isTrue();
    assertThat(pace.take(1_000_000 + CommitPace.GAP_MILLIS - 1)).isFalse();
    assertThat(pace.take(10)).isTrue();
  }

  @Test
  void shouldKeepOnePaceWhenTasksOfAThreadTakeTurns() {
    ThreadLocal<CommitPace> paces = Commits.paces();
    MockProcessorContext<byte[], byte[]> other = new MockProcessorContext<>();
    other.setCurrentSystemTimeMs(0);
    AwaitedCommits first = new AwaitedCommits(context, paces);
    AwaitedCommits second = new AwaitedCommits(other, paces);

    first.await();
    second.await();

    assertThat(context.committed()).isTrue();
    assertThat(other.committed()).isFalse();
    other.setCurrentSystemTimeMs(CommitPace.GAP_MILLIS);
    other.scheduledPunctuators().getFirst().getPunctuator().punctuate(CommitPace.GAP_MILLIS);
    assertThat(other.committed()).isTrue();
  }

  private void assertMatching(List<byte[]> batches) {
    MatchProcessor match = match();
    batches.forEach(batch -> match(match, batch));
    assertThat(context.forwarded()).hasSize(PROCESSES);
  }

  private MatchProcessor match() {
    LedgerStore ledgers =
        new LedgerStore.Builder(
                WriterSchemas.NONE,
                null,
                new RetainedEvents(),
                new InstanceNumbers(LaneBudget.unlimited()))
            .build();
    context.addStateStore(ledgers);
    MatchProcessor match = new MatchProcessor(Commits.paces(), new DeadLetters());
    match.init(context);
    return match;
  }

  private void match(MatchProcessor match, byte[] batch) {
    LedgerStore ledgers = context.getStateStore(Nodes.LEDGERS);
    byte[] message = EventBatchCodec.toMessage(batch);
    ledgers.ledgers().apply(EventKeys.text(Bench.key(batch)), message, Lanes.UNKNOWN);
    match.process(new Record<>(Bench.key(batch), message, 0));
    commits.look();
  }

  private void report(List<TestRecord<byte[], byte[]>> statements) {
    KeyValueStore<String, byte[]> store = ReportStores.inMemory();
    store.init(context.getStateStoreContext(), store);
    ReportProcessor report = new ReportProcessor(Commits.paces());
    report.init(context);
    for (TestRecord<byte[], byte[]> statement : statements) {
      report.process(new Record<>(statement.key(), statement.value(), 0));
      commits.look();
    }
    assertThat(context.forwarded(Nodes.REPORTS_OUT)).hasSize(statements.size());
    store.close();
  }

  private static List<TestRecord<byte[], byte[]>> statements(List<byte[]> batches) {
    try (Bench bench = new Bench()) {
      batches.forEach(bench::pipe);
      return bench.read(Topics.STATEMENTS);
    }
  }

  /** One batch of each process: it allocates, and exits. */
  private static List<byte[]> ended() {
    List<byte[]> batches = new ArrayList<>();
    for (int tgid = 1; tgid <= PROCESSES; tgid++) {
      EventBatchBuilder builder =
          new EventBatchBuilder(
              new EventBatchBuilder.Lane(
                  new LaneKey("session", tgid + "-1", 0), 1, 100, false, false),
              new Process(tgid, 1L, "tool", null),
              RandomLane.dictionary());
      builder.allocate(EventCodes.ALLOC_HEAP, 1, 1, 0x1000, 16, 0);
      builder.plain(EventCodes.EXIT, 2, 1);
      EncodedBatch batch = builder.encode();
      batches.add(batch.body());
    }
    return batches;
  }

  /** A marker for each process. */
  private static List<byte[]> asked() {
    List<byte[]> markers = new ArrayList<>();
    for (byte[] batch : ended()) {
      BatchHeader header = Script.cursor(batch).header();
      markers.add(EventBatchBuilder.marker(header, "token").body());
    }
    return markers;
  }
}
