package io.unfreed.streams.ledger;

/** Addresses whose hashes share all but their last 20 bits, made by one who knows the hash. */
final class CraftedAddresses {
  private static final long FIRST_FACTOR = 0x9E37_79B9_7F4A_7C15L;
  private static final long PREFIX = 0x1234_5678_9AB0_0000L;

  private final BlockHash hash;
  private final long ofFirst = inverse(FIRST_FACTOR);
  private final long ofFactor;

  CraftedAddresses(BlockHash hash) {
    this.hash = hash;
    this.ofFactor = inverse(hash.factor());
  }

  long address(int number) {
    long wanted = PREFIX + number;
    long address = fold(fold(wanted * ofFactor) * ofFirst) ^ hash.salt();
    if (hash.of(address) != wanted) {
      throw new AssertionError("the hash is another one");
    }
    return address;
  }

  /** Its own inverse. */
  private static long fold(long word) {
    return word ^ word >>> Integer.SIZE;
  }

  /** Of an odd number modulo 2^64, by Newton's iteration. */
  private static long inverse(long odd) {
    long inverse = odd;
    for (int i = 0; i < 6; i++) {
      inverse *= 2 - odd * inverse;
    }
    return inverse;
  }
}
