package io.unfreed.collector.importer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * MurmurHash3_x64_128 with seed 0 by Austin Appleby (public domain; aappleby/smhasher,
 * MurmurHash3.cpp), over bytes given piece by piece. Tells files apart; does not resist people who
 * make collisions on purpose. Not thread-safe.
 */
final class Murmur128 {
  private static final int BLOCK_BYTES = 16;
  private static final long C1 = 0x87c37b91114253d5L;
  private static final long C2 = 0x4cf5ad432745937fL;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] rest = new byte[BLOCK_BYTES];
  private int restLength;
  private long length;
  private long h1;
  private long h2;

  /** Takes in the next bytes. */
  void update(byte[] bytes, int offset, int count) {
    int at = offset;
    int end = offset + count;
    length += count;
    if (restLength > 0) {
      int taken = Math.min(BLOCK_BYTES - restLength, count);
      System.arraycopy(bytes, at, rest, restLength, taken);
      restLength += taken;
      at += taken;
      if (restLength < BLOCK_BYTES) {
        return;
      }
      blocks(rest, 0, BLOCK_BYTES);
      restLength = 0;
    }
    int whole = at + (end - at) / BLOCK_BYTES * BLOCK_BYTES;
    blocks(bytes, at, whole);
    restLength = end - whole;
    System.arraycopy(bytes, whole, rest, 0, restLength);
  }

  private void blocks(byte[] bytes, int from, int to) {
    long a = h1;
    long b = h2;
    for (int at = from; at < to; at += BLOCK_BYTES) {
      a ^= mix1((long) LONG.get(bytes, at));
      a = (Long.rotateLeft(a, 27) + b) * 5 + 0x52dce729;
      b ^= mix2((long) LONG.get(bytes, at + 8));
      b = (Long.rotateLeft(b, 31) + a) * 5 + 0x38495ab5;
    }
    h1 = a;
    h2 = b;
  }

  /** The hash of everything taken in, 32 hex digits: h1, then h2. */
  String hex() {
    Arrays.fill(rest, restLength, BLOCK_BYTES, (byte) 0);
    long a = h1 ^ (restLength > 0 ? mix1((long) LONG.get(rest, 0)) : 0);
    long b = h2 ^ (restLength > 8 ? mix2((long) LONG.get(rest, 8)) : 0);
    a ^= length;
    b ^= length;
    a += b;
    b += a;
    a = finish(a);
    b = finish(b);
    a += b;
    b += a;
    return "%016x%016x".formatted(a, b);
  }

  /** The hash of a text in UTF-8. */
  static String hex(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    Murmur128 hash = new Murmur128();
    hash.update(utf8, 0, utf8.length);
    return hash.hex();
  }

  private static long mix1(long k) {
    return Long.rotateLeft(k * C1, 31) * C2;
  }

  private static long mix2(long k) {
    return Long.rotateLeft(k * C2, 33) * C1;
  }

  private static long finish(long k) {
    long x = k ^ (k >>> 33);
    x *= 0xff51afd7ed558ccdL;
    x ^= x >>> 33;
    x *= 0xc4ceb9fe1a85ec53L;
    return x ^ (x >>> 33);
  }
}
