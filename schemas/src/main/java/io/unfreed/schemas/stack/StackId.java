package io.unfreed.schemas.stack;

import io.unfreed.schemas.StackHash;
import java.util.HexFormat;

/**
 * A call stack's identity: the first 128 bits of SHA-256 over its frame keys, so that the same code
 * path has the same id on every host. Ordered as unsigned bytes, which is the order of the hex
 * text.
 *
 * @param high the first 8 bytes, big endian
 * @param low the last 8 bytes, big endian
 */
public record StackId(long high, long low) implements Comparable<StackId> {
  /** Size of the binary form. */
  public static final int BYTES = 16;

  /** Stands for every stack whose reference was never resolved: {@code unknown (lost)}. */
  public static final StackId UNKNOWN = new StackId(0, 0);

  /** Reads 16 bytes, big endian. */
  public static StackId read(byte[] bytes, int offset) {
    return new StackId(Bytes.longAt(bytes, offset), Bytes.longAt(bytes, offset + 8));
  }

  /** From the Avro form. */
  public static StackId of(StackHash hash) {
    return read(hash.bytes(), 0);
  }

  /** The Avro form. */
  public StackHash toHash() {
    byte[] bytes = new byte[BYTES];
    write(bytes, 0);
    return new StackHash(bytes);
  }

  /** Writes 16 bytes, big endian. */
  public void write(byte[] bytes, int offset) {
    Bytes.putLong(bytes, offset, high);
    Bytes.putLong(bytes, offset + 8, low);
  }

  /** Reads 32 hex digits. */
  public static StackId parse(String hex) {
    return read(HexFormat.of().parseHex(hex), 0);
  }

  @Override
  public int compareTo(StackId other) {
    int order = Long.compareUnsigned(high, other.high);
    return order != 0 ? order : Long.compareUnsigned(low, other.low);
  }

  /** 32 lower-case hex digits. */
  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
