package io.unfreed.streams.fuzz;

import java.util.Arrays;
import java.util.Random;

/** Numbers, texts and bytes that readers do not expect. */
public final class Absurd {
  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    63,
    64,
    4095,
    4096,
    4097,
    Byte.MIN_VALUE,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 32,
    1L << 47,
    5_000_000_000L,
    1_769_859_922_000_000_000L,
    Long.MAX_VALUE - 1,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 1
  };

  private static final String[] TEXTS = {
    "",
    " ",
    "/",
    "|",
    "%7C",
    "a/b/c",
    "..",
    "%s%n%d",
    "\n",
    "x\nunfreed: forged",
    "\u001b[31m\u001b]0;title\u0007",
    "\u0000",
    "\u009b2J",
    "\u202egnp.exe",
    "\u2028",
    "\uD83D\uDE00",
    "\uD800",
    "\"}\n{\"schema\":\"unfreed.report/1\"}",
    "x".repeat(10_000)
  };

  private Absurd() {}

  /** Any number, most often one at a boundary. */
  public static long number(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextLong();
      case 1 -> random.nextInt(200) - 20;
      default -> NUMBERS[random.nextInt(NUMBERS.length)];
    };
  }

  /** Any text. */
  public static String text(Random random) {
    return TEXTS[random.nextInt(TEXTS.length)];
  }

  /** A copy with a few changes: bits, bytes, runs that are cut, doubled, put elsewhere. */
  public static byte[] changed(Random random, byte[] bytes) {
    byte[] changed = bytes.clone();
    for (int n = 1 + random.nextInt(4); n > 0 && changed.length > 0; n--) {
      int at = random.nextInt(changed.length);
      int length = Math.min(changed.length - at, 1 + random.nextInt(40));
      changed =
          switch (random.nextInt(7)) {
            case 0 -> Arrays.copyOf(changed, at);
            case 1 -> spliced(changed, at, length, new byte[0]);
            case 2 -> spliced(changed, at, 0, Arrays.copyOfRange(changed, at, at + length));
            case 3 -> spliced(changed, at, length, filled(random, length));
            case 4 -> spliced(changed, at, Math.min(length, 10), varint(number(random)));
            default -> flipped(random, changed, at);
          };
    }
    return changed;
  }

  private static byte[] flipped(Random random, byte[] bytes, int at) {
    bytes[at] ^= (byte) (1 << random.nextInt(8));
    return bytes;
  }

  private static byte[] filled(Random random, int length) {
    byte[] run = new byte[length];
    if (random.nextBoolean()) {
      random.nextBytes(run);
    } else {
      Arrays.fill(run, (byte) (random.nextBoolean() ? 0 : 0xFF));
    }
    return run;
  }

  /** As Avro writes a long: zigzag, seven bits a byte. */
  private static byte[] varint(long value) {
    byte[] out = new byte[10];
    long raw = (value << 1) ^ (value >> 63);
    int length = 0;
    while ((raw & ~0x7FL) != 0) {
      out[length++] = (byte) (raw | 0x80);
      raw >>>= 7;
    }
    out[length++] = (byte) raw;
    return Arrays.copyOf(out, length);
  }

  /** With {@code length} bytes at a place replaced. */
  private static byte[] spliced(byte[] bytes, int at, int length, byte[] by) {
    byte[] out = new byte[bytes.length - length + by.length];
    System.arraycopy(bytes, 0, out, 0, at);
    System.arraycopy(by, 0, out, at, by.length);
    System.arraycopy(bytes, at + length, out, at + by.length, bytes.length - at - length);
    return out;
  }
}
