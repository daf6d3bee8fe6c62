package io.unfreed.streams.window;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.streams.lane.StackKey;
import java.util.Comparator;

/**
 * What blocks have in common.
 *
 * @param stack stack that allocated them, and space
 * @param number thread or size, null where they are not told apart by one
 * @param releaser stack that released them; null where they are not told apart by it, or were not
 *     released
 */
public record BlockKey(StackKey stack, Long number, StackId releaser) {
  /** By stack, then by the rest. */
  public static final Comparator<BlockKey> ORDER =
      Comparator.comparing(BlockKey::stack, StackKey.ORDER)
          .thenComparing(BlockKey::number, Comparator.nullsFirst(Comparator.naturalOrder()))
          .thenComparing(BlockKey::releaser, Comparator.nullsFirst(Comparator.naturalOrder()));
}
