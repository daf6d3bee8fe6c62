package io.unfreed.collector.spool;

import io.unfreed.schemas.topic.Topics;
import java.nio.ByteBuffer;

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
