package io.unfreed.streams.topology;

import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A producer that says of a transaction which the brokers rolled back what Kafka Streams takes for
 * that: its epoch is over. Streams then gives its tasks up and goes on from the last commit.
 *
 * <p>Brokers roll back what takes longer than {@code transaction.timeout.ms}, as when the machine
 * was suspended or has no processor to spare. Under the second version of the transaction protocol
 * they answer the late commit with INVALID_TXN_STATE, and to what they could not add to a
 * transaction with TRANSACTION_ABORTABLE (KIP-890); Kafka Streams 4.3.1 ends with both.
 */
final class RollbackAwareProducer extends KafkaProducer<byte[], byte[]> {
  private static final Logger LOG = LoggerFactory.getLogger(RollbackAwareProducer.class);

  /** Streams makes another producer then. */
  private final AtomicBoolean isTold = new AtomicBoolean();

  RollbackAwareProducer(Map<String, Object> config) {
    super(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public void beginTransaction() {
    translated(super::beginTransaction);
  }

  @Override
  public void sendOffsetsToTransaction(
      Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
    translated(() -> super.sendOffsetsToTransaction(offsets, group));
  }

  @Override
  public void commitTransaction() {
    translated(super::commitTransaction);
  }

  @Override
  public void abortTransaction() {
    translated(super::abortTransaction);
  }

  @Override
  public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    Callback told =
        callback == null
            ? null
            : (metadata, e) -> callback.onCompletion(metadata, isRollback(e) ? epochIsOver(e) : e);
    try {
      return super.send(record, told);
    } catch (KafkaException e) {
      // Here the answer is looked for in the cause.
      throw isRollback(e) ? new KafkaException(e.getMessage(), epochIsOver(e)) : e;
    }
  }

  private void translated(Runnable call) {
    try {
      call.run();
    } catch (KafkaException e) {
      throw isRollback(e) ? epochIsOver(e) : e;
    }
  }

  private InvalidProducerEpochException epochIsOver(Exception e) {
    if (!isTold.getAndSet(true)) {
      LOG.warn(
          "what a thread was about to commit was rolled back ({}); it goes on from before",
          e.getMessage());
    }
    return new InvalidProducerEpochException("the brokers rolled the transaction back: " + e);
  }

  /** What fails behind the first answer has it as its cause. */
  private static boolean isRollback(Throwable e) {
    return e instanceof InvalidTxnStateException
        || e instanceof TransactionAbortableException
        || (e != null && isRollback(e.getCause()));
  }
}
