package io.unfreed.collector.importer;

import io.unfreed.schemas.Frame;
import io.unfreed.schemas.stack.FrameKey;
import java.util.List;

/**
 * What a recording says of one call address: one frame, or several where functions are inlined.
 *
 * @param keys identities, innermost first
 * @param frames facts for people, innermost first
 */
record Code(List<FrameKey> keys, List<Frame> frames) {
  /** No code: index 0 of the formats. */
  static final Code NONE = new Code(List.of(), List.of());
}
