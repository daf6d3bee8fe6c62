package io.unfreed.streams.ledger;

import java.util.UUID;

/**
 * The hash of one {@link BlockTable}. Addresses come from recorded programs, which may choose them:
 * nobody can choose many of one hash who does not know the salt and the factor, and both are drawn
 * anew for every table. No number and no order depends on them.
 *
 * <p>The last step is a multiplication by a random odd factor, of which the top bits are used: for
 * any two inputs, the share of factors for which d top bits agree is at most 2 / 2^d
 * (Dietzfelbinger et al., 1997).
 *
 * @param salt what every address is mixed with first
 * @param factor what is multiplied by last; odd
 */
record BlockHash(long salt, long factor) {
  private static final long FIRST_FACTOR = 0x9E37_79B9_7F4A_7C15L;
  private static final int TAG_SHIFT = 16;
  private static final int TAG = (1 << BlockSegment.TAG_BITS) - 1;

  BlockHash {
    if ((factor & 1) == 0) {
      throw new IllegalArgumentException("factor " + factor + " is even");
    }
  }

  /** One that nobody knows. */
  static BlockHash random() {
    UUID salt = UUID.randomUUID();
    UUID factor = UUID.randomUUID();
    return new BlockHash(
        salt.getMostSignificantBits() ^ salt.getLeastSignificantBits(),
        (factor.getMostSignificantBits() ^ factor.getLeastSignificantBits()) | 1);
  }

  /** Two rounds of fold and multiply: every bit of the address reaches the top bits and the tag. */
  long of(long address) {
    long salted = address ^ salt;
    long hash = (salted ^ salted >>> Integer.SIZE) * FIRST_FACTOR;
    return (hash ^ hash >>> Integer.SIZE) * factor;
  }

  /** The piece of a hash that is kept beside the number of a row. */
  static int tag(long hash) {
    return (int) (hash >>> TAG_SHIFT) & TAG;
  }
}
