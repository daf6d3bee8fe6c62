package io.unfreed.streams.lane;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.streams.ledger.AddressSpace;
import java.util.Comparator;

/**
 * What a per-stack number is about: a stack that holds blocks of two spaces is two entries.
 *
 * @param stackId content hash of the frames
 * @param space address space of the blocks
 */
public record StackKey(StackId stackId, AddressSpace space) {
  /** By stack id, then by space. */
  public static final Comparator<StackKey> ORDER =
      Comparator.comparing(StackKey::stackId).thenComparing(StackKey::space);
}
