package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.WriterSchemas;
import io.unfreed.streams.lane.LaneBudget;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.model.RandomLane;
import io.unfreed.streams.snapshot.SnapshotDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores that begin with snapshots, beside one that nothing happens to. */
class LedgerSnapshotsTest {
  private static final int ROUNDS = Integer.getInteger("unfreed.rounds", 60);
  private static final long SEED = Long.getLong("unfreed.seed", 1401);
  private static final TopicPartition EVENTS = new TopicPartition("unfreed.events", 0);

  @TempDir Path directory;
  private FakeCluster cluster;
  private List<byte[]> messages;

  @BeforeEach
  void makeMessages() {
    cluster = new FakeCluster();
    messages = messages(new Random(SEED));
  }

  @Test
  void shouldStateEverythingOnceWhenKilledAtAnyRecord() throws Exception {
    int used = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(SEED + round);
      messages = messages(random);
      cluster = new FakeCluster();
      Path disk = directory.resolve("round" + round);
      List<LaneStatement> published = new ArrayList<>();
      int committed = 0;
      for (int life = 0; committed < messages.size(); life++) {
        LedgerStore store = open(life % 3 == 2 ? disk.resolve("empty" + life) : disk);
        used += store.committedOffset(EVENTS) >= 0 ? 1 : 0;
        restore(store, committed);
        int next = committed;
        boolean isKilled = false;
        while (next < messages.size() && !isKilled) {
          List<LaneStatement> transaction = new ArrayList<>();
          FakeCluster topic = new FakeCluster();
          int end = Math.min(messages.size(), next + 1 + random.nextInt(5));
          for (; next < end; next++) {
            apply(store, next, transaction);
            if (random.nextInt(3) == 0) {
              store.takeSnapshot(topic::write);
            }
          }
          isKilled = !cluster.topic.isEmpty() && random.nextInt(4) == 0;
          if (!isKilled || random.nextBoolean()) {
            published.addAll(transaction);
            cluster.topic.putAll(topic.topic);
            committed = next;
            cluster.committed = (long) next;
          }
        }
      }
      assertThat(published).as("seed " + (SEED + round)).isEqualTo(undisturbed(0));
    }
    assertThat(used).isPositive();
  }

  @Test
  void shouldWriteWhatIsCommittedWhenTheTaskIsClosed() throws Exception {
    LedgerStore store = fed(directory, 10);
    store.commit(Map.of(EVENTS, 9L));
    cluster.committed = 10L;

    assertThat(open(directory).committedOffset(EVENTS)).isEqualTo(9);
  }

  @Test
  void shouldApplyTheWholeLogWhenTheOnlySnapshotIsOfNoUse() throws Exception {
    fed(directory, 10).takeSnapshot(entry -> {});
    cluster.committed = 12L;
    Path file = new SnapshotDirectory(directory).files(0).getFirst();
    byte[] whole = Files.readAllBytes(file);
    assertThat(open(directory).committedOffset(EVENTS)).isEqualTo(9);

    cluster.committed = 9L;
    assertBeginsAnew();
    cluster.committed = 12L;
    cluster.topicId = UUID.randomUUID();
    assertBeginsAnew();
    cluster.topicId = new UUID(7, 9);
    for (int at : new int[] {3, 11, 15, whole.length - 9}) {
      byte[] damaged = whole.clone();
      damaged[at]++;
      Files.write(file, damaged);
      assertBeginsAnew();
    }
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
    assertBeginsAnew();
    Files.write(file, whole);
    cluster.isAway = true;
    assertBeginsAnew();
    cluster.isAway = false;
    assertThat(open(directory).committedOffset(EVENTS)).isEqualTo(9);
  }

  @Test
  void shouldGoOnWhenTheDiskTakesNothing() throws Exception {
    Path full = Files.writeString(directory.resolve("full"), "no directory");
    LedgerStore store = fed(full, 10);
    store.takeSnapshot(cluster::write);
    List<LaneStatement> stated = new ArrayList<>();
    apply(store, 10, stated);
    cluster.committed = 11L;

    assertThat(open(directory.resolve("other")).committedOffset(EVENTS))
        .as("the topic has it")
        .isEqualTo(9);
  }

  @Test
  void shouldPassOverASnapshotWhenARecordComesThatItHas() throws Exception {
    fed(directory, 10).takeSnapshot(entry -> {});
    cluster.committed = 10L;
    MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
    LedgerStore store = store(directory);
    store.init(context.getStateStoreContext(), store);

    assertThatThrownBy(() -> apply(store, 4, new ArrayList<>()))
        .isInstanceOf(TaskCorruptedException.class);
    store.close();
    store.init(context.getStateStoreContext(), store);
    assertThat(store.committedOffset(EVENTS)).isNegative();
  }

  @Test
  void shouldBeTriedAgainWhenItIsNotKnownYetWhatIsCommitted() throws Exception {
    fed(directory, 10).takeSnapshot(entry -> {});
    cluster.committed = 12L;
    cluster.isUnstable = true;
    LedgerStore store = store(directory);
    MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();

    assertThatThrownBy(() -> store.init(context.getStateStoreContext(), store))
        .isInstanceOf(TimeoutException.class);
    cluster.isUnstable = false;
    store.init(context.getStateStoreContext(), store);
    assertThat(store.committedOffset(EVENTS)).isEqualTo(9);
  }

  @Test
  void shouldWaitForTheTopicOfSnapshotsOnlyWhereItIsNeeded() throws Exception {
    cluster.committed = 12L;
    cluster.isTopicAway = true;
    assertBeginsAnew(); // the whole log is there

    cluster.begin = 5;
    assertTriedAgain();
    cluster.isTopicAway = false;
    fed(directory, 10).takeSnapshot(entry -> {});
    cluster.isTopicAway = true;
    assertThat(open(directory).committedOffset(EVENTS)).as("a file").isEqualTo(9);
    cluster.begin = 11; // behind the file: the topic may have a newer one
    assertTriedAgain();
  }

  private void assertTriedAgain() {
    assertThatThrownBy(() -> open(directory)).isInstanceOf(TimeoutException.class);
  }

  @Test
  void shouldBeginAtTheLogWhenTheSnapshotIsOlder() throws Exception {
    fed(directory, 10).takeSnapshot(entry -> {});
    cluster.committed = (long) messages.size();
    cluster.begin = 14;

    assertThat(open(directory).committedOffset(EVENTS)).isEqualTo(13);
  }

  @Test
  void shouldLookAtTheDiskOnlyWhenTheServiceIsStarting() throws Exception {
    fed(directory, 10).takeSnapshot(entry -> {});
    cluster.isAway = true;
    LedgerSnapshots snapshots = new LedgerSnapshots(new SnapshotDirectory(directory), cluster, 1);
    snapshots.startedBy(Thread.currentThread());
    LedgerStore store =
        new LedgerStore(
            WriterSchemas.NONE,
            snapshots,
            new RetainedEvents(),
            new InstanceNumbers(LaneBudget.unlimited()));
    store.init(new MockProcessorContext<byte[], byte[]>().getStateStoreContext(), store);

    assertThat(store.committedOffset(EVENTS)).isEqualTo(9);
    assertThat(store.ledgers().lanes().goingOn() + store.ledgers().lanes().ended()).isZero();
  }

  private void assertBeginsAnew() throws IOException {
    LedgerStore store = open(directory);
    assertThat(store.committedOffset(EVENTS)).isNegative();
    assertThat(store.ledgers().lanes().goingOn() + store.ledgers().lanes().ended()).isZero();
  }

  /** A store that has processed the first records. */
  private LedgerStore fed(Path disk, int records) {
    LedgerStore store = open(disk);
    for (int i = 0; i < records; i++) {
      apply(store, i, new ArrayList<>());
    }
    return store;
  }

  private LedgerStore open(Path disk) {
    LedgerStore store = store(disk);
    store.init(new MockProcessorContext<byte[], byte[]>().getStateStoreContext(), store);
    return store;
  }

  private LedgerStore store(Path disk) {
    return new LedgerStore(
        WriterSchemas.NONE,
        new LedgerSnapshots(new SnapshotDirectory(disk), cluster, 1),
        new RetainedEvents(),
        new InstanceNumbers(LaneBudget.unlimited()));
  }

  /** What Kafka Streams does: everything between the store's offset and the committed one. */
  private void restore(LedgerStore store, int committed) {
    List<KeyValue<byte[], byte[]>> log = new ArrayList<>();
    int from = (int) Math.max(0, store.committedOffset(EVENTS) + 1);
    assertThat(from).isLessThanOrEqualTo(committed);
    for (byte[] message : messages.subList(from, committed)) {
      log.add(KeyValue.pair(Bench.key(message), EventBatchCodec.toMessage(message)));
    }
    store.restoreAll(log);
  }

  private List<LaneStatement> undisturbed(int from) {
    List<LaneStatement> stated = new ArrayList<>();
    LedgerStore store =
        new LedgerStore(
            WriterSchemas.NONE,
            null,
            new RetainedEvents(),
            new InstanceNumbers(LaneBudget.unlimited()));
    for (int i = from; i < messages.size(); i++) {
      apply(store, i, stated);
    }
    return stated;
  }

  private void apply(LedgerStore store, int offset, List<LaneStatement> into) {
    byte[] message = messages.get(offset);
    store.apply(EventKeys.text(Bench.key(message)), EventBatchCodec.toMessage(message), offset);
    into.addAll(store.ledgers().takeStatements());
  }

  /** At least 20. */
  private static List<byte[]> messages(Random random) {
    List<RandomLane> lanes = new ArrayList<>();
    List<byte[]> all = new ArrayList<>();
    while (all.size() < 20) {
      lanes.addAll(TopologyModelTest.lanes(random, "s" + lanes.size()));
      all = TopologyModelTest.interleave(random, lanes);
    }
    return all;
  }
}
