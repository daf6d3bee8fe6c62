package io.unfreed.collector.spool;

import io.unfreed.collector.sink.PublishedExtents;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.topic.RecordExtents;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.RecordKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Publishes a live recording, whether the broker is there or not: {@link #batch} never waits for
 * it. The producer is idempotent and never gives a record up, so a lane's later batches stay behind
 * one that could not be sent; until they are acknowledged records are in an {@link OutgoingQueue},
 * whose file {@link LeftSpools} delivers when this process died. When that is full, whole batches
 * are dropped and counted: the gap in their sequence is what readers count as loss.
 *
 * <p>Called by one thread; sends on another.
 */
public final class SpoolingSink implements RecordingSink {
  /** Largest spool file unless asked otherwise. */
  public static final long DEFAULT_SPOOL_BYTES = 256 << 20;

  private static final int BUFFER_BYTES = 16 << 20;
  private static final int LARGEST_REQUEST_BYTES = 4 << 20;
  private static final int BLOCK_MILLIS = 1_000;
  private static final Duration STANDSTILL = Duration.ofSeconds(30);
  private static final Duration HINT = Duration.ofSeconds(5);

  private final KafkaProducer<byte[], byte[]> producer;
  private final OutgoingQueue queue;
  private final int partitions;
  private final String servers;
  private final RecordCodec<Session> sessions = RecordCodec.sessions();
  private final RecordCodec<CallStack> stacks = RecordCodec.callStacks();
  private final RecordCodec<TraceStatement> statements = RecordCodec.traceStatements();
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong given = new AtomicLong();
  private final Thread sender;
  private volatile boolean givenUp;
  private final PublishedExtents extents = new PublishedExtents();
  private final Refusals tooLarge = new Refusals();

  /** Null until it is over. */
  private Session endedSession;

  private long droppedBatches;
  private long droppedEvents;
  private long droppedStatements;
  private boolean closed;

  /**
   * Connects lazily.
   *
   * @param client Kafka client properties, with {@code bootstrap.servers}
   * @param clusterId of the brokers they lead to, for {@link LeftSpools}
   * @param partitions of the events there: by so many the lanes are placed, to the end
   * @param spoolDirectory where the spool file is made
   * @param spoolBytes its largest size
   */
  public SpoolingSink(
      Map<String, Object> client,
      String clusterId,
      int partitions,
      Path spoolDirectory,
      long spoolBytes) {
    this.partitions = partitions;
    servers = String.valueOf(client.get(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG));
    producer = new KafkaProducer<>(config(client));
    queue = new OutgoingQueue(spoolDirectory, spoolBytes, clusterId, partitions);
    sender = Thread.ofPlatform().name("unfreed-sender").daemon().start(this::work);
  }

  static Map<String, Object> config(Map<String, Object> client) {
    Map<String, Object> config = new HashMap<>();
    config.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 512 << 10);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_REQUEST_BYTES);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    config.putAll(client);
    // The order of lanes stands on these.
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.RETRIES_CONFIG, Integer.MAX_VALUE);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MILLIS);
    config.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    config.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    return config;
  }

  @Override
  public void session(Session session) throws IOException {
    give(Topics.SESSIONS, session.getSessionId(), sessions.encode(session));
    endedSession = session.getEnd() == null ? null : session;
  }

  @Override
  public void stack(CallStack stack) throws IOException {
    give(Topics.STACKS, RecordKeys.of(stack), stacks.encode(stack));
  }

  @Override
  public void batch(EncodedBatch batch) throws IOException {
    if (!give(Topics.EVENTS, batch.key().toString(), EventBatchCodec.toMessage(batch.body()))) {
      droppedBatches++;
      droppedEvents += batch.eventCount();
    }
  }

  @Override
  public void trace(TraceStatement statement) throws IOException {
    if (!give(Topics.HISTOGRAMS, RecordKeys.of(statement), statements.encode(statement))) {
      droppedStatements++;
    }
  }

  /** Batches dropped because the broker was away for longer than the spool holds. */
  public long droppedBatches() {
    return droppedBatches;
  }

  /** The events in them. */
  public long droppedEvents() {
    return droppedEvents;
  }

  /** Statements of a tracer dropped for the same reason; its head says how many there were. */
  public long droppedStatements() {
    return droppedStatements;
  }

  /** What the brokers refused because it was too large, in a line; null when they took all. */
  public String refusals() {
    return tooLarge.line();
  }

  /** Why batches could not wait on disk; null while they could. */
  public IOException spoolFailure() {
    return queue.spoolFailure();
  }

  /** Bytes that the broker has not acknowledged, in the spool file. */
  public long spooledBytes() {
    return queue.spooledBytes();
  }

  /** Waits until the broker has everything. */
  @Override
  public void flush() throws IOException {
    awaitAcknowledged();
    check();
  }

  /**
   * Sends what waits and ends.
   *
   * @throws IOException when the broker did not take everything
   */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    queue.end();
    try {
      awaitAcknowledged();
      check();
      tellExtents();
    } finally {
      givenUp = true;
      producer.close(Duration.ZERO);
      sender.interrupt();
      queue.close();
    }
  }

  /**
   * Publishes the end once more, with where the records are. Without it readers look at those of
   * all sessions, so nobody waits for it long.
   */
  private void tellExtents() {
    RecordExtents now = endedSession == null ? null : extents.of(endedSession.getSessionId());
    if (now == null) {
      return;
    }
    String id = endedSession.getSessionId();
    byte[] key = id.getBytes(StandardCharsets.UTF_8);
    ProducerRecord<byte[], byte[]> record =
        new Outgoing(Topics.SESSIONS, key, sessions.encode(endedSession)).toRecord(partitions);
    record.headers().add(RecordExtents.HEADER, now.toHeader(id));
    try {
      producer.send(record).get(HINT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException
        | java.util.concurrent.TimeoutException
        | KafkaException hintIsLost) {
      return;
    }
  }

  private boolean give(Topics topic, String key, byte[] value) throws IOException {
    check();
    given.incrementAndGet();
    if (queue.offer(new Outgoing(topic, key.getBytes(StandardCharsets.UTF_8), value))) {
      return true;
    }
    given.decrementAndGet();
    return false;
  }

  private void work() {
    try {
      Optional<OutgoingQueue.Ticket> next = queue.take();
      while (next.isPresent() && !givenUp) {
        if (accepted(next.get())) {
          next = queue.take();
        }
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      failure.compareAndSet(null, e);
    }
  }

  /** Whether the producer took the record; if not it is full, or knows no broker yet. */
  private boolean accepted(OutgoingQueue.Ticket ticket) throws InterruptedException {
    Future<RecordMetadata> future =
        producer.send(
            ticket.record.toRecord(partitions), (metadata, e) -> done(ticket, metadata, e));
    if (!future.isDone()) {
      return true;
    }
    try {
      future.get();
      return true;
    } catch (ExecutionException e) {
      return !(e.getCause() instanceof TimeoutException);
    }
  }

  private void done(OutgoingQueue.Ticket ticket, RecordMetadata at, Exception e) {
    if (e == null) {
      note(ticket.record, at);
    }
    if (e instanceof RecordTooLargeException) {
      tooLarge.add(ticket.record);
    }
    if (e == null || e instanceof RecordTooLargeException) {
      queue.delivered(ticket);
      acknowledged.incrementAndGet();
    } else if (!(e instanceof TimeoutException)) {
      // A time-out is the record that was not accepted: it is offered again.
      failure.compareAndSet(null, e);
    }
  }

  private void note(Outgoing record, RecordMetadata at) {
    if (record.topic() == Topics.EVENTS) {
      extents.batch(new String(record.key(), StandardCharsets.UTF_8), at);
    } else if (record.topic() == Topics.STACKS) {
      extents.stack(at);
    }
  }

  /** Waits as long as the broker takes records, and a while longer. */
  private void awaitAcknowledged() throws IOException {
    long last = acknowledged.get();
    long sinceNanos = System.nanoTime();
    while (acknowledged.get() < given.get() && failure.get() == null) {
      if (acknowledged.get() != last) {
        last = acknowledged.get();
        sinceNanos = System.nanoTime();
      } else if (System.nanoTime() - sinceNanos > STANDSTILL.toNanos()) {
        throw new IOException(
            "Kafka at %s does not answer: %d records were not published%s"
                .formatted(servers, given.get() - last, where()));
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while publishing to " + servers, e);
      }
    }
  }

  private String where() {
    Path left = queue.spoolPath();
    return left == null
        ? ""
        : "; they wait in " + left + " for the next record or replay into that cluster";
  }

  private void check() throws IOException {
    Exception e = failure.get();
    if (e != null) {
      throw new IOException("cannot publish to " + servers + ": " + e.getMessage(), e);
    }
  }
}
