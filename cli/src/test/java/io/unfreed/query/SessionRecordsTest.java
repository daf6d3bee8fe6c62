package io.unfreed.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.cli.BrokerAccess;
import io.unfreed.collector.sink.KafkaSink;
import io.unfreed.collector.spool.SpoolingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.RecordExtents;
import io.unfreed.schemas.topic.RecordExtents.Extent;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session among many is read alone, and what is wrong with a hint changes no number. */
@Tag("broker")
class SessionRecordsTest {
  private static final ByteArraySerializer BYTES = new ByteArraySerializer();
  private static final int PARTITIONS = 4;
  private static final int OTHERS = 20;

  /** Records of others that a reader may be given behind the last of its own. */
  private static final int BEHIND = 10;

  private static final long OWN_EVENTS = OneOfMany.PROCESSES * OneOfMany.BATCHES;

  @TempDir Path directory;
  private EmbeddedBroker broker;
  private Map<String, Object> client;

  @BeforeEach
  void start() {
    broker = EmbeddedBroker.startTemporary();
    client = new HashMap<>(BrokerAccess.of(broker).client());
    client.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, BEHIND);
    try (Cluster cluster = new Cluster(client)) {
      cluster.ensureTopics(PARTITIONS);
    }
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  @Test
  void shouldReadNothingOfOthersWhenTheEndSaysWhereTheRecordsAre() throws Exception {
    OneOfMany asked = among(new OneOfMany("asked", null));

    assertIsReadAlone(asked);
  }

  @Test
  void shouldReadNothingOfOthersWhenARecorderPublishedTheSession() throws Exception {
    OneOfMany asked = new OneOfMany("asked", now());
    publishOthers(0);
    try (SpoolingSink sink = new SpoolingSink(client, "cluster", PARTITIONS, directory, 16 << 20)) {
      asked.publish(sink, true);
    }
    publishOthers(OTHERS);

    assertIsReadAlone(asked);
  }

  @Test
  void shouldReadNothingOfEarlierDaysWhenTheSessionIsOpen() throws Exception {
    long earlier = System.currentTimeMillis() - Duration.ofDays(2).toMillis();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(client, BYTES, BYTES)) {
      for (int i = 0; i < OTHERS; i++) {
        for (EncodedBatch batch : new OneOfMany("other" + i, null).batches) {
          byte[] value = EventBatchCodec.toMessage(batch.body());
          producer.send(
              new ProducerRecord<>(
                  Topics.EVENTS.topicName(), null, earlier, utf8(batch.key().toString()), value));
        }
      }
    }
    OneOfMany asked = new OneOfMany("asked", now());
    try (KafkaSink sink = new KafkaSink(client)) {
      asked.publish(sink, false);
    }

    LedgerSink ledger = new LedgerSink(session -> ReportQuery.WHOLE);
    assertThat(BrokerRecording.copy(client, "asked", ledger).events()).isEqualTo(OWN_EVENTS);
    assertThat(ledger.run("asked").finish()).isEqualTo(expected(asked, false));
  }

  @Test
  void shouldReadAllWhenAnotherBatchOfALaneCameBeforeTheOnesSinceTheBegin() throws Exception {
    OneOfMany asked = new OneOfMany("asked", now());
    long earlier = System.currentTimeMillis() - Duration.ofDays(2).toMillis();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(client, BYTES, BYTES)) {
      EncodedBatch first = asked.batches.getFirst();
      byte[] key = utf8(first.key().toString());
      byte[] value = EventBatchCodec.toMessage(first.body());
      producer.send(new ProducerRecord<>(Topics.EVENTS.topicName(), null, earlier, key, value));
    }
    EncodedBatch first = asked.batches.removeFirst();
    try (KafkaSink sink = new KafkaSink(client)) {
      asked.publish(sink, false);
    }
    asked.batches.addFirst(first);

    LedgerSink ledger = new LedgerSink(session -> ReportQuery.WHOLE);
    BrokerRecording.copy(client, "asked", ledger);
    assertThat(ledger.run("asked").finish()).isEqualTo(expected(asked, false));
  }

  @Test
  void shouldSayTheSameWhenTheExtentsAreWrong() throws Exception {
    OneOfMany asked = among(new OneOfMany("asked", null));
    RecordExtents right = SessionCatalogue.readAll(client).extents("asked");
    RecordExtents other = SessionCatalogue.readAll(client).extents("other3");
    Map<Integer, Extent> fewer = new TreeMap<>(right.events());
    fewer.remove(fewer.keySet().iterator().next());
    Map<Integer, Extent> shorter = new TreeMap<>(right.events());
    shorter.replaceAll((p, e) -> new Extent(e.first(), e.last() - 1, e.records() - 1));
    Map<Integer, Extent> later = new TreeMap<>(right.events());
    later.replaceAll((p, e) -> new Extent(e.first() + 1, e.last(), e.records() - 1));
    Map<Integer, Extent> beyond = new TreeMap<>(right.events());
    beyond.replaceAll((p, e) -> new Extent(e.first() + 100_000, e.last() + 100_000, e.records()));
    Map<Integer, Extent> elsewhere = new TreeMap<>();
    right.events().forEach((p, e) -> elsewhere.put(p + PARTITIONS, e));
    List<IncarnationReport> expected = expected(asked, true);

    for (Map<Integer, Extent> events :
        List.of(
            other.events(), fewer, shorter, later, beyond, elsewhere, Map.<Integer, Extent>of())) {
      publishEnd(asked, new RecordExtents(events, other.stacks()));
      LedgerSink ledger = new LedgerSink(session -> ReportQuery.WHOLE);
      BrokerRecording.Read read = BrokerRecording.copy(client, "asked", ledger);

      assertThat(ledger.run("asked").finish()).as("%s", events).isEqualTo(expected);
      assertThat(read.events()).isGreaterThanOrEqualTo(OTHERS * 2 * OWN_EVENTS);
      assertAllNamed(asked, ledger);
    }
  }

  @Test
  void shouldCountWhatIsMissingWhenRetentionDeletedTheBeginning() throws Exception {
    among(new OneOfMany("asked", null));
    RecordExtents extents = SessionCatalogue.readAll(client).extents("asked");
    Map.Entry<Integer, Extent> cut = extents.events().entrySet().iterator().next();
    try (Admin admin = Admin.create(client)) {
      TopicPartition partition = new TopicPartition(Topics.EVENTS.topicName(), cut.getKey());
      admin
          .deleteRecords(
              Map.of(partition, RecordsToDelete.beforeOffset(cut.getValue().first() + 1)))
          .all()
          .get();
    }
    LedgerSink ledger = new LedgerSink(session -> ReportQuery.WHOLE);
    BrokerRecording.copy(client, "asked", ledger);

    assertThat(ledger.run("asked").missingEvents()).isEqualTo(3);
  }

  /** Among others that were published before and after. */
  private OneOfMany among(OneOfMany asked) throws Exception {
    publishOthers(0);
    try (KafkaSink sink = new KafkaSink(client)) {
      asked.publish(sink, true);
    }
    publishOthers(OTHERS);
    return asked;
  }

  private void publishOthers(int from) throws Exception {
    try (KafkaSink sink = new KafkaSink(client)) {
      for (int i = from; i < from + OTHERS; i++) {
        new OneOfMany("other" + i, null).publish(sink, true);
      }
    }
  }

  private void publishEnd(OneOfMany asked, RecordExtents extents) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(client, BYTES, BYTES)) {
      byte[] value = RecordCodec.sessions().encode(asked.session(true));
      ProducerRecord<byte[], byte[]> end =
          new ProducerRecord<>(Topics.SESSIONS.topicName(), utf8(asked.id), value);
      end.headers().add(RecordExtents.HEADER, extents.toHeader(asked.id));
      producer.send(end).get();
    }
  }

  private void assertIsReadAlone(OneOfMany asked) throws Exception {
    LedgerSink ledger = new LedgerSink(session -> ReportQuery.WHOLE);
    BrokerRecording.Read read = BrokerRecording.copy(client, "asked", ledger);

    assertThat(ledger.run("asked").finish()).isEqualTo(expected(asked, true));
    assertThat(read.events()).isBetween(OWN_EVENTS, OWN_EVENTS + PARTITIONS * BEHIND);
    assertThat(read.stacks())
        .isBetween((long) OneOfMany.STACKS, (long) OneOfMany.STACKS + PARTITIONS * BEHIND);
    assertAllNamed(asked, ledger);
  }

  private static void assertAllNamed(OneOfMany asked, LedgerSink ledger) {
    for (CallStack stack : asked.stacks) {
      assertThat(ledger.stacks().frames(StackId.of(stack.getStackId())))
          .isEqualTo(stack.getFrames());
    }
  }

  /** What the recording says without any broker. */
  private static List<IncarnationReport> expected(OneOfMany asked, boolean ended) throws Exception {
    LedgerSink ledger = new LedgerSink(session -> ReportQuery.WHOLE);
    asked.publish(ledger, ended);
    return ledger.run(asked.id).finish();
  }

  private static long now() {
    return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
