package io.unfreed.schemas.topic;

import java.nio.charset.StandardCharsets;

/**
 * In which partition of {@code unfreed.events} a lane is. A session states at its start by how many
 * partitions its lanes are placed, in a header of its records: all its batches stay where they
 * began, however many partitions the topic is given later.
 */
public final class LanePlacement {
  /** Header on a session's records: the number of partitions, in decimal. */
  public static final String HEADER = "unfreed-partitions";

  private static final int MIX = 0x5bd1e995;
  private static final int SEED = 0x9747b28c;

  private LanePlacement() {}

  /** Partition of a key among so many, as Kafka's own producers place it. */
  public static int partition(byte[] key, int partitions) {
    return (hash(key) & Integer.MAX_VALUE) % partitions;
  }

  /** Partition of a lane among so many. */
  public static int partition(LaneKey lane, int partitions) {
    return partition(lane.toString().getBytes(StandardCharsets.UTF_8), partitions);
  }

  /** The value of the header. */
  public static byte[] toHeader(int partitions) {
    return Integer.toString(partitions).getBytes(StandardCharsets.UTF_8);
  }

  /** What a header says, 0 for anything but a number of partitions. */
  public static int fromHeader(byte[] value) {
    try {
      String text = value == null ? "0" : new String(value, StandardCharsets.UTF_8);
      return Math.max(0, Integer.parseInt(text));
    } catch (NumberFormatException notANumber) {
      return 0;
    }
  }

  /** MurmurHash2, 32 bits, with the seed that Kafka uses. */
  private static int hash(byte[] key) {
    int hash = SEED ^ key.length;
    int words = key.length / Integer.BYTES;
    for (int i = 0; i < words; i++) {
      int at = i * Integer.BYTES;
      int word =
          (key[at] & 0xFF)
              | (key[at + 1] & 0xFF) << 8
              | (key[at + 2] & 0xFF) << 16
              | (key[at + 3] & 0xFF) << 24;
      word *= MIX;
      word ^= word >>> 24;
      hash = hash * MIX ^ word * MIX;
    }
    int rest = 0;
    for (int i = key.length - 1; i >= words * Integer.BYTES; i--) {
      rest = rest << 8 | (key[i] & 0xFF);
    }
    if (key.length % Integer.BYTES != 0) {
      hash = (hash ^ rest) * MIX;
    }
    hash = (hash ^ hash >>> 13) * MIX;
    return hash ^ hash >>> 15;
  }
}
