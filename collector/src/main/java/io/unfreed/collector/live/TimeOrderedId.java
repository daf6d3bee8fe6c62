package io.unfreed.collector.live;

import java.security.SecureRandom;
import java.util.UUID;

/** Session ids: UUID version 7 (RFC 9562, section 5.7), random behind a millisecond time stamp. */
final class TimeOrderedId {
  private static final SecureRandom RANDOM = new SecureRandom();

  private TimeOrderedId() {}

  static String at(long epochMillis) {
    long high = (epochMillis << 16) | 0x7000 | RANDOM.nextInt(1 << 12);
    long low = (RANDOM.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }
}
