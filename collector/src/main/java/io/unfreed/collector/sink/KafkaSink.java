package io.unfreed.collector.sink;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.topic.LanePlacement;
import io.unfreed.schemas.topic.RecordExtents;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.RecordKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Publishes a recording. The producer is idempotent, so a retry repeats nothing and keeps the order
 * of each lane; its memory is bounded, so {@link #batch} waits when the broker is slower. The first
 * failed send is thrown by the next call. Used by one thread.
 */
public final class KafkaSink implements RecordingSink {
  private static final int BUFFER_BYTES = 64 << 20;
  private static final int LARGEST_REQUEST_BYTES = 4 << 20;

  private final KafkaProducer<byte[], byte[]> producer;

  /**
   * So long the first record may wait for its answer, as the later ones may: Kafka 4.3.1's producer
   * lets none expire before a broker has given it an id, so that it would wait for ever for one
   * that is gone.
   */
  private final long firstAnswerMillis;

  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final RecordCodec<Session> sessions = RecordCodec.sessions();
  private final RecordCodec<CallStack> stacks = RecordCodec.callStacks();
  private final RecordCodec<TraceStatement> statements = RecordCodec.traceStatements();
  private final String servers;
  private final Map<String, Long> sessionMillis = new HashMap<>();

  /** By how many partitions the lanes of a session are placed. */
  private final Map<String, Integer> placements;

  /** Sessions of which others published something before. */
  private final Set<String> known;

  private final PublishedExtents extents = new PublishedExtents();

  /** Sessions that were published as ended, and with which extents. */
  private final Map<String, Ended> ended = new HashMap<>();

  private long batches;
  private boolean isAnswered;

  /**
   * Connects lazily: nothing is sent yet.
   *
   * @param client Kafka client properties, with {@code bootstrap.servers}; they win over ours
   */
  public KafkaSink(Map<String, Object> client) {
    this(client, Map.of());
  }

  /**
   * The same for sessions of which some are there already.
   *
   * @param placements by how many partitions their lanes are placed, by session
   */
  public KafkaSink(Map<String, Object> client, Map<String, Integer> placements) {
    this(client, placements, placements.keySet());
  }

  /**
   * The same when some of these do not say how they are placed.
   *
   * @param known sessions that are there already: where all of their records are is not known here
   */
  public KafkaSink(Map<String, Object> client, Map<String, Integer> placements, Set<String> known) {
    this.known = Set.copyOf(known);
    this.placements = new HashMap<>(placements);
    Map<String, Object> config = new HashMap<>();
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    // With two in flight to a partition without state of this producer, a refused first and an
    // accepted second request could never be put in order again.
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 512 << 10);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_REQUEST_BYTES);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.putAll(client);
    config.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    config.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    servers = String.valueOf(client.get(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG));
    firstAnswerMillis = deliveryMillis(config);
    producer = new KafkaProducer<>(config);
  }

  /** When a record expires by the producer's properties, or by Kafka's defaults. */
  static long deliveryMillis(Map<String, Object> config) {
    // The producer itself lengthens a default that others leave too short, and refuses a given one.
    return Math.max(
        millis(config, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG),
        millis(config, ProducerConfig.LINGER_MS_CONFIG)
            + millis(config, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG));
  }

  private static long millis(Map<String, Object> config, String name) {
    ConfigDef.ConfigKey key = ProducerConfig.configDef().configKeys().get(name);
    Object value = config.getOrDefault(name, key.defaultValue);
    return ((Number) ConfigDef.parseType(name, value, key.type)).longValue();
  }

  private record Ended(Session session, RecordExtents extents) {
    /** Whether batches came behind the end; stacks may be of other sessions. */
    boolean isBehind(RecordExtents now) {
      return now == null
          ? extents != null
          : extents == null || !now.events().equals(extents.events());
    }
  }

  /**
   * With its end, a session says where its records are: waits until the broker has them. Stamps
   * every copy as the first, which compaction may remove.
   */
  @Override
  public void session(Session session) throws IOException {
    String id = session.getSessionId();
    if (session.getEnd() == null || known.contains(id)) {
      send(session, null);
      return;
    }
    awaitAll();
    RecordExtents now = extents.of(id);
    ended.put(id, new Ended(session, now));
    send(session, now);
  }

  /** Batches of a session came behind its end. */
  private void extend() throws IOException {
    for (Map.Entry<String, Ended> one : ended.entrySet()) {
      RecordExtents now = extents.of(one.getKey());
      if (one.getValue().isBehind(now)) {
        Session session = one.getValue().session();
        one.setValue(new Ended(session, now));
        send(session, now);
      }
    }
  }

  private void send(Session session, RecordExtents at) throws IOException {
    String id = session.getSessionId();
    long millis = sessionMillis.computeIfAbsent(id, key -> System.currentTimeMillis());
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            Topics.SESSIONS.topicName(), null, millis, utf8(id), sessions.encode(session));
    record.headers().add(LanePlacement.HEADER, LanePlacement.toHeader(placement(id)));
    if (at != null) {
      record.headers().add(RecordExtents.HEADER, at.toHeader(id));
    }
    send(record, acknowledged -> {});
  }

  @Override
  public void stack(CallStack stack) throws IOException {
    byte[] key = utf8(RecordKeys.of(stack));
    send(
        new ProducerRecord<>(Topics.STACKS.topicName(), key, stacks.encode(stack)), extents::stack);
  }

  @Override
  public void batch(EncodedBatch batch) throws IOException {
    batches++;
    byte[] key = utf8(batch.key().toString());
    int partition = LanePlacement.partition(key, placement(batch.key().session()));
    byte[] value = EventBatchCodec.toMessage(batch.body());
    boolean isMarker = batch.sequence() == BatchHeader.MARKER_SEQUENCE;
    send(
        new ProducerRecord<>(Topics.EVENTS.topicName(), partition, key, value),
        at -> {
          if (!isMarker) {
            extents.batch(batch.key().toString(), at);
          }
        });
  }

  @Override
  public void trace(TraceStatement statement) throws IOException {
    byte[] key = utf8(RecordKeys.of(statement));
    send(
        new ProducerRecord<>(Topics.HISTOGRAMS.topicName(), key, statements.encode(statement)),
        acknowledged -> {});
  }

  /** Batches given so far. */
  public long batches() {
    return batches;
  }

  @Override
  public void flush() throws IOException {
    awaitAll();
    extend();
    awaitAll();
  }

  private void awaitAll() throws IOException {
    try {
      producer.flush();
    } catch (InterruptException e) {
      throw new IOException("interrupted while publishing to " + servers, e);
    }
    check();
  }

  @Override
  public void close() throws IOException {
    // What is left would be tried again for minutes.
    producer.close(failure.get() == null ? Duration.ofMillis(Long.MAX_VALUE) : Duration.ZERO);
    check();
  }

  /** A topic that was made anew may have fewer partitions than the session began with. */
  private int placement(String session) throws IOException {
    check();
    try {
      int now = producer.partitionsFor(Topics.EVENTS.topicName()).size();
      return Math.min(now, placements.computeIfAbsent(session, id -> now));
    } catch (KafkaException e) {
      failure.compareAndSet(null, e);
      check();
      throw e;
    }
  }

  private static byte[] utf8(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  private void send(ProducerRecord<byte[], byte[]> record, Consumer<RecordMetadata> acknowledged)
      throws IOException {
    check();
    try {
      Future<RecordMetadata> sent =
          producer.send(
              record,
              (metadata, e) -> {
                if (e != null) {
                  failure.compareAndSet(null, e);
                } else {
                  acknowledged.accept(metadata);
                }
              });
      if (!isAnswered) {
        awaitAnswer(sent);
        isAnswered = true;
      }
    } catch (KafkaException e) {
      failure.compareAndSet(null, e);
      check();
    }
  }

  private void awaitAnswer(Future<RecordMetadata> sent) throws IOException {
    try {
      sent.get(firstAnswerMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while publishing to " + servers, e);
    } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
      failure.compareAndSet(null, new TimeoutException(e)); // or what the callback has heard
      check();
    }
  }

  private void check() throws IOException {
    Exception e = failure.get();
    if (e != null) {
      throw new IOException("cannot publish to " + servers + ": " + reason(e), e);
    }
  }

  private static String reason(Exception e) {
    return switch (e) {
      case TimeoutException timeout -> "no answer from there";
      // What a broker says to who may not write to any topic.
      case ClusterAuthorizationException refused -> "not authorized to write to any topic";
      default -> e.getMessage();
    };
  }
}
