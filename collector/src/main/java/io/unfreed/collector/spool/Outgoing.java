package io.unfreed.collector.spool;

import io.unfreed.schemas.topic.LanePlacement;
import io.unfreed.schemas.topic.Topics;
import java.nio.ByteBuffer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A record on its way to a topic. */
record Outgoing(Topics topic, byte[] key, byte[] value) {
  private static final int HEAD_BYTES = 1 + 2;

  int bytes() {
    return HEAD_BYTES + key.length + value.length;
  }

  /** Topic number u8, length of the key u16, key, value. */
  byte[] toBytes() {
    return ByteBuffer.allocate(bytes())
        .put((byte) topic.ordinal())
        .putShort((short) key.length)
        .put(key)
        .put(value)
        .array();
  }

  /**
   * As a producer takes it.
   *
   * @param partitions by which the lanes of the recording are placed; 0 when not known
   */
  ProducerRecord<byte[], byte[]> toRecord(int partitions) {
    boolean placed = topic == Topics.EVENTS && partitions > 0;
    Integer partition = placed ? LanePlacement.partition(key, partitions) : null;
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic.topicName(), partition, key, value);
    if (topic == Topics.SESSIONS && partitions > 0) {
      record.headers().add(LanePlacement.HEADER, LanePlacement.toHeader(partitions));
    }
    return record;
  }

  static Outgoing of(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    Topics topic = Topics.values()[in.get()];
    byte[] key = new byte[Short.toUnsignedInt(in.getShort())];
    in.get(key);
    byte[] value = new byte[in.remaining()];
    in.get(value);
    return new Outgoing(topic, key, value);
  }
}
