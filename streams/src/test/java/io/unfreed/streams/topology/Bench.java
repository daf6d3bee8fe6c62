package io.unfreed.streams.topology;

import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.WriterSchemas;
import io.unfreed.streams.lane.LaneBudget;
import io.unfreed.streams.record.ReportRecords;
import io.unfreed.streams.record.WholeReports;
import io.unfreed.streams.report.IncarnationReport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;

/** The real topology under the test driver. */
final class Bench implements AutoCloseable {
  private final WholeReports whole = new WholeReports();
  private final InstanceNumbers numbers;
  private final TopologyTestDriver driver;
  private final TestInputTopic<byte[], byte[]> events;
  private final TestInputTopic<byte[], byte[]> statements;
  private final TestInputTopic<byte[], byte[]> histograms;

  Bench() {
    this(LaneBudget.ofBytes(LaneBudget.defaultBytes()));
  }

  /** With ledgers that may hold no more. */
  Bench(LaneBudget budget) {
    this(new InstanceNumbers(budget));
  }

  /** With at least so many others, silent lanes are heard of once a minute. */
  Bench(int few) {
    this(new InstanceNumbers(LaneBudget.unlimited(), few));
  }

  private Bench(InstanceNumbers numbers) {
    this.numbers = numbers;
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "unfreed");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    Topology topology =
        UnfreedTopology.build(
            false, WriterSchemas.NONE, null, new RetainedEvents(), numbers, new TaskLocks());
    driver = new TopologyTestDriver(topology, config);
    events = input(Topics.EVENTS);
    statements = input(Topics.STATEMENTS);
    histograms = input(Topics.HISTOGRAMS);
  }

  /** Pipes the body of a batch. */
  void pipe(byte[] body) {
    events.pipeInput(key(body), EventBatchCodec.toMessage(body));
  }

  /** Pipes any record. */
  void pipe(byte[] key, byte[] value) {
    events.pipeInput(key, value);
  }

  /** Pipes a record of the topic between the stages. */
  void pipeStatement(TestRecord<byte[], byte[]> record) {
    statements.pipeInput(record);
  }

  /** Pipes a statement. */
  void pipeStatement(String key, LaneTick statement) {
    statements.pipeInput(
        key.getBytes(StandardCharsets.UTF_8), RecordCodec.laneTicks().encode(statement));
  }

  /** Pipes a record of what tracers state. */
  void pipeHistogram(byte[] key, byte[] value) {
    histograms.pipeInput(key, value);
  }

  /** What the only instance tells of itself. */
  Map<String, Double> numbers() {
    Map<String, Double> known = new TreeMap<>();
    numbers.addTo(known);
    return known;
  }

  LedgerStore ledgers() {
    return (LedgerStore) driver.getStateStore(Nodes.LEDGERS);
  }

  /** What the only task knows of a session. */
  TaskShare share(String session) {
    Map<String, byte[]> merged = new LinkedHashMap<>();
    try (var entries = driver.<String, byte[]>getKeyValueStore(Nodes.REPORT_STORE).all()) {
      entries.forEachRemaining(entry -> {
        if (entry.key.startsWith(StoreKeys.of(session + "/"))) {
          merged.put(entry.key, entry.value);
        }
      });
    }
    return ledgers().share(session).withMerged(merged);
  }

  /** Keys of the report store. */
  List<String> reportKeys() {
    return keys(Nodes.REPORT_STORE);
  }

  /** The report store, to be read and damaged. */
  KeyValueStore<String, byte[]> reportStore() {
    return driver.getKeyValueStore(Nodes.REPORT_STORE);
  }

  /** Keys of the windows' store. */
  List<String> windowKeys() {
    return keys(Nodes.WINDOW_STORE);
  }

  private List<String> keys(String store) {
    List<String> keys = new ArrayList<>();
    try (var entries = driver.<String, byte[]>getKeyValueStore(store).all()) {
      entries.forEachRemaining(entry -> keys.add(entry.key));
    }
    return keys;
  }

  List<TestRecord<byte[], byte[]>> read(Topics topic) {
    return driver
        .createOutputTopic(
            topic.topicName(), new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  /** Keys, values, and marker headers of a topic as text, so that bytes are compared. */
  List<String> values(Topics topic) {
    List<String> values = new ArrayList<>();
    for (TestRecord<byte[], byte[]> record : read(topic)) {
      values.add(
          new String(record.key(), StandardCharsets.UTF_8)
              + " "
              + java.util.HexFormat.of().formatHex(record.value()));
    }
    return values;
  }

  /** Reports read so far; with or without the answers to markers. */
  List<IncarnationReport> reports(boolean answers) throws MalformedBatchException {
    List<IncarnationReport> reports = new ArrayList<>();
    for (TestRecord<byte[], byte[]> record : read(Topics.REPORTS)) {
      if ((record.headers().lastHeader(ReportHeaders.MARKER) != null) == answers) {
        LeakReport report = RecordCodec.leakReports().decode(record.value());
        String key = new String(record.key(), StandardCharsets.UTF_8);
        if (!answers) {
          report = whole.next(key, report, ReportHeaders.sameAsTick(record.headers()));
          WholeReports.before(report, ReportHeaders.quietSince(record.headers()))
              .forEach(passed -> reports.add(ReportRecords.fromRecord(passed)));
        }
        reports.add(ReportRecords.fromRecord(report));
      }
    }
    return reports;
  }

  static byte[] key(byte[] body) {
    try {
      return new EventCursor()
          .reset(body, 0, body.length)
          .key()
          .toString()
          .getBytes(StandardCharsets.UTF_8);
    } catch (MalformedBatchException e) {
      throw new AssertionError(e);
    }
  }

  private TestInputTopic<byte[], byte[]> input(Topics topic) {
    return driver.createInputTopic(
        topic.topicName(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public void close() {
    driver.close();
  }
}
