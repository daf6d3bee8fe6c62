package io.unfreed.cli.live;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.cli.BrokerAccess;
import io.unfreed.cli.CommandRun;
import io.unfreed.cli.TraceRecording;
import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.collector.spool.LeftSpools;
import io.unfreed.collector.spool.SpoolingSink;
import io.unfreed.query.Cluster;
import io.unfreed.query.TopicReader;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.StackDictionary;
import io.unfreed.streams.trace.RandomTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A live recording's sink while its broker goes away and comes back with its data. */
@Tag("broker")
class BrokerAwayTest {
  private static final String CLUSTER = "a-cluster";
  private static final LaneKey KEY = new LaneKey("a-session", "1-2", 0);

  @TempDir Path data;

  private final EventBatchBuilder lane = lane();
  private Path credentials;
  private final Random random = new Random(7);

  @Test
  void shouldPublishEverythingInOrderWhenTheBrokerIsBack() throws Exception {
    int before = 5;
    int away = 120; // 40 MB: more than the sink keeps in memory
    List<Long> published;
    try (BootstrapAddress address = new BootstrapAddress()) {
      EmbeddedBroker first = start(address);
      try (SpoolingSink sink = new SpoolingSink(client(address), CLUSTER, 1, data, 256 << 20)) {
        give(sink, before);
        sink.flush();
        first.close();
        give(sink, away);
        assertThat(sink.spooledBytes()).isPositive();
        try (EmbeddedBroker second = start(address)) {
          sink.close();
          assertThat(sink.droppedBatches()).isZero();
          published = sequences(second);
        }
      }
    }
    assertThat(published).isEqualTo(LongStream.range(0, before + away).boxed().toList());
  }

  @Test
  void shouldPublishATraceWholeWhenTheBrokerIsBack() throws Exception {
    RandomTrace trace = new RandomTrace(41, "trace-away", "locks", 300);
    Path file = data.resolve("trace");
    int before = trace.statements.size() / 5;
    try (CaptureWriter out = CaptureWriter.create(file, false)) {
      TraceRecording.give(trace, out, 0, trace.statements.size());
    }
    try (BootstrapAddress address = new BootstrapAddress()) {
      EmbeddedBroker first = start(address);
      try (SpoolingSink sink = new SpoolingSink(client(address), CLUSTER, 1, data, 256 << 20)) {
        TraceRecording.give(trace, sink, 0, before);
        first.close();
        TraceRecording.giveUnflushed(trace, sink, before, trace.statements.size());
        assertThat(sink.spooledBytes()).isPositive();
        try (EmbeddedBroker second = start(address)) {
          sink.close();
          assertThat(sink.droppedStatements()).isZero();
          BrokerAccess access = BrokerAccess.of(second);
          for (String[] question : new String[][] {{"--top", "0"}, {"--interval", "1m"}}) {
            String[] ask = {"report", "--format", "json", question[0], question[1]};
            CommandRun published = CommandRun.of(access.with(ask));
            assertThat(published.err()).isEmpty();
            assertThat(published.out())
                .isEqualTo(CommandRun.done(append(ask, file.toString())).out());
          }
        }
      }
    }
  }

  private static String[] append(String[] command, String argument) {
    return Stream.concat(Arrays.stream(command), Stream.of(argument)).toArray(String[]::new);
  }

  @Test
  void shouldDropAndCountWholeBatchesWhenTheSpoolIsFull() throws Exception {
    int away = 120;
    List<Long> published;
    long dropped;
    try (BootstrapAddress address = new BootstrapAddress()) {
      EmbeddedBroker first = start(address);
      try (SpoolingSink sink = new SpoolingSink(client(address), CLUSTER, 1, data, 2 << 20)) {
        give(sink, 1);
        sink.flush();
        first.close();
        give(sink, away);
        dropped = sink.droppedBatches();
        assertThat(dropped).isPositive();
        assertThat(sink.droppedEvents()).isEqualTo(dropped * EventBatchBuilder.FULL_EVENTS);
        assertThat(sink.spooledBytes()).isLessThanOrEqualTo(2 << 20);
        try (EmbeddedBroker second = start(address)) {
          sink.close();
          published = sequences(second);
        }
      }
    }
    assertThat(published).isSorted().doesNotHaveDuplicates().hasSize((int) (1 + away - dropped));
  }

  @Test
  void shouldDeliverWhatARecorderThatWasKilledHadNotPublished() throws Exception {
    int given = 120;
    List<Long> published;
    try (BootstrapAddress address = new BootstrapAddress()) {
      EmbeddedBroker first = start(address);
      first.close();
      java.lang.Process recorder =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  BrokerAwayTest.class.getName(),
                  address.servers(),
                  data.toString(),
                  Integer.toString(given),
                  credentials.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      assertThat(recorder.inputReader().readLine()).isEqualTo("given");
      assertThat(LeftSpools.deliver(data, CLUSTER, client(address))).isEmpty(); // it lives
      recorder.destroyForcibly().waitFor();

      try (EmbeddedBroker second = start(address)) {
        assertThat(LeftSpools.deliver(data, "another", client(address))).isEmpty();
        assertThat(LeftSpools.deliver(data, CLUSTER, client(address)))
            .singleElement()
            .asString()
            .startsWith("delivered " + given + " records that a recorder left in " + data);
        assertThat(LeftSpools.deliver(data, CLUSTER, client(address))).isEmpty();
        published = sequences(second);
      }
    }
    assertThat(published).isEqualTo(LongStream.range(0, given).boxed().toList());
  }

  @Test
  void shouldCountWhatTheBrokersRefuseBecauseItIsTooLarge() throws Exception {
    int given = 7;
    try (BootstrapAddress address = new BootstrapAddress();
        EmbeddedBroker broker = start(address)) {
      limit(broker, 20_000);
      try (SpoolingSink sink = new SpoolingSink(client(address), CLUSTER, 1, data, 256 << 20)) {
        give(sink, given);
        sink.batch(lane.encode());
        sink.close();
        assertThat(sink.refusals())
            .startsWith(
                "7 records of unfreed.events with %d events were refused by the brokers"
                    .formatted(given * EventBatchBuilder.FULL_EVENTS));
      }
      assertThat(sequences(broker)).containsExactly((long) given);
    }
  }

  @Test
  void shouldDeliverWhatIsNotTooLargeOfWhatARecorderLeft() throws Exception {
    try (BootstrapAddress address = new BootstrapAddress();
        BootstrapAddress nowhere = new BootstrapAddress();
        EmbeddedBroker broker = start(address);
        SpoolingSink dead = new SpoolingSink(client(nowhere), CLUSTER, 1, data, 256 << 20)) {
      give(dead, 3);
      dead.batch(lane.encode());
      Files.copy(spoolOfThisProcess(), data.resolve("unfreed-1-left.spool"));
      limit(broker, 20_000);

      assertThat(LeftSpools.deliver(data, CLUSTER, client(address)))
          .singleElement()
          .asString()
          .contains("delivered 1 records", "; 3 records of unfreed.events with");
      assertThat(LeftSpools.deliver(data, CLUSTER, client(address))).isEmpty();
      assertThat(sequences(broker)).containsExactly(3L);
      nowhere.leadTo(broker.bootstrapServers());
    }
  }

  private Path spoolOfThisProcess() throws IOException {
    String ours = "unfreed-" + ProcessHandle.current().pid() + "-";
    try (Stream<Path> files = Files.list(data)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(ours))
          .findAny()
          .orElseThrow();
    }
  }

  /** As brokers may be set that were made for small messages. */
  private static void limit(EmbeddedBroker broker, int bytes) throws Exception {
    ConfigResource events =
        new ConfigResource(ConfigResource.Type.TOPIC, Topics.EVENTS.topicName());
    ConfigEntry largest =
        new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(bytes));
    AlterConfigOp set = new AlterConfigOp(largest, AlterConfigOp.OpType.SET);
    try (Admin admin = Admin.create(broker.client())) {
      admin.incrementalAlterConfigs(Map.of(events, List.of(set))).all().get();
    }
  }

  /** The recorder to be killed: servers, directory, batches, credentials. */
  public static void main(String[] arguments) throws Exception {
    Map<String, Object> client = client(arguments[0], Path.of(arguments[3]));
    SpoolingSink sink =
        new SpoolingSink(
            client, CLUSTER, 1, Path.of(arguments[1]), SpoolingSink.DEFAULT_SPOOL_BYTES);
    new BrokerAwayTest().give(sink, Integer.parseInt(arguments[2]));
    System.out.println("given");
    Thread.currentThread().join();
  }

  private EmbeddedBroker start(BootstrapAddress address) throws IOException {
    Files.deleteIfExists(data.resolve("broker/broker.port")); // so that it comes back elsewhere
    EmbeddedBroker broker = EmbeddedBroker.openOrConnect(data.resolve("broker"));
    address.leadTo(broker.bootstrapServers());
    credentials = Files.copy(broker.clientFile(), data.resolve("client"), REPLACE_EXISTING);
    try (Cluster cluster = new Cluster(broker.client())) {
      cluster.ensureTopics(1);
    }
    return broker;
  }

  /** With the credentials of the broker that was started last, which stay the same. */
  private Map<String, Object> client(BootstrapAddress address) {
    return client(address.servers(), credentials);
  }

  private static Map<String, Object> client(String servers, Path credentials) {
    Map<String, Object> client = new HashMap<>(BrokerAccess.of(credentials).client());
    client.put("bootstrap.servers", servers);
    return client;
  }

  private void give(SpoolingSink sink, int batches) throws Exception {
    for (int batch = 0; batch < batches; batch++) {
      for (int i = 0; i < EventBatchBuilder.FULL_EVENTS; i++) {
        // Random numbers, so that compression does not make the batches small.
        lane.allocate(
            EventCodes.ALLOC_HEAP,
            random.nextInt(),
            1,
            random.nextLong() << 4,
            random.nextInt(1 << 30),
            0);
      }
      sink.batch(lane.encode());
    }
  }

  private static EventBatchBuilder lane() {
    StackDictionary stacks = new StackDictionary();
    stacks.number(StackId.UNKNOWN);
    return new EventBatchBuilder(
        new EventBatchBuilder.Lane(KEY, 1, 5_000_000_000L, false),
        new Process(1, 2L, "a command", null),
        stacks);
  }

  private static List<Long> sequences(EmbeddedBroker broker) {
    List<Long> sequences = new ArrayList<>();
    EventCursor cursor = new EventCursor();
    try (TopicReader reader = new TopicReader(broker.client(), Topics.EVENTS)) {
      reader.readToEnd(record -> {
        try {
          int from = EventBatchCodec.headerLength();
          sequences.add(
              cursor.reset(record.value(), from, record.value().length - from).sequence());
        } catch (MalformedBatchException e) {
          throw new AssertionError(e);
        }
      });
    }
    return sequences;
  }
}
