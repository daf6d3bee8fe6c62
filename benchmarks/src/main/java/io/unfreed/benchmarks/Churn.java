package io.unfreed.benchmarks;

import java.util.SplittableRandom;

/**
 * Allocations as a heap sees them: a random live block is freed, a new one of 16 to 560 bytes takes
 * its place at an address of its own. Repeatable; not thread-safe.
 */
final class Churn {
  private static final long HEAP = 0x5555_5555_0000L;

  private final SplittableRandom random = new SplittableRandom(42);
  private final long[] live;
  private long nextAddress = HEAP;

  Churn(int liveBlocks) {
    live = new long[liveBlocks];
    for (int i = 0; i < liveBlocks; i++) {
      live[i] = newAddress();
    }
  }

  /** Addresses of the blocks that are live. */
  long[] live() {
    return live;
  }

  /** Fills every even place with a live block and the odd place behind it with its successor. */
  void replace(long[] addresses) {
    for (int i = 0; i < addresses.length; i += 2) {
      int which = random.nextInt(live.length);
      addresses[i] = live[which];
      live[which] = newAddress();
      addresses[i + 1] = live[which];
    }
  }

  /** Fills with new blocks, which are not noted as live. */
  void grow(long[] addresses) {
    for (int i = 0; i < addresses.length; i++) {
      addresses[i] = newAddress();
    }
  }

  private long newAddress() {
    long address = nextAddress;
    nextAddress += 16 + (random.nextInt(560) & ~15);
    return address;
  }
}
